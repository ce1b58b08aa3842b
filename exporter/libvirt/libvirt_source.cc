// SPDX-License-Identifier: Apache-2.0
// Reads libvirt by calls on threads of their own, any of which may hang, and waits for none of them longer
// than the scrapes allow.
#include "exporter/libvirt/libvirt_source.h"

#include <unistd.h>

#include <algorithm>
#include <functional>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "exporter/libvirt/about.h"
#include "exporter/libvirt/call_kinds.h"
#include "exporter/libvirt/connection.h"
#include "exporter/libvirt/domain_reader.h"
#include "exporter/libvirt/event_loop.h"
#include "exporter/libvirt/facts_reader.h"
#include "exporter/libvirt/host_connection.h"
#include "exporter/libvirt/jobs.h"
#include "exporter/libvirt/monitors.h"
#include "exporter/libvirt/named_part.h"
#include "exporter/libvirt/part.h"
#include "exporter/libvirt/statistics_groups.h"
#include "exporter/libvirt/storage_pools.h"
#include "exporter/libvirt/virtual_networks.h"
#include "exporter/stats_builder.h"

namespace virt {
namespace {

// One read after the other finds its threads there.
constexpr std::size_t kIdleThreads = 8;

std::string host_name() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  return name;
}

// Of calls that hang, at most so many in each part; the thread pools of libvirtd are small.
constexpr std::size_t kXmlCalls = 2, kNamedCalls = 5, kJobCalls = 1, kSilentCalls = 2;

class LibvirtSource : public Source {
 public:
  explicit LibvirtSource(LibvirtOptions options) : options_(std::move(options)) {
    start_event_loop();
    check_uri(options_.uri);
    awaited_ = {&host_, &pools_.part(), &networks_.part()};
    awaited_.insert(awaited_.end(), domains_.apart().begin(), domains_.apart().end());
    parts_ = awaited_;
    parts_.insert(parts_.end(), domains_.ways().begin(), domains_.ways().end());
    parts_.insert(parts_.end(), {&facts_.part(), &jobs_, &silent_});
  }

  // A connection that died since the last read shows it at the first call on it; then a new one is tried
  // at once, so that a restart of libvirtd between two scrapes costs no scrape.
  std::shared_ptr<SnapshotBase> read(Needs groups, Waiters& waiters) override {
    while (runner_->wait(Deadline::min())) continue;  // what came back since the last read
    const std::shared_ptr<void> end{nullptr, [this](void*) { kinds_.end_read(); }};  // also of a read that throws
    const bool connected = monitors_ != nullptr;
    try {
      return read_once(groups, waiters);
    } catch (const Late&) {
      throw;
    } catch (const std::system_error&) {
      throw;  // no thread is to be had, for which a new connection is no remedy
    } catch (const std::exception&) {
      disconnect();
      if (!connected) throw;
    }
    return read_once(groups, waiters);
  }

  std::shared_ptr<SnapshotBase> nothing() const override { return std::make_shared<Snapshot>(); }

  void wake() override { runner_->wake(); }

 private:
  using Clock = std::chrono::steady_clock;

  // What is known while it is read.
  struct ReadSoFar {
    Groups groups;
    bool up = false, needs_facts = false;
    std::optional<Clock::time_point> monitors_asked = {}, monitors_answered = {};
    std::vector<Domain> domains = {};
  };

  // The connections are dead; to close one may hang.
  void disconnect() {
    monitors_ = nullptr;
    facts_.outdate_all(Clock::now());
    for (Part* part : parts_) part->disconnect();
  }

  // Libvirt answered: what belongs to the connection begins anew if it was lost.
  void be_connected() {
    if (monitors_) return;
    MonitorPlan::Options plan;
    plan.workers = options_.workers;
    plan.max_calls = std::max<std::size_t>(options_.max_calls, 3) - 2;  // and one for jobs, and one that reads XML
    monitors_ = std::make_shared<Monitors>(Monitors::Options{options_.uri, plan, options_.xml_refresh},
                                           Monitors::Context{runner_, [this](Deadline until) { return wait(until); },
                                                             silent_, kinds_.domain, cpu_times_, log_});
    if (std::exchange(was_connected_, true)) kinds_.reconnects.Increment();
  }

