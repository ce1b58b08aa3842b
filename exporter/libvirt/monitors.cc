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

namespace virt {
namespace {

using Answer = MonitorPlan::Answer;
using Clock = std::chrono::steady_clock;
using Outcome = MonitorPlan::Outcome;

// At the end of a read, for what silent domains do say.
constexpr std::chrono::milliseconds kForSilent{200};

// With these, an answer that NOWAIT cut short can be told from a whole one.
Groups with_witness(Groups groups) { return (groups & kWitnesses) != 0 ? groups : groups | Group::kBalloon; }

Answer kind_of(const std::optional<Statistics>& domain) {
  return !domain ? Answer::kGone : domain->is_whole ? Answer::kComplete : Answer::kPartial;
}

}  // namespace

struct Monitors::BatchAnswer {
  MonitorPlan::Batch batch;
  std::shared_ptr<Lane> lane;      // none if the call failed
  std::optional<Answers> domains;  // one for each of the batch
  std::string error;               // why there are none
};

Monitors::Monitors(Options options, Means means, std::shared_ptr<Session> session)
    : options_(std::move(options)), means_(std::move(means)), session_(std::move(session)), plan_(options_.plan) {}

Monitors::~Monitors() {
  for (auto& lane : idle_lanes_) means_.threads.discard(std::move(lane));
}

void Monitors::read(std::vector<Domain>& domains, Groups groups, Waiters& waiters, const MakeSnapshot& so_far) {
  const auto free = released(waiters);  // before anything is asked: late answers that come meanwhile are nobody's
  list(domains);
  asking_ = std::make_unique<Asking>(Asking{{}, with_witness(groups), std::make_shared<StatsByUuid>()});
  const std::shared_ptr<void> end{nullptr, [this](void*) { asking_ = nullptr; }};  // also of a read that throws
  for (Domain& domain : domains) asking_->domains.push_back(&domain);
  plan_.begin(uuids_, free, Clock::now());
  run_plan(waiters, so_far);
  spdlog::debug("queried the monitors of {} domains with {} calls; {} calls still hang", uuids_.size(), asking_->calls,
                plan_.calls_left_behind());
  if (asking_->answered && !asking_->failed) means_.log.no_problem("monitors of domains", "can be read again");
  if (asking_->failed && !is_alive(waiters))
    throw std::runtime_error("the connection to libvirt was lost while domains were read");
  add_silent(domains, waiters);
  means_.cpu_times.remember(domains);
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

void Monitors::mark(std::vector<Domain>& domains, Snapshot& snapshot) const {
  std::erase_if(domains, [&](const Domain& domain) { return plan_.outcome(domain.uuid) == Outcome::kGone; });
  static const Stats responds = to_stats({{"monitor.responding", 1}}), silent = to_stats({{"monitor.responding", 0}});
  snapshot.incomplete = 0;
  snapshot.calls_left_behind = plan_.calls_left_behind();
  for (Domain& domain : domains) {
    if (!domain.active) continue;
    const Outcome outcome = plan_.outcome(domain.uuid);
    if (outcome != Outcome::kNotAsked) domain.stats.append(outcome == Outcome::kComplete ? responds : silent);
    if (outcome != Outcome::kComplete) ++*snapshot.incomplete;
  }
}

// Of the session; nothing if it is late, or no thread is to be had: the domains that are listed are told without it.
template <typename Call>
auto Monitors::try_await(Call call, const Waiters& waiters) -> std::optional<decltype(call())> {
  try {
    return means_.calls.await(std::move(call), waiters);
  } catch (const std::system_error&) {
    return std::nullopt;
  }
}

std::unordered_set<std::string> Monitors::released(const Waiters& waiters) {
  if (plan_.held().empty()) return {};
  const auto released =
      try_await(timed(means_.kinds.control, [session = session_, held = plan_.held(),
                                             moment = plan_.patience()] { return session->released(held, moment); }),
                waiters);
  return released.value_or(std::unordered_set<std::string>{});
}

bool Monitors::is_alive(const Waiters& waiters) {
  const auto is_alive =
      try_await(timed(means_.kinds.control, [session = session_] { return session->is_alive(); }), waiters);
  return is_alive.value_or(true);  // it may yet answer
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
    const bool reported = means_.inbox->run_one(std::min({plan_.wake(), waiters.first(), end}));
    waiters.answer_due(Clock::now(), so_far);
    if (!reported && Clock::now() >= end) return;
  }
}

// ---- Batches -----------------------------------------------------------------------------------------------

void Monitors::ask(MonitorPlan::Batch batch) {
  ++asking_->calls;
  const auto answer = std::make_shared<BatchAnswer>(BatchAnswer{std::move(batch), take_lane(), {}, {}});
  const auto call = [answer, groups = asking_->groups, kind = means_.kinds.domain] {
    try {
      const TimedCall timed{*kind};
      answer->domains = answer->lane->read(answer->batch.domains, groups);
    } catch (const std::exception& error) {
      answer->error = error.what();
      answer->lane = nullptr;
    }
  };
  const auto report = [monitors = weak_from_this(), answer, &threads = means_.threads, inbox = means_.inbox] {
    inbox->post([monitors, answer, &threads] {
      const auto self = monitors.lock();
      if (!self && answer->lane) threads.discard(std::move(answer->lane));  // the session was lost meanwhile
      if (self) self->finish(*answer);
    });
  };
  try {
    means_.threads.run(call, report);
  } catch (const std::system_error& no_thread) {
    answer->error = no_thread.what();
    report();
  }
}

std::shared_ptr<Lane> Monitors::take_lane() {
  if (idle_lanes_.empty()) return std::make_shared<Lane>(options_.uri);
  auto lane = std::move(idle_lanes_.back());
  idle_lanes_.pop_back();
  return lane;
}

void Monitors::finish(BatchAnswer& answer) {
  const MonitorPlan::Batch& batch = answer.batch;
  if (answer.lane) idle_lanes_.push_back(std::move(answer.lane));
  std::vector<Answer> kinds;
  if (answer.domains)
    std::transform(answer.domains->begin(), answer.domains->end(), std::back_inserter(kinds), kind_of);
  const bool is_new = plan_.answered(batch, kinds, Clock::now());
  if (!asking_ || !is_new) return;
  (answer.domains ? asking_->answered : asking_->failed) = true;
  if (!answer.domains) means_.log.problem("monitors of domains", answer.error);
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (kinds[i] != Answer::kComplete) continue;
    Domain*& domain = asking_->domains[positions_.at(batch.domains[i])];
    if (domain == nullptr) continue;
    domain->stats.append((*answer.domains)[i]->stats);
    domain = nullptr;  // the first whole answer counts
  }
}

