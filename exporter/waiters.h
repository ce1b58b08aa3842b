// SPDX-License-Identifier: Apache-2.0
// The scrapes that wait for one read of the hypervisor, each until a deadline of its own.
#ifndef VIRT_EXPORTER_WAITERS_H_
#define VIRT_EXPORTER_WAITERS_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>

#include "exporter/snapshot.h"

namespace virt {

using Deadline = std::chrono::steady_clock::time_point;
using SnapshotPtr = std::shared_ptr<const Snapshot>;

// Any thread.
class Waiters {
 public:
  struct Waiter {
    Deadline deadline;
    SnapshotPtr answer;
  };
  using Ticket = std::list<Waiter>::iterator;

  // A scrape enters, and waits once for its answer: what was read, or what was known of it at the deadline,
  // or an empty snapshot if nobody answers within a moment after that.
  Ticket enter(Deadline deadline);
  SnapshotPtr wait(Ticket ticket);

  // When the first and the last of those who have no answer must have one. If there is nobody, that was
  // long ago.
  Deadline first() const;
  Deadline last() const;

  // Answers those whose deadline has come by `now`; the snapshot is made only if there are any.
  void answer_due(Deadline now, const std::function<Snapshot()>& so_far);
  void answer_all(const SnapshotPtr& snapshot);

  // Nobody who waits now waits beyond `latest`.
  void hurry(Deadline latest);

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::list<Waiter> waiters_;  // guarded by mutex_
};

}  // namespace virt

#endif  // VIRT_EXPORTER_WAITERS_H_
