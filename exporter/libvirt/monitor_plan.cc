// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/monitor_plan.h"

#include <algorithm>
#include <utility>

namespace virt {
namespace {

constexpr double kLate = 2;         // times as long as expected is late
constexpr std::size_t kPieces = 4;  // of a late batch
constexpr double kGain = 0.8;       // many callers must be that much quicker than few
constexpr double kForget = 0.97;    // with each scrape, of how long they took

std::chrono::steady_clock::duration duration(MonitorPlan::Seconds seconds) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(seconds);
}

}  // namespace

void MonitorPlan::begin(const std::vector<std::string>& domains, const std::unordered_set<std::string>& released,
                        Time now) {
  learn_from_scrape();
  ++scrape_;
  for (auto& [uuid, domain] : domains_) domain = {};
  pending_.clear();
  retries_.clear();
  begun_ = last_answer_ = now;
  for (const std::string& domain : domains) domains_[domain].is_listed = true;
  std::erase_if(domains_, [](const auto& entry) { return !entry.second.is_listed; });
  std::erase_if(held_, [&](const auto& domain) { return released.count(domain) > 0 || domains_.count(domain) == 0; });
  const std::unordered_set<std::string> out = all_out();
  std::vector<std::string> ask;
  for (const std::string& domain : domains)
    if (out.count(domain) == 0 && held_.count(domain) == 0) ask.push_back(domain);
  way_ = choose_way(ask.size());
  enqueue(ask, batch_size(way_, ask.size()));
}

// Few large batches are the quickest, and the cheapest for libvirtd, while monitors answer at once; where
// these are slow, many small ones are.
MonitorPlan::Way MonitorPlan::choose_way(std::size_t domains) const {
  const Experience &few = seen_[kFewLarge], &many = seen_[kManySmall];
  if (!few.took || *few.took < options_.quick) return kFewLarge;
  if (!many.took || !many.pace) return kManySmall;
  const bool few_would_be_quick = *many.pace * static_cast<double>(batch_size(kFewLarge, domains)) < options_.quick;
  return few_would_be_quick || *many.took > kGain * *few.took ? kFewLarge : kManySmall;
}

std::size_t MonitorPlan::batch_size(Way way, std::size_t domains) const {
  const std::size_t batches = way == kFewLarge ? options_.workers : 2 * options_.max_calls;
  return std::max<std::size_t>(1, (domains + batches - 1) / batches);
}

// A scrape that found a silent domain says nothing about the others, and the first one had to connect. What
// was not tried for long may be worth another try.
void MonitorPlan::learn_from_scrape() {
  const bool silent = std::any_of(calls_.begin(), calls_.end(), [&](const auto& entry) {
    return is_late(entry.second) && !entry.second.domains.empty();
  });
  if (!silent && scrape_ > 1 && last_answer_ > begun_) seen_[way_].took = last_answer_ - begun_;
  auto& other = seen_[way_ == kFewLarge ? kManySmall : kFewLarge].took;
  if (other) *other *= kForget;
}

std::size_t MonitorPlan::callers() const {
  return way_ == kManySmall || any_late() ? options_.max_calls : options_.workers;
}

bool MonitorPlan::any_late() const {
  return std::any_of(calls_.begin(), calls_.end(), [&](const auto& entry) { return is_late(entry.second); });
}

void MonitorPlan::enqueue(const std::vector<std::string>& domains, std::size_t size) {
  for (std::size_t at = 0; at < domains.size(); at += size) {
    const auto first = domains.begin() + static_cast<std::ptrdiff_t>(at);
    pending_.emplace_back(first, first + static_cast<std::ptrdiff_t>(std::min(size, domains.size() - at)));
  }
}

bool MonitorPlan::is_open(const std::string& domain) const {
  const auto found = domains_.find(domain);
  return found != domains_.end() && !found->second.complete && !found->second.gone;
}

bool MonitorPlan::is_out(const std::string& domain) const {
  return std::any_of(calls_.begin(), calls_.end(), [&](const auto& entry) {
    const auto& domains = entry.second.domains;
    return std::find(domains.begin(), domains.end(), domain) != domains.end();
  });
}

std::unordered_set<std::string> MonitorPlan::all_out() const {
  std::unordered_set<std::string> out;
  for (const auto& [id, call] : calls_) out.insert(call.domains.begin(), call.domains.end());
  return out;
}

std::size_t MonitorPlan::active() const {
  return static_cast<std::size_t>(
      std::count_if(calls_.begin(), calls_.end(), [&](const auto& entry) { return is_active(entry.second); }));
}

