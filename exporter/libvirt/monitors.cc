// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/monitors.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <system_error>
#include <utility>

#include "exporter/libvirt/statistics_groups.h"
#include "exporter/stats_builder.h"

namespace virt {
namespace {

using Answer = MonitorPlan::Answer;
using Clock = std::chrono::steady_clock;
using Outcome = MonitorPlan::Outcome;

// At the end of a read, for what silent domains do say.
constexpr std::chrono::milliseconds kForSilent{200};

// With these, an answer that NOWAIT cut short can be told from a whole one.
Groups with_partial_answers_visible(Groups groups) {
  return (groups & kWitnesses) != 0 ? groups : groups | Group::kBalloon;
}

// Before any monitor is asked.
bool is_known_silent(const Domain& domain) { return domain.number("monitor.responding").has_value(); }

Answer kind_of(const std::optional<Statistics>& domain) {
  return !domain ? Answer::kGone : domain->is_whole ? Answer::kComplete : Answer::kPartial;
}

}  // namespace

struct Monitors::BatchAnswer {
  MonitorPlan::Batch batch;
  std::shared_ptr<MonitorConnection> connection;  // none if the call failed
  std::optional<Answers> domains;                 // one for each of the batch
  std::string error;                              // why there are none
  bool lost = false;                              // as the connection is dead
};

Monitors::Monitors(Options options, Context context)
    : options_(std::move(options)), context_(std::move(context)), plan_(options_.plan), needs_(options_.refresh) {}

Monitors::~Monitors() {
  for (auto& connection : idle_connections_) context_.runner->discard(std::move(connection));
}

void Monitors::read(std::vector<Domain>& domains, Groups groups, Waiters& waiters, const MakeSnapshot& so_far) {
  const auto free = released(waiters);  // before anything is asked: late answers that come meanwhile are nobody's
  list(domains);
  current_ = std::make_unique<CurrentRead>(CurrentRead{});
  const std::shared_ptr<void> end{nullptr, [this](void*) {  // also of a read that throws
                                    current_ = nullptr;
                                    plan_.end();
                                  }};
  const std::vector<Groups> needed = needs_.choose(domains, groups, Clock::now());
  for (std::size_t i = 0; i < domains.size(); ++i)
    current_->domains.push_back({&domains[i], with_partial_answers_visible(needed[i])});
  plan_.begin(in_order(), free, Clock::now());
  run_plan(waiters, so_far);
  spdlog::debug("queried the monitors of {} domains with {} calls; {} calls still hang", uuids_.size(), current_->calls,
                plan_.calls_left_behind());
  if (current_->lost) throw std::runtime_error("the connection to libvirt was lost while domains were read");
  if (current_->answered && !current_->failed) context_.log.no_problem("monitors of domains", "can be read again");
  add_silent(domains, waiters);
  context_.cpu_times.remember(domains);
}

void Monitors::list(const std::vector<Domain>& domains) {
  const auto is_of = [](const Domain& domain, const std::string& uuid) { return domain.uuid == uuid; };
  if (std::equal(domains.begin(), domains.end(), uuids_.begin(), uuids_.end(), is_of)) return;
  uuids_.clear();
  positions_.clear();
  for (const Domain& domain : domains) {
    positions_.emplace(domain.uuid, uuids_.size());
    uuids_.push_back(domain.uuid);
  }
}

// The UUIDs of those that may be asked; those that are asked for the same come together, for one call to ask them.
std::vector<std::string> Monitors::in_order() const {
  std::vector<Asked> asked;
  std::copy_if(current_->domains.begin(), current_->domains.end(), std::back_inserter(asked),
               [](const Asked& one) { return !is_known_silent(*one.domain); });
  std::stable_sort(asked.begin(), asked.end(), [](const Asked& a, const Asked& b) { return a.groups < b.groups; });
  std::vector<std::string> uuids;
  std::transform(asked.begin(), asked.end(), std::back_inserter(uuids),
                 [](const Asked& one) { return one.domain->uuid; });
  return uuids;
}

void Monitors::mark(std::vector<Domain>& domains, Snapshot& snapshot) const {
  std::erase_if(domains, [&](const Domain& domain) { return plan_.outcome(domain.uuid) == Outcome::kGone; });
  static const Stats responds = to_stats({{"monitor.responding", 1}}), silent = to_stats({{"monitor.responding", 0}});
  snapshot.incomplete = 0;
  snapshot.calls_left_behind = plan_.calls_left_behind();
  for (Domain& domain : domains) {
    if (!domain.active) continue;
    const Outcome outcome = plan_.outcome(domain.uuid);
    if (outcome != Outcome::kNotAsked) extend(domain.stats, outcome == Outcome::kComplete ? responds : silent);
    if (outcome != Outcome::kComplete) ++*snapshot.incomplete;
  }
}

void Monitors::wait_for_silent(const Waiters& waiters) {
  while (context_.silent.is_reading() && Clock::now() < waiters.end()) context_.wait(waiters.end());
}

std::unordered_set<std::string> Monitors::released(const Waiters& waiters) {
  std::unordered_set<std::string> released;
  if (plan_.held().empty()) return released;
  std::vector<WantedSilent> wanted;
  for (const std::string& uuid : plan_.held()) wanted.push_back({uuid, 0});
  context_.silent.ask(std::move(wanted));
  wait_for_silent(waiters);
  for (const FoundSilent& found : context_.silent.take())
    if (!found.held || *found.held <= plan_.patience()) released.insert(found.uuid);
  return released;
}

// Until all have answered that will, or until there is just time left to read what the silent ones do say.
void Monitors::run_plan(Waiters& waiters, const MakeSnapshot& so_far) {
  const Deadline start = Clock::now();
  while (true) {
    while (auto batch = plan_.next(Clock::now())) ask(*std::move(batch));
    if (plan_.finished()) return;
    read_suspects();
    const Deadline last = std::max(waiters.end(), start);
    const Deadline end = last - std::min<Deadline::duration>((last - start) / 10, kForSilent);
    const bool reported = context_.wait(std::min({plan_.wake(), waiters.first(), end}));
    waiters.answer_due(Clock::now(), so_far);
    if (!reported && Clock::now() >= end) return;
  }
}

// ---- Batches -----------------------------------------------------------------------------------------------

void Monitors::ask(MonitorPlan::Batch batch) {
  ++current_->calls;
  const auto answer = std::make_shared<BatchAnswer>(BatchAnswer{std::move(batch), take_connection(), {}, {}});
  std::vector<WantedOfMonitor> wanted;
  for (const std::string& uuid : answer->batch.domains) wanted.push_back({uuid, groups_of(uuid)});
  const auto call = [answer, wanted = std::move(wanted), kind = context_.kind] {
    try {
      const TimedCall timed{*kind};
      answer->domains = answer->connection->read(wanted);
    } catch (const std::exception& error) {
      answer->error = error.what();
      answer->lost = answer->connection->is_lost();
      answer->connection = nullptr;
    }
  };
  // The runner, which does it, keeps it until then: so it must not keep the runner.
  const auto report = [monitors = weak_from_this(), answer, &runner = *context_.runner] {
    const auto self = monitors.lock();
    if (!self && answer->connection) runner.discard(std::move(answer->connection));  // libvirt was lost meanwhile
    if (self) self->finish(*answer);
  };
  try {
    context_.runner->run(call, report);
  } catch (const std::system_error& no_thread) {
    answer->error = no_thread.what();
    report();
  }
}

std::shared_ptr<MonitorConnection> Monitors::take_connection() {
  if (idle_connections_.empty()) return std::make_shared<MonitorConnection>(options_.uri);
  auto connection = std::move(idle_connections_.back());
  idle_connections_.pop_back();
  return connection;
}

void Monitors::finish(BatchAnswer& answer) {
  const MonitorPlan::Batch& batch = answer.batch;
  if (answer.connection) idle_connections_.push_back(std::move(answer.connection));
  std::vector<Answer> kinds;
  if (answer.domains)
    std::transform(answer.domains->begin(), answer.domains->end(), std::back_inserter(kinds), kind_of);
  const bool is_new = plan_.answered(batch, kinds, Clock::now());
  if (!is_new) return;
  (answer.domains ? current_->answered : current_->failed) = true;
  current_->lost = current_->lost || answer.lost;
  if (!answer.domains) context_.log.problem("monitors of domains", answer.error);
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (kinds[i] != Answer::kComplete) continue;
    auto& [domain, groups] = current_->domains[positions_.at(batch.domains[i])];
    if (domain == nullptr) continue;
    const Stats& stats = (*answer.domains)[i]->stats;
    extend(domain->stats, stats);
    extend(domain->stats, needs_.answered(domain->uuid, groups, stats));
    domain = nullptr;  // the first whole answer counts
  }
}