  // Waits for anything to come back, and has every part go on.
  bool wait(Deadline until) {
    for (const Part* part : parts_) until = std::min(until, part->wake());
    const bool came = runner_->wait(until);
    for (Part* part : parts_) part->tend();
    domains_.go_on();
    pools_.go_on();
    networks_.go_on();
    return came;
  }

  template <typename Condition>
  void wait_while(Condition is_awaited, Waiters& waiters, const MakeSnapshot& so_far) {
    while (is_awaited() && Clock::now() < waiters.end()) {
      wait(std::min(waiters.first(), waiters.end()));
      waiters.answer_due(Clock::now(), so_far);
    }
  }

  std::shared_ptr<SnapshotBase> read_once(Groups groups, Waiters& waiters) {
    for (Part* part : parts_) part->begin_read();
    jobs_found_.clear();
    ReadSoFar read{groups};
    const auto so_far = [&] { return snapshot_of(read, read.domains); };
    host_found_ = {};
    domains_.ask(groups);
    wait_while([this] { return domains_.is_awaited(); }, waiters, so_far);
    take_domains(read);
    read_host_side(groups);
    if (read.up) read_domains(read, waiters, so_far);
    wait_while([this] { return is_awaited(); }, waiters, so_far);
    if (read.up && domains_.reads_each()) read_each(read, waiters, so_far);
    auto snapshot = snapshot_of(read, std::move(read.domains));
    if (!read.up && host_found_.empty() && !pools_.has_any() && !networks_.has_any()) throw Late{};
    domains_.end_read();
    for (Part* part : parts_) part->end_read();
    return snapshot;
  }

  // A domain that hangs is not waited for: its XML is known from before, and its job mostly none.
  bool is_awaited() const {
    return facts_.part().is_reading() || jobs_.is_reading() || domains_.is_listing_handles() ||
           std::any_of(awaited_.begin(), awaited_.end(), std::mem_fn(&Part::is_awaited));
  }

  void read_host_side(Groups groups) {
    if ((groups & Group::kHost) != 0) host_.ask({{}});
    if ((groups & Group::kPools) != 0) pools_.ask(Clock::now());
    if ((groups & Group::kNetworks) != 0) networks_.ask(Clock::now());
  }

  void take_domains(ReadSoFar& read) {
    try {
      read.domains = domains_.take();
      read.up = true;
      be_connected();
    } catch (const Late&) {
      return;  // the host may be known nevertheless
    }
  }

  void read_domains(ReadSoFar& read, Waiters& waiters, const MakeSnapshot& so_far) {
    const bool needs_targets = domains_.reads_each() && (read.groups & (Group::kInterface | Group::kBlock)) != 0;
    changed_.merge(events_->take_changed());
    read.needs_facts = (read.groups & Group::kXml) != 0 || needs_targets;
    if (read.needs_facts) facts_.ask(read.domains, std::exchange(changed_, {}), Clock::now());
    if (!domains_.reads_each() && (read.groups & kOfMonitors) != 0) ask_monitors(read, waiters, so_far);
    if ((read.groups & Group::kJobs) != 0) ask_jobs(read.domains, read.monitors_asked.has_value());
    domains_.read_apart(read.domains);
  }

  void ask_monitors(ReadSoFar& read, Waiters& waiters, const MakeSnapshot& so_far) {
    const Groups chain = options_.backing_chain ? Groups{Group::kBackingChain} : 0;
    read.monitors_asked = Clock::now();
    monitors_->read(read.domains, (read.groups & (kOfMonitors | Group::kHaltPolling)) | chain, waiters, so_far);
    read.monitors_answered = Clock::now();
  }

