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
// Calls that are not risked for domains that may hang: two in case trusted domains hang, and one to ask the others.
constexpr std::size_t kReserve = 3;
constexpr std::size_t kFound = 9;     // domains that hang are found before more than one call is reserved
constexpr std::size_t kLowLimit = 5;  // of calls, of which none is reserved
constexpr std::size_t kOutage = 3;    // an outage is when a third of the calls hangs

std::size_t reserve(std::size_t max_calls) {
  if (max_calls <= kLowLimit) return 0;
  return max_calls <= kFound ? 1 : std::min(kReserve, max_calls - kFound);
}

std::chrono::steady_clock::duration duration(MonitorPlan::Seconds seconds) {
  return std::chrono::duration_cast<std::chrono::steady_clock::duration>(seconds);
}

}  // namespace

void MonitorPlan::begin(const std::vector<std::string>& domains, const std::unordered_set<std::string>& released,
                        Time now) {
  learn_from_scrape();
  ++scrape_;
  is_over_ = false;
  for (auto& [uuid, domain] : domains_) {
    const std::uint64_t answered_in = domain.answered_in;
    domain = {};
    domain.answered_in = answered_in;
  }
  pending_.clear();
  retries_.clear();
  begun_ = last_answer_ = now;
  for (const std::string& domain : domains) domains_[domain].is_listed = true;
  std::erase_if(domains_, [](const auto& entry) { return !entry.second.is_listed; });
  std::erase_if(held_, [&](const auto& domain) { return released.count(domain) > 0 || domains_.count(domain) == 0; });
  for (const std::string& domain : released) was_answered(domain, scrape_ - 1);
  begun_in_outage_ = is_outage();
  for (auto& [id, call] : calls_) go_on(call, released);
  for (auto& [id, call] : calls_)
    if (call.domains.size() == 1) holds_none(std::string{call.domains.front()}, &call);
  const std::unordered_set<std::string> out = not_to_ask(now);
  std::vector<std::string> ask;
  for (const std::string& domain : domains)
    if (out.count(domain) == 0 && held_.count(domain) == 0) ask.push_back(domain);
  enqueue_all(ask);
}

// Records an answer to any call, also to one whose values are not used.
void MonitorPlan::was_answered(const std::string& domain, std::uint64_t scrape) {
  const auto found = domains_.find(domain);
  if (found != domains_.end()) found->second.answered_in = scrape;
}

// A call to several domains that still has not returned after its domain was released hangs at one behind that.
void MonitorPlan::go_on(Call& call, const std::unordered_set<std::string>& released) {
  if (call.domains.size() == 1 && call.size > 1 && released.count(call.domains.front()) > 0)
    call.domains = std::exchange(call.behind, {});
  if (call.domains.size() != 1) std::erase_if(call.domains, [&](const auto& domain) { return !is_open(domain); });
}

// While some domains hang, those that did not answer in the last scrape are asked after the others, one by one.
void MonitorPlan::enqueue_all(const std::vector<std::string>& domains) {
  const bool none_hangs = hanging() == 0;
  std::vector<std::string> together, alone;
  for (const std::string& uuid : domains) {
    Domain& domain = domains_[uuid];
    domain.is_trusted = domain.answered_in > 0 && domain.answered_in + 1 == scrape_;
    (none_hangs || domain.is_trusted ? together : alone).push_back(uuid);
  }
  const auto answered_later = [&](const auto& a, const auto& b) {
    return domains_[a].answered_in > domains_[b].answered_in;
  };
  std::stable_sort(alone.begin(), alone.end(), answered_later);
  way_ = choose_way(together.size());
  enqueue(together, batch_size(way_, together.size()));
  enqueue(alone, 1);
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
  return way_ == kManySmall || late() > 0 ? options_.max_calls : options_.workers;
}

bool MonitorPlan::any_complete() const {
  return std::any_of(domains_.begin(), domains_.end(), [](const auto& entry) { return entry.second.complete; });
}

