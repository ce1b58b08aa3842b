// SPDX-License-Identifier: Apache-2.0
// Reads libvirt by calls on threads of their own, any of which may hang, and waits for none of them longer
// than the scrapes allow.
#include "exporter/libvirt/libvirt_inspector.h"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "exporter/libvirt/call_threads.h"
#include "exporter/libvirt/connect.h"
#include "exporter/libvirt/cpu_times.h"
#include "exporter/libvirt/host_reader.h"
#include "exporter/libvirt/inbox.h"
#include "exporter/libvirt/jobs.h"
#include "exporter/libvirt/lane.h"
#include "exporter/libvirt/monitor_plan.h"
#include "exporter/libvirt/session.h"
#include "exporter/log.h"

namespace virt {
namespace {

using Answer = MonitorPlan::Answer;
using Outcome = MonitorPlan::Outcome;

constexpr Groups kMonitor = Group::kCpuTotal | Group::kBalloon | Group::kVcpu | Group::kBlock | Group::kIothread |
                            Group::kDirtyRate | Group::kVm;

constexpr Groups kHostSide = Group::kHost | Group::kPools | Group::kNetworks;

std::string host_name() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  return name;
}

// With these, an answer that NOWAIT cut short can be told from a whole one.
Groups with_witness(Groups groups) {
  return (groups & (Group::kBalloon | Group::kBlock)) != 0 ? groups : groups | Group::kBalloon;
}

// A domain whose monitor another call holds says nothing that is measured.
bool is_whole(const Domain& domain) {
  if (!domain.active || domain.number("balloon.rss")) return true;
  const auto disks = domain.stats.group("block");
  return std::any_of(disks.begin(), disks.end(), [](const Record& disk) { return disk.number("rd.reqs").has_value(); });
}

// libvirt may yet answer, so the connection is kept; keepalive finds out whether it is dead.
struct Late : std::runtime_error {
  Late() : std::runtime_error("libvirt did not answer within the time of the scrape") {}
};

class LibvirtInspector : public Inspector {
 public:
  explicit LibvirtInspector(LibvirtOptions options) : options_(std::move(options)) {
    plan_options_.workers = options_.workers;
    plan_options_.max_calls = options_.max_calls;
    start_event_loop();
    check_uri(options_.uri);
  }

  ~LibvirtInspector() override { disconnect(); }

  // A connection that died since the last read shows it at the first call on it; then a new one is tried
  // at once, so that a restart of libvirtd between two scrapes costs no scrape.
  Snapshot inspect(Groups groups, Waiters& waiters) override {
    while (inbox_->run_one(Deadline::min())) continue;  // what came back since the last read
    const bool connected = session_ != nullptr;
    try {
      return read(groups, waiters);
    } catch (const Late&) {
      throw;
    } catch (const std::exception&) {
      disconnect();
      if (!connected) throw;
    }
    return read(groups, waiters);
  }

  void wake() override {
    inbox_->post([] {});
  }

 private:
  using Clock = std::chrono::steady_clock;

  // Work beside a read, on a thread of its own, which may hang without holding the read up: one at a time.
  template <typename Result>
  struct Aside {
    const char* name;       // for the log
    bool is_out = false;    // it has not come back
    bool is_begun = false;  // by this read
    std::optional<Result> result = {};
  };

  // What the monitors are asked for a read that is under way.
  struct Asking {
    std::unordered_map<std::string, Domain*> domains;  // by UUID; those that are not complete
    Groups groups;
    bool failed = false;  // a call, with an error
  };

  struct BatchAnswer {
    std::optional<Readings> readings;
    std::string error;  // why there are none
  };

  void disconnect() {
    discard(std::exchange(session_, nullptr));
    for (auto& lane : std::exchange(idle_lanes_, {})) discard(std::move(lane));
    plan_ = nullptr;
  }

  // Closing a connection may hang as well.
  template <typename Shared>
  void discard(Shared shared) {
    if (shared) threads_.run([shared = std::move(shared)]() mutable { shared.reset(); });
  }

  // Runs `work` on a thread of its own, one at a time; gives its result, or nothing if it is late. If the
  // last one is still out it is waited for first: what it hangs in, this one would as well.
  template <typename Work>
  auto await(Work work, const Waiters& waiters) -> std::optional<decltype(work())> {
    struct Outcome {
      std::optional<decltype(work())> result;
      std::exception_ptr error;
    };
    if (!wait_for_work(waiters)) return std::nullopt;
    is_out_ = true;
    const auto outcome = std::make_shared<Outcome>();
    threads_.run([this, outcome, inbox = inbox_, work = std::move(work)] {
      try {
        outcome->result = work();
      } catch (...) {
        outcome->error = std::current_exception();
      }
      inbox->post([this] { is_out_ = false; });
    });
    if (!wait_for_work(waiters)) return std::nullopt;
    if (outcome->error) std::rethrow_exception(outcome->error);
    return std::move(outcome->result);
  }