std::optional<MonitorPlan::Batch> MonitorPlan::next(Time now) {
  leave_late_calls_behind(now);
  enqueue_due_retries(now);
  while (!pending_.empty() && may_call()) {
    std::vector<std::string> domains = std::move(pending_.front());
    pending_.pop_front();
    std::erase_if(domains, [&](const std::string& domain) { return !is_open(domain); });
    if (domains.empty()) continue;
    for (const std::string& domain : domains) domains_[domain].asked = true;
    const Seconds expected = seen_[way_].pace.value_or(Seconds{0}) * static_cast<double>(domains.size());
    const Time late_at = now + duration(std::max(options_.patience, kLate * expected));
    calls_.emplace(++last_batch_, Call{domains, domains.size(), now, late_at, scrape_, false});
    return Batch{last_batch_, std::move(domains)};
  }
  return std::nullopt;
}

// Somewhere in the batch is a guest that does not answer. The others are asked again, in smaller pieces; the
// guest itself is by then held by the call that was left behind, and says so at once.
void MonitorPlan::leave_late_calls_behind(Time now) {
  for (auto& [id, call] : calls_) {
    if (!is_active(call) || now < call.late_at) continue;
    call.late = true;
    std::erase_if(call.domains, [&](const std::string& domain) { return !is_open(domain); });
    if (call.domains.size() > 1) enqueue(call.domains, std::max<std::size_t>(1, call.domains.size() / kPieces));
  }
}

void MonitorPlan::enqueue_due_retries(Time now) {
  std::vector<std::string> due;
  while (!retries_.empty() && retries_.begin()->first <= now) {
    due.push_back(std::move(retries_.begin()->second));
    retries_.erase(retries_.begin());
  }
  if (!due.empty()) pending_.push_front(std::move(due));
}

bool MonitorPlan::answered(const Batch& batch, const std::vector<Answer>& answers, Time now) {
  const auto found = calls_.find(batch.id);
  const Call call = std::move(found->second);
  calls_.erase(found);
  if (!call.late || call.domains.empty()) learn_pace(call, now);
  if (call.scrape != scrape_) return false;
  last_answer_ = now;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const std::string& domain = batch.domains[i];
    const Answer answer = answers[i];
    if (!is_open(domain)) continue;
    if (answer == Answer::kComplete) complete(domain);
    if (answer == Answer::kPartial) partial(domain, now);
    if (answer == Answer::kGone) domains_[domain].gone = true;
  }
  return true;
}

// Of a call that came back in time, or was slow but held by no domain.
void MonitorPlan::learn_pace(const Call& call, Time now) {
  const Seconds pace = Seconds{now - call.started} / static_cast<double>(call.size);
  auto& known = seen_[way_].pace;
  known = known ? *known * 0.7 + pace * 0.3 : pace;
}

// It did not hold any of the calls that are left behind.
void MonitorPlan::complete(const std::string& domain) {
  domains_[domain].complete = true;
  held_.erase(domain);
  for (auto& [id, call] : calls_)
    if (call.late) std::erase(call.domains, domain);
}

// Another call holds the monitor: for a moment, or for ever.
void MonitorPlan::partial(const std::string& domain, Time now) {
  auto& since = domains_[domain].partial_since;
  if (!since) since = now;
  if (now - *since < options_.patience)
    retries_.emplace(now + duration(options_.retry), domain);
  else if (!is_out(domain))
    held_.insert(domain);
}

MonitorPlan::Time MonitorPlan::wake() const {
  Time time = retries_.empty() ? Time::max() : retries_.begin()->first;
  for (const auto& [id, call] : calls_)
    if (is_active(call)) time = std::min(time, call.late_at);
  return time;
}

bool MonitorPlan::finished() const {
  if (active() > 0) return false;
  if (pending_.empty() && retries_.empty()) return true;
  return !may_call() && !any_late();  // what is late may be slow only, and come back
}

MonitorPlan::Outcome MonitorPlan::outcome(const std::string& domain) const {
  const auto found = domains_.find(domain);
  if (found != domains_.end() && found->second.complete) return Outcome::kComplete;
  if (found != domains_.end() && found->second.gone) return Outcome::kGone;
  const bool asked = found != domains_.end() && found->second.asked;
  return asked || is_out(domain) || held_.count(domain) > 0 ? Outcome::kSilent : Outcome::kNotAsked;
}

std::vector<std::string> MonitorPlan::suspects() const {
  std::unordered_set<std::string> held = held_;
  for (const auto& [id, call] : calls_)
    if (!is_active(call)) held.insert(call.domains.begin(), call.domains.end());
  std::vector<std::string> suspects;
  if (active() > 0 && held.empty()) return suspects;
  for (const auto& [uuid, domain] : domains_)
    if (is_open(uuid) && (active() == 0 || held.count(uuid) > 0)) suspects.push_back(uuid);
  return suspects;
}

std::size_t MonitorPlan::calls_left_behind() const {
  return static_cast<std::size_t>(
      std::count_if(calls_.begin(), calls_.end(), [&](const auto& entry) { return !is_active(entry.second); }));
}

}  // namespace virt