std::size_t MonitorPlan::late() const {
  return static_cast<std::size_t>(
      std::count_if(calls_.begin(), calls_.end(), [&](const auto& entry) { return is_late(entry.second); }));
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

// The domains of calls that are out, except of a late call to several: most of those do not hang.
std::unordered_set<std::string> MonitorPlan::not_to_ask(Time now) const {
  std::unordered_set<std::string> out;
  for (const auto& [id, call] : calls_)
    if (call.domains.size() == 1 || now < call.late_at) out.insert(call.domains.begin(), call.domains.end());
  return out;
}

std::size_t MonitorPlan::active() const {
  return static_cast<std::size_t>(
      std::count_if(calls_.begin(), calls_.end(), [&](const auto& entry) { return is_active(entry.second); }));
}

std::size_t MonitorPlan::spare_calls() const {
  const std::size_t used = calls_.size() + held_.size();
  return used < options_.max_calls ? options_.max_calls - used : 0;
}

// Whether a call that was left behind hangs at this domain or at one behind it.
bool MonitorPlan::is_first(const std::string& domain, const Call& call) const {
  return !is_active(call) && !call.domains.empty() && call.domains.front() == domain;
}

bool MonitorPlan::is_outage() const { return hanging() * kOutage >= options_.max_calls; }

// Whether it surely answers at once: in part because another call holds it, or because a call that hangs got to it.
bool MonitorPlan::is_safe(const std::string& domain) const {
  return domains_.at(domain).partial_since ||
         std::any_of(calls_.begin(), calls_.end(), [&](const auto& entry) { return is_first(domain, entry.second); });
}

// The last call is never risked at the same time as another one, nor after more than one domain hung in this scrape.
bool MonitorPlan::may_ask(const std::vector<std::string>& domains) const {
  const std::size_t spare = spare_calls();
  if (spare == 0 || active() >= callers()) return false;
  if (hanging() == 0 || spare > reserve(options_.max_calls)) return true;
  if (std::all_of(domains.begin(), domains.end(), [&](const auto& domain) { return is_safe(domain); })) return true;
  const bool trusted =
      std::all_of(domains.begin(), domains.end(), [&](const auto& domain) { return domains_.at(domain).is_trusted; });
  return trusted && (spare > 1 || (active() == 0 && late() <= 1));
}

// Whether no domain answered for which calls should be kept.
bool MonitorPlan::nothing_to_lose() const {
  return hanging() > 0 && spare_calls() > 0 && active() == 0 && retries_.empty() && !any_complete();
}

std::optional<MonitorPlan::Batch> MonitorPlan::next(Time now) {
  leave_late_calls_behind(now);
  enqueue_due_retries(now);
  if (is_outage()) split_where_calls_are_short();
  for (auto& domains : pending_)
    std::erase_if(domains, [&](const std::string& domain) { return !is_open(domain) || domains_[domain].in_call; });
  std::erase_if(pending_, [](const auto& domains) { return domains.empty(); });
  auto next = std::find_if(pending_.begin(), pending_.end(), [&](const auto& domains) { return may_ask(domains); });
  if (next == pending_.end() && nothing_to_lose()) next = pending_.begin();
  if (next == pending_.end()) return std::nullopt;
  std::vector<std::string> domains = std::move(*next);
  pending_.erase(next);
  return make_call(std::move(domains), now);
}

MonitorPlan::Batch MonitorPlan::make_call(std::vector<std::string> domains, Time now) {
  for (const std::string& domain : domains) domains_[domain].asked = domains_[domain].in_call = true;
  const Seconds expected = seen_[way_].pace.value_or(Seconds{0}) * static_cast<double>(domains.size());
  const Time late_at = now + duration(std::max(options_.patience, kLate * expected));
  calls_.emplace(++last_batch_, Call{domains, {}, domains.size(), now, late_at, scrape_, false});
  return Batch{last_batch_, std::move(domains)};
}

// A batch with a domain that hangs delivers nothing, so its good domains need another call. Asked one by one they do
// not. Takes from each batch in turn, because neighbours may share the cause.
void MonitorPlan::split_where_calls_are_short() {
  std::vector<std::vector<std::string>> split;
  for (auto& domains : std::exchange(pending_, {})) {
    const bool may_hang = std::any_of(domains.begin(), domains.end(), [&](const auto& domain) {
      return !is_safe(domain) && (!domains_[domain].is_trusted || late() > 0);
    });
    if (may_hang)
      split.push_back(std::move(domains));
    else
      pending_.push_back(std::move(domains));
  }
  for (std::size_t at = 0; !split.empty(); ++at) {
    std::erase_if(split, [&](const auto& domains) { return domains.size() <= at; });
    for (auto& domains : split) pending_.push_back({std::move(domains[at])});
  }
}

// Somewhere in the batch is a guest that does not answer. The others are asked again, in smaller pieces; the
// guest itself is by then held by the call that was left behind, and says so at once.
void MonitorPlan::leave_late_calls_behind(Time now) {
  std::vector<Call*> late;
  for (auto& [id, call] : calls_)
    if (is_active(call) && now >= call.late_at) late.push_back(&call);
  for (Call* call : late) call->late = true;
  for (Call* call : late) leave_behind(*call);
}

void MonitorPlan::leave_behind(Call& call) {
  for (const std::string& domain : call.domains) {
    domains_[domain].in_call = false;
    if (!begun_in_outage_) domains_[domain].is_trusted = false;
  }
  std::erase_if(call.domains, [&](const std::string& domain) { return !is_open(domain); });
  const std::size_t pieces = is_outage() ? 1 : kPieces;  // they are split further when they are asked
  if (call.domains.size() > 1) enqueue(call.domains, std::max<std::size_t>(1, call.domains.size() / pieces));
  if (call.domains.size() == 1) hangs_at(call, std::string{call.domains.front()});
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
  for (std::size_t i = 0; i < answers.size(); ++i)
    if (answers[i] == Answer::kComplete) was_answered(batch.domains[i], scrape_);
  if (call.scrape != scrape_ || is_over_) return false;
  last_answer_ = now;
  if (!call.late)
    for (const std::string& domain : call.domains) domains_[domain].in_call = false;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    const std::string& domain = batch.domains[i];
    const Answer answer = answers[i];
    if (!is_open(domain)) continue;
    if (answer == Answer::kComplete) complete(domain);
    if (answer == Answer::kPartial) partial(domain, now);
    if (answer == Answer::kGone) gone(domain);
  }
  return true;
}