  // Begins it, unless it still hangs since an earlier read.
  template <typename Result, typename Work>
  void begin(Aside<Result>& aside, Work work) {
    aside.is_begun = !aside.is_out;
    if (aside.is_out) return;
    aside.is_out = true;
    aside.result.reset();
    threads_.run([this, &aside, inbox = inbox_, work = std::move(work)] {
      const auto result = std::make_shared<std::optional<Result>>();
      const auto error = std::make_shared<std::string>();
      try {
        *result = work();
      } catch (const std::exception& exception) {
        *error = exception.what();
      }
      inbox->post([this, &aside, result, error] {
        aside.is_out = false;
        aside.result = std::move(*result);
        if (aside.result)
          log_.no_problem(aside.name, "can be read again");
        else
          log_.problem(aside.name, *error);
      });
    });
  }

  template <typename Result>
  void wait_for(const Aside<Result>& aside, const Waiters& waiters) {
    while (aside.is_begun && aside.is_out && inbox_->run_one(waiters.last())) continue;
  }

  bool wait_for_work(const Waiters& waiters) {
    while (is_out_)
      if (!inbox_->run_one(waiters.last()) && Clock::now() >= waiters.last()) return false;
    return true;
  }

  void connect(const Waiters& waiters) {
    auto session =
        await([options = options_,
               events = events_] { return std::make_shared<Session>(options.uri, options.xml_refresh, events); },
              waiters);
    if (!session) throw Late{};
    session_ = *std::move(session);
    plan_ = std::make_shared<MonitorPlan>(plan_options_);
    ++connects_;
  }

  Snapshot read(Groups groups, Waiters& waiters) {
    if (!session_) connect(waiters);
    auto domains = await([session = session_, groups] { return session->list(groups); }, waiters);
    if (!domains) throw Late{};
    host_.result.reset();
    if ((groups & kHostSide) != 0) begin(host_, [reader = host_reader_, groups] { return reader->read(groups); });
    Snapshot snapshot = ask_domains(groups, *std::move(domains), waiters);
    if ((groups & Group::kJobs) != 0) add_jobs(snapshot.domains, waiters);
    wait_for(host_, waiters);
    snapshot.host = host_.result.value_or(Stats{});
    return snapshot;
  }

  Snapshot ask_domains(Groups groups, std::vector<Domain> domains, Waiters& waiters) {
    Groups monitor = groups & kMonitor;
    if (!session_->has_bulk_statistics() || monitor == 0) return to_snapshot(std::move(domains));
    if (options_.backing_chain) monitor |= Group::kBackingChain;
    ask_monitors(domains, with_witness(monitor), waiters);
    add_silent(domains, monitor, waiters);
    cpu_times_.remember(domains);
    return told(std::move(domains));
  }

  // ---- Jobs --------------------------------------------------------------------------------------------

  // Domains whose monitor may be silent are asked apart, so that they keep nobody else waiting; what they say counts
  // whenever it comes.
  void add_jobs(std::vector<Domain>& domains, const Waiters& waiters) {
    take_jobs(silent_jobs_, domains);
    if (!jobs_.is_out) begin_jobs(domains);
    wait_for(jobs_, waiters);
    take_jobs(jobs_, domains);
  }

  void begin_jobs(const std::vector<Domain>& domains) {
    const auto responding = [](const Domain& domain) { return domain.number("monitor.responding"); };
    const bool were_asked = std::any_of(domains.begin(), domains.end(), responding);
    std::unordered_set<std::string> silent;
    for (const Domain& domain : domains)
      if (were_asked && responding(domain) != 1.0) silent.insert(domain.uuid);
    auto chosen = rotation_.choose(domains, Clock::now());
    const auto first_silent =
        std::partition(chosen.begin(), chosen.end(), [&](const auto& uuid) { return silent.count(uuid) == 0; });
    begin(jobs_, [reader = job_reader_, uuids = std::vector<std::string>{chosen.begin(), first_silent}] {
      return reader->read(uuids);
    });
    if (first_silent != chosen.end())
      begin(silent_jobs_, [reader = silent_job_reader_, uuids = std::vector<std::string>{first_silent, chosen.end()}] {
        return reader->read(uuids);
      });
  }

