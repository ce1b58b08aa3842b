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

Waiters::Ticket Waiters::enter(Deadline deadline) {
  const std::lock_guard lock{mutex_};
  return waiters_.insert(waiters_.end(), Waiter{std::min(deadline, Deadline::max() - kMoment), nullptr});
}

SnapshotPtr Waiters::wait(Ticket ticket) {
  std::unique_lock lock{mutex_};
  while (!ticket->answer) {
    const Deadline end = ticket->deadline + kMoment;  // it may be hurried meanwhile
    if (std::chrono::steady_clock::now() >= end) break;
    changed_.wait_until(lock, end);
  }
  SnapshotPtr answer = ticket->answer ? std::move(ticket->answer) : std::make_shared<const Snapshot>();
  waiters_.erase(ticket);
  return answer;
}

Deadline Waiters::first() const {
  const std::lock_guard lock{mutex_};
  Deadline first = Deadline::max();
  for (const Waiter& waiter : waiters_)
    if (!waiter.answer) first = std::min(first, waiter.deadline);
  return first == Deadline::max() ? Deadline::min() : first;
}

Deadline Waiters::last() const {
  const std::lock_guard lock{mutex_};
  Deadline last = Deadline::min();
  for (const Waiter& waiter : waiters_)
    if (!waiter.answer) last = std::max(last, waiter.deadline);
  return last;
}

void Waiters::answer_due(Deadline now, const std::function<Snapshot()>& so_far) {
  const std::lock_guard lock{mutex_};
  SnapshotPtr snapshot;
  for (Waiter& waiter : waiters_) {
    if (waiter.answer || waiter.deadline > now) continue;
    if (!snapshot) snapshot = std::make_shared<const Snapshot>(so_far());
    waiter.answer = snapshot;
  }
  if (snapshot) changed_.notify_all();
}

void Waiters::answer_all(const SnapshotPtr& snapshot) {
  const std::lock_guard lock{mutex_};
  for (Waiter& waiter : waiters_)
    if (!waiter.answer) waiter.answer = snapshot;
  changed_.notify_all();
}

void Waiters::hurry(Deadline latest) {
  const std::lock_guard lock{mutex_};
  for (Waiter& waiter : waiters_) waiter.deadline = std::min(waiter.deadline, latest);
  changed_.notify_all();
}

}  // namespace virt