// Of a call that came back in time, or was slow but held by no domain.
void MonitorPlan::learn_pace(const Call& call, Time now) {
  const Seconds pace = Seconds{now - call.started} / static_cast<double>(call.size);
  auto& known = seen_[way_].pace;
  known = known ? *known * 0.7 + pace * 0.3 : pace;
}

void MonitorPlan::complete(const std::string& domain) {
  domains_[domain].complete = true;
  held_.erase(domain);
  holds_none(domain);
}

void MonitorPlan::gone(const std::string& domain) {
  domains_[domain].gone = true;
  holds_none(domain);
}

// Another call holds the monitor: for a moment, or for ever.
void MonitorPlan::partial(const std::string& domain, Time now) {
  auto& since = domains_[domain].partial_since;
  if (!since) since = now;
  Call* const call = now - *since < options_.patience ? nullptr : left_behind_at(domain);
  if (call != nullptr)
    hangs_at(*call, domain);
  else if (now - *since < options_.held)
    retries_.emplace(now + duration(options_.retry), domain);
  else if (!is_out(domain))
    held_.insert(domain);
}

void MonitorPlan::holds_none(const std::string& domain, const Call* but) {
  for (auto& [id, call] : calls_)
    if (!is_active(call) && &call != but) std::erase(call.domains, domain);
}

// The call that hangs at this domain, if it hangs at none in front of it.
MonitorPlan::Call* MonitorPlan::left_behind_at(const std::string& domain) {
  const auto found =
      std::find_if(calls_.begin(), calls_.end(), [&](const auto& entry) { return is_first(domain, entry.second); });
  return found == calls_.end() ? nullptr : &found->second;
}

// The call has not got to the domains behind this one.
void MonitorPlan::hangs_at(Call& call, const std::string& domain) {
  holds_none(domain, &call);
  if (call.domains.size() == 1) return;
  call.behind.assign(call.domains.begin() + 1, call.domains.end());
  call.domains = {domain};
  for (const std::string& uuid : call.behind) {
    Domain& other = domains_[uuid];
    other.asked = other.in_call || other.partial_since;
  }
}

Time MonitorPlan::wake() const {
  Time time = retries_.empty() ? Time::max() : retries_.begin()->first;
  for (const auto& [id, call] : calls_)
    if (is_active(call)) time = std::min(time, call.late_at);
  return time;
}

bool MonitorPlan::finished() const {
  if (active() > 0) return false;
  if (pending_.empty() && retries_.empty()) return true;
  if ((!retries_.empty() && spare_calls() > 0) || nothing_to_lose()) return false;
  if (std::any_of(pending_.begin(), pending_.end(), [&](const auto& domains) { return may_ask(domains); }))
    return false;
  return late() == 0;  // what is late may be slow only, and come back
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

std::unordered_set<std::string> MonitorPlan::held() const {
  std::unordered_set<std::string> held = held_;
  for (const auto& [id, call] : calls_)
    if (!is_active(call) && call.size > 1 && call.domains.size() == 1) held.insert(call.domains.front());
  return held;
}

std::size_t MonitorPlan::calls_left_behind() const {
  return static_cast<std::size_t>(
      std::count_if(calls_.begin(), calls_.end(), [&](const auto& entry) { return !is_active(entry.second); }));
}

}  // namespace virt