  void take_jobs(Aside<Jobs>& aside, std::vector<Domain>& domains) {
    const auto jobs = std::exchange(aside.result, std::nullopt);
    if (!jobs) return;
    for (const auto& [uuid, job] : *jobs) rotation_.answered(uuid, !job.empty());
    for (Domain& domain : domains)
      if (const auto job = jobs->find(domain.uuid); job != jobs->end()) domain.stats.append(job->second);
  }

  // ---- The monitors ------------------------------------------------------------------------------------

  void ask_monitors(std::vector<Domain>& domains, Groups groups, Waiters& waiters) {
    Asking asking{{}, groups};
    std::vector<std::string> uuids;
    for (Domain& domain : domains) {
      asking.domains.emplace(domain.uuid, &domain);
      uuids.push_back(domain.uuid);
    }
    const std::unordered_set<std::string> present{uuids.begin(), uuids.end()};
    for (const auto& lane : idle_lanes_) lane->retain(present);
    plan_->begin(uuids, released(waiters), Clock::now());
    asking_ = &asking;
    run_plan(domains, waiters);
    asking_ = nullptr;
    if (asking.failed && !is_alive(waiters)) throw std::runtime_error("libvirt was lost while its domains were read");
  }

  bool is_alive(const Waiters& waiters) {
    return await([session = session_] { return session->is_alive(); }, waiters).value_or(false);
  }

  std::unordered_set<std::string> released(const Waiters& waiters) {
    if (plan_->held().empty()) return {};
    const auto released = await([session = session_, held = plan_->held(),
                                 moment = plan_->patience()] { return session->released(held, moment); },
                                waiters);
    return released.value_or(std::unordered_set<std::string>{});
  }

  // Until all have answered that will, or until there is just time left to read what the silent ones do say.
  void run_plan(const std::vector<Domain>& domains, Waiters& waiters) {
    const Deadline start = Clock::now();
    while (true) {
      while (const auto batch = plan_->next(Clock::now())) ask(*batch);
      if (plan_->finished()) return;
      const Deadline last = std::max(waiters.last(), start);
      const Deadline end = last - std::min<Deadline::duration>((last - start) / 10, kForSilent);
      const bool reported = inbox_->run_one(std::min({plan_->wake(), waiters.first(), end}));
      waiters.answer_due(Clock::now(), [&] { return told(domains); });
      if (!reported && Clock::now() >= end) return;
    }
  }

  void ask(const MonitorPlan::Batch& batch) {
    threads_.run([this, batch, lane = take_lane(), groups = asking_->groups, plan = plan_, inbox = inbox_] {
      const auto answer = std::make_shared<BatchAnswer>();
      try {
        answer->readings = lane->read(batch.domains, groups);
      } catch (const std::exception& error) {
        answer->error = error.what();
      }
      inbox->post([this, batch, lane, plan, answer]() mutable {
        if (plan != plan_ || !answer->readings) discard(std::move(lane));
        if (plan != plan_) return;  // the connection was lost meanwhile, and what was asked with it
        if (lane) idle_lanes_.push_back(std::move(lane));
        finish(batch, *answer);
      });
    });
  }

  std::shared_ptr<Lane> take_lane() {
    if (idle_lanes_.empty()) return std::make_shared<Lane>(options_.uri);
    auto lane = std::move(idle_lanes_.back());
    idle_lanes_.pop_back();
    return lane;
  }

  void finish(const MonitorPlan::Batch& batch, const BatchAnswer& answer) {
    const auto answers = sort(batch, answer);
    const bool is_new = plan_->answered(batch.id, answers, Clock::now());
    if (asking_ == nullptr || !is_new) return;
    if (!answer.readings) {
      asking_->failed = true;
      log_.problem("monitors of domains", answer.error);
    }
    for (const auto& [uuid, kind] : answers) {
      const auto domain = asking_->domains.find(uuid);
      if (kind != Answer::kComplete || domain == asking_->domains.end()) continue;
      domain->second->stats.append(answer.readings->at(uuid).domain.stats);
      asking_->domains.erase(domain);  // the first whole answer counts
    }
  }

  static std::unordered_map<std::string, Answer> sort(const MonitorPlan::Batch& batch, const BatchAnswer& answer) {
    std::unordered_map<std::string, Answer> answers;
    if (!answer.readings) return answers;
    for (const std::string& uuid : batch.domains) {
      const auto reading = answer.readings->find(uuid);
      answers[uuid] = reading == answer.readings->end()  ? Answer::kGone
                      : is_whole(reading->second.domain) ? Answer::kComplete
                                                         : Answer::kPartial;
    }
    return answers;
  }