// ---- Domains that do not answer ----------------------------------------------------------------------------

bool Monitors::is_silent(const Domain& domain) const {
  const Outcome outcome = plan_.outcome(domain.uuid);
  return domain.active && !is_known_silent(domain) && outcome != Outcome::kComplete && outcome != Outcome::kGone;
}

void Monitors::collect_silent() {
  for (FoundSilent& found : context_.silent.take()) current_->silent[found.uuid] = std::move(found.stats);
}

void Monitors::read_silent(const std::vector<std::string>& uuids) {
  std::vector<WantedSilent> wanted;
  for (const std::string& uuid : uuids)
    if (current_->silent.try_emplace(uuid).second) wanted.push_back({uuid, groups_of(uuid)});
  if (!wanted.empty()) context_.silent.ask(std::move(wanted));
}

// While others are waited for.
void Monitors::read_suspects() {
  if (context_.silent.is_reading()) return;
  collect_silent();
  read_silent(plan_.suspects());
}

// Reads what is still missing, if there is time, and adds it.
void Monitors::add_silent(std::vector<Domain>& domains, const Waiters& waiters) {
  wait_for_silent(waiters);
  collect_silent();
  std::vector<std::string> uuids;
  for (const Domain& domain : domains)
    if (is_silent(domain)) uuids.push_back(domain.uuid);
  read_silent(uuids);
  wait_for_silent(waiters);
  collect_silent();
  for (Domain& domain : domains) {
    const auto known = current_->silent.find(domain.uuid);
    if (known == current_->silent.end() || !is_silent(domain)) continue;
    if (const auto time = known->second.number("cpu.time"))  // of two values the first one counts
      extend(domain.stats, to_stats({{"cpu.time", context_.cpu_times.not_before(domain, *time)}}));
    extend(domain.stats, known->second);
  }
}

}  // namespace virt