  void read_each(ReadSoFar& read, Waiters& waiters, const MakeSnapshot& so_far) {
    if (read.needs_facts) facts_.give(read.domains);
    domains_.read_each(read.domains);
    wait_while([this] { return domains_.is_reading_each(); }, waiters, so_far);
    read.domains = domains_.take_each(std::move(read.domains));
  }

  // ---- The jobs of domains -----------------------------------------------------------------------------

  // Of domains that respond, if their monitors `were_asked`: a call to another one might hang.
  void ask_jobs(const std::vector<Domain>& domains, bool were_asked) {
    if (jobs_.calls_out() >= kJobCalls) return jobs_.ask({});  // the turn of these domains is not to be lost
    std::unordered_set<std::string> silent;
    for (const Domain& domain : domains)
      if (were_asked && !monitors_->responds(domain)) silent.insert(domain.uuid);
    std::vector<JobConnection::Wanted> wanted;
    for (const std::string& uuid : rotation_.choose(domains, Clock::now()))
      if (silent.count(uuid) == 0) wanted.push_back({uuid});
    jobs_.ask(std::move(wanted));
  }

  void add_jobs(std::vector<Domain>& domains) {
    for (FoundJob& found : jobs_.take()) {
      rotation_.answered(found.uuid, !found.job.empty());
      jobs_found_[found.uuid] = std::move(found.job);
    }
    if (jobs_found_.empty()) return;
    for (Domain& domain : domains)
      if (const auto job = jobs_found_.find(domain.uuid); job != jobs_found_.end()) extend(domain.stats, job->second);
  }

  // ---- The snapshot ------------------------------------------------------------------------------------

  std::shared_ptr<Snapshot> snapshot_of(const ReadSoFar& read, std::vector<Domain> domains) {
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->up = read.up;
    snapshot->source = options_.host_name.empty() ? host_name() : options_.host_name;
    snapshot->events = events_->counts();
    domains_.add(domains);
    if (read.needs_facts) facts_.give(domains);
    add_jobs(domains);
    if (read.monitors_asked) {
      monitors_->mark(domains, *snapshot);
      *snapshot->calls_left_behind += facts_.part().calls_late();
    }
    snapshot->domains = std::move(domains);
    add_host(*snapshot);
    snapshot->parts = reports(read, *snapshot);
    snapshot->missing = missing(read, *snapshot);
    return snapshot;
  }

  void add_host(Snapshot& snapshot) {
    for (Stats& host : host_.take()) host_found_ = std::move(host);
    if (host_.report()) snapshot.host = host_found_;
    if (pools_.part().report()) extend(snapshot.host, pools_.host());
    if (networks_.part().report()) extend(snapshot.host, networks_.host());
  }

  std::vector<PartReport> reports(const ReadSoFar& read, const Snapshot& snapshot) const {
    std::vector<PartReport> reports = domains_.reports();
    if (read.monitors_asked)
      reports.push_back({"monitors", snapshot.incomplete == 0u,
                         read.monitors_answered.value_or(Clock::now()) - *read.monitors_asked,
                         monitors_->calls_left_behind()});
    for (const Part* part : {&facts_.part(), static_cast<const Part*>(&jobs_), static_cast<const Part*>(&host_),
                             &pools_.part(), &networks_.part()})
      if (const auto report = part->report()) reports.push_back(*report);
    return reports;
  }

  // What of the groups came of no domain, pool, or network at all.
  Groups missing(const ReadSoFar& read, const Snapshot& snapshot) const {
    const auto is_lost = [](const Part& part) {
      const auto report = part.report();
      return report && !report->success;
    };
    constexpr Groups kOfHost = Group::kHost | Group::kPools | Group::kNetworks;
    Groups missing = read.up ? domains_.missing() : (read.groups & ~kOfHost) | Group::kState;
    if (is_lost(host_) && snapshot.host.record("node").empty()) missing |= Group::kHost;
    if (is_lost(pools_.part()) && !pools_.has_any()) missing |= Group::kPools;
    if (is_lost(networks_.part()) && !networks_.has_any()) missing |= Group::kNetworks;
    if (is_lost(jobs_) && jobs_found_.empty()) missing |= Group::kJobs;
    return missing | missing_of_domains(read, snapshot.domains);
  }

