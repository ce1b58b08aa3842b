// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/list_state.h"

#include <algorithm>
#include <utility>

namespace virt {
namespace {

using namespace std::chrono_literals;

// After that what is under way is not of a scrape that came about then.
constexpr auto kAboutThen = 1s;
constexpr auto kHanging = 5s, kSlowFailure = 2s;
constexpr auto kForRefused = 900s, kFirstPause = 5s, kLongestPause = 60s;
constexpr unsigned kFailuresWithoutPause = 2;

// What is no accident: an old list would be wrong.
bool is_refusal(Failure failure) {
  return failure == Failure::kScope || failure == Failure::kForbidden || failure == Failure::kAbsent ||
         failure == Failure::kNoService;
}

}  // namespace

bool ListState::is_due(Time now) const {
  if (is_being_read_ || now < next_) return false;
  return !items_ || failure_ != Failure::kNone || now - read_at_ >= spec_->max_age;
}

void ListState::begin(Time now) {
  is_being_read_ = true;
  begun_ = now;
}

bool ListState::end(ListResult result, Time now) {
  const bool is_suddenly_empty = result.items && result.items->empty() && !(items_ && items_->empty());
  const bool is_suddenly_forbidden = result.failure == Failure::kForbidden && failure_ != Failure::kForbidden;
  if ((is_suddenly_empty || is_suddenly_forbidden) && !std::exchange(is_doubted_, true)) return false;
  is_doubted_ = false;
  is_being_read_ = false;
  has_ended_ = true;
  failure_ = result.failure;
  failures_ = failure_ == Failure::kNone ? 0 : failures_ + 1;
  fails_slowly_ = failures_ > 0 && (fails_slowly_ || failure_ == Failure::kTimeout || now - begun_ > kSlowFailure);
  next_ = now + pause(result);
  if (is_refusal(failure_)) items_ = nullptr;
  if (failure_ != Failure::kNone) return true;
  items_ = std::move(result.items);
  read_at_ = begun_;
  duration_ = now - begun_;
  pages_ = result.pages;
  count_ = result.count;
  return true;
}

std::chrono::seconds ListState::pause(const ListResult& result) const {
  const std::chrono::seconds asked = std::min<std::chrono::seconds>(result.retry_after.value_or(0s), kForRefused);
  switch (result.failure) {
    case Failure::kNone:
    case Failure::kScope:      // costs no request
    case Failure::kLogin:      // has pauses of its own
    case Failure::kNoService:  // as kScope
      return 0s;
    case Failure::kForbidden: return failures_ > 1 ? kForRefused : kFirstPause;
    case Failure::kAbsent: return kForRefused;
    default: break;
  }
  if (failures_ <= kFailuresWithoutPause) return asked;
  const unsigned doublings = std::min(failures_ - kFailuresWithoutPause - 1, 10U);
  return std::max(asked, std::min<std::chrono::seconds>(kFirstPause * (1 << doublings), kLongestPause));
}

Time ListState::awaited_until(Time since, std::chrono::steady_clock::duration patience) const {
  if (!is_being_read_ || fails_slowly_) return Time::min();
  const bool is_slow = spec_->is(kBehind) || begun_ + kAboutThen < since;
  if (!is_slow) return Time::max();
  return items_ ? Time::min() : patience >= Time::max() - since ? Time::max() : since + patience;
}

bool ListState::is_hanging(Time now) const { return is_being_read_ && !spec_->is(kBehind) && now - begun_ > kHanging; }

std::shared_ptr<const CloudItems> ListState::items(Time now) const {
  return items_ && now - read_at_ <= spec_->stale ? items_ : nullptr;
}

CloudListReport ListState::report(Time now) const {
  CloudListReport report;
  report.service = spec_of(spec_->service).name;
  report.list = spec_->name;
  const auto known = items(now);
  const bool is_pending = !has_ended_ || (failure_ == Failure::kNone && is_hanging(now));
  report.success = !is_pending && failure_ == Failure::kNone && known;
  if (!report.success)
    report.reason = is_pending ? "pending" : failure_ == Failure::kNone ? "stale" : to_text(failure_);
  if (!known) return report;
  report.age = std::chrono::duration<double>(now - read_at_).count();
  report.duration = duration_.count();
  report.pages = pages_;
  report.items = count_;
  return report;
}

}  // namespace virt