  // Reads of domains that did not answer what takes no job, if there is time.
  void add_silent(std::vector<Domain>& domains, Groups groups, const Waiters& waiters) {
    std::vector<std::string> silent;
    for (const Domain& domain : domains)
      if (domain.active && plan_->outcome(domain.uuid) != Outcome::kComplete) silent.push_back(domain.uuid);
    if (silent.empty()) return;
    const auto stats = await(
        [session = session_, silent, groups] {
          std::unordered_map<std::string, Stats> stats;
          for (const std::string& uuid : silent) stats.emplace(uuid, session->read_silent(uuid, groups));
          return stats;
        },
        waiters);
    if (!stats) return;
    for (Domain& domain : domains)
      if (const auto found = stats->find(domain.uuid); found != stats->end()) add_silent_stats(domain, found->second);
  }

  void add_silent_stats(Domain& domain, const Stats& stats) const {
    if (const auto time = stats.number("cpu.time"))  // of two values the first one counts
      domain.stats.add("cpu.time", cpu_times_.not_before(domain, *time));
    domain.stats.append(stats);
  }

  // ---- The snapshot ------------------------------------------------------------------------------------

  // With who has answered. Domains that vanished are not there.
  Snapshot told(std::vector<Domain> domains) {
    std::erase_if(domains, [&](const Domain& domain) { return plan_->outcome(domain.uuid) == Outcome::kGone; });
    std::size_t incomplete = 0;
    for (Domain& domain : domains) {
      if (!domain.active) continue;
      const Outcome outcome = plan_->outcome(domain.uuid);
      if (outcome != Outcome::kNotAsked) domain.stats.add("monitor.responding", outcome == Outcome::kComplete ? 1 : 0);
      if (outcome != Outcome::kComplete) ++incomplete;
    }
    Snapshot snapshot = to_snapshot(std::move(domains));
    snapshot.incomplete = incomplete;
    snapshot.calls_left_behind = plan_->calls_left_behind();
    return snapshot;
  }

  Snapshot to_snapshot(std::vector<Domain> domains) const {
    Snapshot snapshot;
    snapshot.up = true;
    snapshot.source = options_.host_name.empty() ? host_name() : options_.host_name;
    snapshot.timestamp = std::chrono::system_clock::now();
    snapshot.reconnects = connects_ - 1;
    snapshot.events = events_->counts();
    snapshot.domains = std::move(domains);
    if (host_.result) snapshot.host = *host_.result;
    return snapshot;
  }

  static constexpr std::chrono::milliseconds kForSilent{200};

  const LibvirtOptions options_;
  MonitorPlan::Options plan_options_;  // constant after construction
  // Reports captured `this`; they are run by inspect() alone, so never after this is gone.
  const std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
  const std::shared_ptr<Events> events_ = std::make_shared<Events>();
  CallThreads threads_;
  std::shared_ptr<Session> session_;
  std::shared_ptr<MonitorPlan> plan_;              // of the session's calls
  std::vector<std::shared_ptr<Lane>> idle_lanes_;  // the others are in calls
  bool is_out_ = false;                            // the last work of await()
  Asking* asking_ = nullptr;                       // while the monitors are asked
  CpuTimes cpu_times_;
  const std::shared_ptr<HostReader> host_reader_ = std::make_shared<HostReader>(options_.uri);
  const std::shared_ptr<JobReader> job_reader_ = std::make_shared<JobReader>(options_.uri),
                                   silent_job_reader_ = std::make_shared<JobReader>(options_.uri);
  Aside<Stats> host_{"host"};
  Aside<Jobs> jobs_{"jobs"}, silent_jobs_{"jobs of silent domains"};
  JobRotation rotation_{options_.xml_refresh};
  std::uint64_t connects_ = 0;
  LogOnce log_;
};

}  // namespace

std::unique_ptr<Inspector> make_libvirt_inspector(LibvirtOptions options) {
  return std::make_unique<LibvirtInspector>(std::move(options));
}

std::string libvirt_library_version() {
  unsigned long version = 0;
  virGetVersion(&version, nullptr, nullptr);
  return std::to_string(version / 1000000) + "." + std::to_string(version / 1000 % 1000) + "." +
         std::to_string(version % 1000);
}

}  // namespace virt
