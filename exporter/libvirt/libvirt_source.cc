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
#include <unordered_set>
#include <utility>

#include "exporter/libvirt/about.h"
#include "exporter/libvirt/aside.h"
#include "exporter/libvirt/call_kinds.h"
#include "exporter/libvirt/connect.h"
#include "exporter/libvirt/event_loop.h"
#include "exporter/libvirt/facts_reader.h"
#include "exporter/libvirt/host_reader.h"
#include "exporter/libvirt/jobs.h"
#include "exporter/libvirt/monitors.h"
#include "exporter/libvirt/statistics_groups.h"

namespace virt {
namespace {

// One read after the other finds its threads there.
constexpr std::size_t kIdleThreads = 8;

constexpr Groups kHostSide = Group::kHost | Group::kPools | Group::kNetworks;

std::string host_name() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  return name;
}

// libvirt may yet answer, so the connection is kept; keepalive finds out whether it is dead.
struct Late : std::runtime_error {
  Late() : std::runtime_error("libvirt did not respond before the scrape's deadline") {}
};

class LibvirtSource : public Source {
 public:
  explicit LibvirtSource(LibvirtOptions options) : options_(std::move(options)) {
    start_event_loop();
    check_uri(options_.uri);
  }

  ~LibvirtSource() override { disconnect(); }

