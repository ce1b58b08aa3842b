// SPDX-License-Identifier: Apache-2.0
#include "exporter/waiters.h"

#include <algorithm>
#include <utility>

namespace virt {
namespace {

// For the thread that reads to answer those whose deadline has come; less than what is kept back from the
// timeout of Prometheus.
constexpr std::chrono::milliseconds kMoment{150};

}  // namespace

Waiters::Ticket Waiters::add(Deadline deadline, bool waits_for_next) {
  const std::lock_guard lock{mutex_};
  const Deadline latest = std::min(latest_, Deadline::max() - kMoment);
  return waiters_.insert(waiters_.end(), Waiter{std::min(deadline, latest), waits_for_next, nullptr});
}

Waiters::Ticket Waiters::enter(Deadline deadline) { return add(deadline, true); }

Waiters::Ticket Waiters::join(Deadline deadline) { return add(deadline, false); }

SnapshotPtr Waiters::wait(Ticket ticket) {
  std::unique_lock lock{mutex_};
  while (!ticket->answer) {
    const Deadline end = ticket->deadline + kMoment;  // it may be hurried meanwhile
    if (std::chrono::steady_clock::now() >= end) break;
    changed_.wait_until(lock, end);
  }
  SnapshotPtr answer = ticket->answer ? std::move(ticket->answer) : stamped(nothing_());
  waiters_.erase(ticket);
  return answer;
}

bool Waiters::begin() {
  const std::lock_guard lock{mutex_};
  read_.reset();
  for (Waiter& waiter : waiters_) {
    if (waiter.answer) continue;
    if (!read_) read_ = Read{clocks_.steady(), waiter.deadline, clocks_.system()};
    read_->end = std::max(read_->end, waiter.deadline);
    waiter.waits_for_next = false;
  }
  return read_.has_value();
}

Deadline Waiters::begun() const {
  const std::lock_guard lock{mutex_};
  return read_ ? read_->begun : Deadline::min();
}

Deadline Waiters::end() const {
  const std::lock_guard lock{mutex_};
  return read_ ? read_->end : Deadline::min();
}

Deadline Waiters::first() const {
  const std::lock_guard lock{mutex_};
  if (!read_) return Deadline::min();
  Deadline first = read_->end;
  for (const Waiter& waiter : waiters_)
    if (!waiter.answer) first = std::min(first, waiter.deadline);
  return first;
}

SnapshotPtr Waiters::stamped(std::shared_ptr<SnapshotBase> snapshot) const {
  if (read_) {
    snapshot->timestamp = read_->timestamp;
    snapshot->read_duration = clocks_.steady() - read_->begun;
  }
  return snapshot;
}

void Waiters::answer_due(Deadline now, const MakeSnapshot& so_far) {
  const std::lock_guard lock{mutex_};
  SnapshotPtr snapshot;
  for (Waiter& waiter : waiters_) {
    if (waiter.answer || waiter.deadline > now) continue;
    if (!snapshot) snapshot = stamped(so_far());
    waiter.answer = snapshot;
  }
  if (snapshot) changed_.notify_all();
}

void Waiters::answer_all(std::shared_ptr<SnapshotBase> snapshot) {
  const std::lock_guard lock{mutex_};
  const SnapshotPtr answer = stamped(std::move(snapshot));
  for (Waiter& waiter : waiters_)
    if (!waiter.answer && !waiter.waits_for_next) waiter.answer = answer;
  read_.reset();
  changed_.notify_all();
}

void Waiters::hurry(Deadline latest) {
  const std::lock_guard lock{mutex_};
  latest_ = latest;
  if (read_) read_->end = std::min(read_->end, latest);
  for (Waiter& waiter : waiters_) waiter.deadline = std::min(waiter.deadline, latest);
  changed_.notify_all();
}

}  // namespace virt