  Groups missing_of_domains(const ReadSoFar& read, const std::vector<Domain>& domains) const {
    const auto is_any = [&](auto is_so) { return std::any_of(domains.begin(), domains.end(), is_so); };
    Groups missing = 0;
    if (read.monitors_asked && is_any(std::mem_fn(&Domain::active)) &&
        !is_any([](const Domain& domain) { return domain.number("monitor.responding") == 1.0; }))
      missing |= kOfMonitors & ~Groups{Group::kCpuTotal};  // which is known of silent domains, too
    if (read.needs_facts && !domains.empty() &&
        !is_any([](const Domain& domain) { return domain.facts != DomainFacts::none(); }))
      missing |= Group::kXml;
    return missing;
  }

  const LibvirtOptions options_;
  // Its reports captured what is here; they are done by read() alone, so never after this is gone.
  const std::shared_ptr<ThreadRunner> runner_ = std::make_shared<ThreadRunner>("libvirt-call", kIdleThreads);
  const std::shared_ptr<Events> events_ = std::make_shared<Events>();
  const CallKinds kinds_{options_.instruments};
  CpuTimes cpu_times_;
  LogOnce log_;
  std::shared_ptr<Monitors> monitors_;  // of the connection that is there
  bool was_connected_ = false;
  FactsCache::Uuids changed_;  // domains whose XML has changed since it was last asked for
  JobRotation rotation_{options_.xml_refresh};

  const Part::Context context_{runner_, log_};
  DomainReader domains_{context_, kinds_, options_.uri, options_.xml_refresh, events_};
  PartOf<SilentConnection> silent_{{.name = "silent", .kind = kinds_.control, .max_calls = kSilentCalls},
                                   context_,
                                   [uri = options_.uri] { return std::make_shared<SilentConnection>(uri); }};
  FactsReader facts_{
      {.name = "xml", .kind = kinds_.xml, .max_calls = kXmlCalls}, context_, options_.uri, options_.xml_refresh};
  PartOf<JobConnection> jobs_{{.name = "jobs", .kind = kinds_.job, .max_calls = kJobCalls},
                              context_,
                              [uri = options_.uri] { return std::make_shared<JobConnection>(uri); }};
  PartOf<HostConnection> host_{{.name = "host", .kind = kinds_.host}, context_, [this] {
                                 return std::make_shared<HostConnection>(options_.uri, options_.xml_refresh);
                               }};
  NamedPart<StoragePools> pools_{
      {.name = "pools", .kind = kinds_.host, .max_calls = kNamedCalls}, context_, options_.uri, options_.xml_refresh};
  NamedPart<VirtualNetworks> networks_{{.name = "networks", .kind = kinds_.host, .max_calls = kNamedCalls},
                                       context_,
                                       options_.uri,
                                       options_.xml_refresh};
  std::vector<Part*> parts_, awaited_;  // all, and those for which a read waits at its end
  // Of the read that is under way.
  std::unordered_map<std::string, Stats> jobs_found_;  // by UUID
  Stats host_found_;
};

}  // namespace

SourceKind libvirt_source(LibvirtOptions options) {
  return {Snapshot::kSource, std::make_shared<AboutLibvirt>(),
          [options = std::move(options)] { return std::make_unique<LibvirtSource>(options); }};
}

std::string libvirt_library_version() {
  unsigned long version = 0;
  virGetVersion(&version, nullptr, nullptr);
  return std::to_string(version / 1000000) + "." + std::to_string(version / 1000 % 1000) + "." +
         std::to_string(version % 1000);
}

}  // namespace virt