  // A connection that died since the last read shows it at the first call on it; then a new one is tried
  // at once, so that a restart of libvirtd between two scrapes costs no scrape.
  std::shared_ptr<SnapshotBase> read(Needs groups, Waiters& waiters) override {
    while (inbox_->run_one(Deadline::min())) continue;  // what came back since the last read
    const std::shared_ptr<void> end{nullptr, [this](void*) { kinds_.end_read(); }};  // also of a read that throws
    const bool connected = session_ != nullptr;
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

  void wake() override {
    inbox_->post([] {});
  }

 private:
  using Clock = std::chrono::steady_clock;

  void connect(const Waiters& waiters) {
    auto session = calls_.await(timed(kinds_.connect,
                                      [options = options_, events = events_] {
                                        return std::make_shared<Session>(options.uri, options.xml_refresh, events);
                                      }),
                                waiters);
    if (!session) throw Late{};
    session_ = *std::move(session);
    MonitorPlan::Options plan;
    plan.workers = options_.workers;
    plan.max_calls = std::max<std::size_t>(options_.max_calls, 3) - 2;  // and one for jobs, and one that reads XML
    monitors_ =
        std::make_shared<Monitors>(Monitors::Options{options_.uri, plan},
                                   Monitors::Means{threads_, inbox_, calls_, kinds_, cpu_times_, log_}, session_);
    if (std::exchange(was_connected_, true)) kinds_.reconnects.Increment();
  }

  // Closing a connection may hang.
  void disconnect() {
    monitors_ = nullptr;
    facts_.outdate_all(Clock::now());
    if (session_) threads_.discard(std::move(session_));
  }

  std::shared_ptr<SnapshotBase> read_once(Groups groups, Waiters& waiters) {
    if (!session_) connect(waiters);
    const bool is_bulk = session_->has_bulk_statistics(), asks_monitors = is_bulk && (groups & kOfMonitors) != 0;
    const bool needs_targets = !is_bulk && (groups & (Group::kInterface | Group::kBlock)) != 0;
    const bool needs_facts = (groups & Group::kXml) != 0 || needs_targets;
    auto domains =
        calls_.await(timed(kinds_.list, [session = session_, groups] { return session->list(groups); }), waiters);
    if (!domains) throw Late{};
    facts_.begin_read(events_->take_changed(), Clock::now());
    host_.begin_read();
    jobs_.begin_read();
    if (needs_facts) facts_.begin(*domains);
    if ((groups & kHostSide) != 0)
      host_.begin(timed(kinds_.host, [reader = host_reader_, groups] { return reader->read(groups, Clock::now()); }));
    const auto snapshot = about_this_host();
    const auto so_far = [&] {
      auto so_far = std::make_shared<Snapshot>(*snapshot);
      so_far->domains = *domains;
      if (needs_facts) facts_.give(so_far->domains);
      if (asks_monitors) mark(so_far->domains, *so_far);
      return so_far;
    };
    if (asks_monitors) {
      const Groups chain = options_.backing_chain ? Groups{Group::kBackingChain} : 0;
      monitors_->read(*domains, (groups & kOfMonitors) | chain, waiters, so_far);
      mark(*domains, *snapshot);
    }
    if ((groups & Group::kJobs) != 0) begin_jobs(*domains);
    wait_while([this] { return host_.is_awaited() || jobs_.is_awaited() || facts_.is_awaited(); }, waiters, so_far);
    add_jobs(jobs_.take(), *domains);
    if (needs_facts) facts_.give(*domains);
    snapshot->host = host_.take().value_or(Stats{});
    snapshot->domains = is_bulk ? *std::move(domains) : read_each(*std::move(domains), groups, waiters);
    return snapshot;
  }

  void wait_while(const std::function<bool()>& is_awaited, Waiters& waiters, const MakeSnapshot& so_far) {
    for (auto now = Clock::now(); is_awaited() && now < waiters.end(); now = Clock::now()) {
      inbox_->run_one(std::min(waiters.first(), facts_.wake(now)));
      facts_.tend(Clock::now());
      waiters.answer_due(Clock::now(), so_far);
    }
  }

  std::vector<Domain> read_each(std::vector<Domain> domains, Groups groups, const Waiters& waiters) {
    auto read = calls_.await(timed(kinds_.domain, [session = session_, domains = std::move(domains),
                                                   groups] { return session->read_each(domains, groups); }),
                             waiters);
    if (!read) throw Late{};
    return *std::move(read);
  }

  void mark(std::vector<Domain>& domains, Snapshot& snapshot) const {
    monitors_->mark(domains, snapshot);
    *snapshot.calls_left_behind += facts_.calls_left_behind();
  }

  // ---- The jobs of domains -----------------------------------------------------------------------------

  // Of domains that respond: a call to another one might hang.
  void begin_jobs(const std::vector<Domain>& domains) {
    if (jobs_.is_out()) return;  // the turn of these domains is not to be lost
    const auto responding = [](const Domain& domain) { return domain.number("monitor.responding"); };
    const bool were_asked = std::any_of(domains.begin(), domains.end(), responding);
    std::unordered_set<std::string> silent;
    for (const Domain& domain : domains)
      if (were_asked && responding(domain) != 1.0) silent.insert(domain.uuid);
    auto chosen = rotation_.choose(domains, Clock::now());
    std::erase_if(chosen, [&](const std::string& uuid) { return silent.count(uuid) > 0; });
    if (!chosen.empty())
      jobs_.begin(timed(kinds_.job, [reader = job_reader_, chosen] { return reader->read(chosen); }));
  }

  void add_jobs(const std::optional<Jobs>& jobs, std::vector<Domain>& domains) {
    if (!jobs) return;
    for (const auto& [uuid, job] : *jobs) rotation_.answered(uuid, !job.empty());
    for (Domain& domain : domains)
      if (const auto job = jobs->find(domain.uuid); job != jobs->end()) domain.stats.append(job->second);
  }

  // ---- The snapshot ------------------------------------------------------------------------------------

  std::shared_ptr<Snapshot> about_this_host() const {
    auto snapshot = std::make_shared<Snapshot>();
    snapshot->up = true;
    snapshot->source = options_.host_name.empty() ? host_name() : options_.host_name;
    snapshot->events = events_->counts();
    return snapshot;
  }

  const LibvirtOptions options_;
  // Reports captured what is here; they are run by read() alone, so never after this is gone.
  const std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
  const std::shared_ptr<Events> events_ = std::make_shared<Events>();
  ThreadPool threads_{"libvirt-call", kIdleThreads};
  GuardedCalls calls_{threads_, inbox_};
  const CallKinds kinds_{options_.instruments};
  CpuTimes cpu_times_;
  LogOnce log_;
  std::shared_ptr<Session> session_;
  std::shared_ptr<Monitors> monitors_;  // of the session
  const std::shared_ptr<HostReader> host_reader_ = std::make_shared<HostReader>(options_.uri, options_.xml_refresh);
  const std::shared_ptr<JobReader> job_reader_ = std::make_shared<JobReader>(options_.uri);
  Aside<Stats> host_{"host", threads_, inbox_, log_};
  Aside<Jobs> jobs_{"jobs", threads_, inbox_, log_};
  JobRotation rotation_{options_.xml_refresh};
  FactsReader facts_{{options_.uri, options_.xml_refresh}, {threads_, inbox_, kinds_, log_}};
  bool was_connected_ = false;
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