// ---- Domains that do not answer ----------------------------------------------------------------------------

bool Monitors::is_silent(const Domain& domain) const {
  const Outcome outcome = plan_.outcome(domain.uuid);
  return domain.active && outcome != Outcome::kComplete && outcome != Outcome::kGone;
}

void Monitors::read_silent(std::vector<std::string> uuids) {
  std::erase_if(uuids, [&](const std::string& uuid) { return asking_->silent->count(uuid) > 0; });
  if (uuids.empty()) return;
  const auto call = [session = session_, uuids, groups = asking_->groups, silent = asking_->silent] {
    for (const std::string& uuid : uuids) silent->emplace(uuid, session->read_silent(uuid, groups));
  };
  try {
    means_.calls.start(timed(means_.kinds.control, call));
  } catch (const std::system_error& no_thread) {
    means_.log.problem("domains that do not respond", no_thread.what());
  }
}

// While others are waited for.
void Monitors::read_suspects() {
  if (means_.calls.idle()) read_silent(plan_.suspects());
}

// Reads what is still missing, if there is time, and adds it.
void Monitors::add_silent(std::vector<Domain>& domains, const Waiters& waiters) {
  if (!means_.calls.wait(waiters)) return;
  std::vector<std::string> uuids;
  for (const Domain& domain : domains)
    if (is_silent(domain)) uuids.push_back(domain.uuid);
  read_silent(std::move(uuids));
  if (!means_.calls.wait(waiters)) return;
  for (Domain& domain : domains) {
    const auto known = asking_->silent->find(domain.uuid);
    if (known == asking_->silent->end() || !is_silent(domain)) continue;
    if (const auto time = known->second.number("cpu.time"))  // of two values the first one counts
      domain.stats.add("cpu.time", means_.cpu_times.not_before(domain, *time));
    domain.stats.append(known->second);
  }
}

}  // namespace virt
