// SPDX-License-Identifier: Apache-2.0
// The scrapes that wait for a read of a source, each until a deadline of its own, and when that read must end.
#ifndef VIRT_EXPORTER_WAITERS_H_
#define VIRT_EXPORTER_WAITERS_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>

#include "exporter/snapshot.h"
#include "exporter/threads/time.h"

namespace virt {

using Deadline = Time;
using SnapshotPtr = std::shared_ptr<const SnapshotBase>;
// Makes a snapshot of what is known so far, which nobody else has yet.
using MakeSnapshot = std::function<std::shared_ptr<SnapshotBase>()>;

// Tests put constants here.
struct Clocks {
  std::function<Time()> steady = std::chrono::steady_clock::now;
  std::function<std::chrono::system_clock::time_point()> system = std::chrono::system_clock::now;
};

// One read after the other, never two at once. Every answer leaves through here, and gets the time and the duration
// of its read on the way. Any thread.
class Waiters {
 public:
  struct Waiter {
    Deadline deadline;
    bool waits_for_next;  // read; else for the one under way
    SnapshotPtr answer;
  };
  using Ticket = std::list<Waiter>::iterator;

  // `nothing` makes the answer for those who get none in time. Any thread calls it.
  explicit Waiters(MakeSnapshot nothing, Clocks clocks = {})
      : nothing_(std::move(nothing)), clocks_(std::move(clocks)) {}

  // A scrape waits for the next read, or joins the one under way, and then waits once for its answer: what was read;
  // or at its deadline what the read under way, whichever that is, knows by then; or `nothing` if there is no
  // answer within a moment after that.
  Ticket enter(Deadline deadline);
  Ticket join(Deadline deadline);
  SnapshotPtr wait(Ticket ticket);

  // Begins the next read, for those who wait for it. The last of their deadlines is its end, which scrapes that join
  // do not move: else a read in which a call hangs would never end while scrapes keep coming, and all of them would
  // be told what was true when it began. False, and nothing begins, if nobody waits.
  bool begin();
  // Of the read under way; if there is none, both are long over.
  Deadline begun() const, end() const;

  // When answer_due() is to be called next: at the first deadline of all who have no answer, or at the end.
  Deadline first() const;
  // Answers those whose deadline has come by `now`; the snapshot is made only if there are any.
  void answer_due(Deadline now, const MakeSnapshot& so_far);
  // Answers all who wait for the read under way, which is over.
  void answer_all(std::shared_ptr<SnapshotBase> snapshot);

  // From now on nobody waits beyond `latest`, and no read goes on.
  void hurry(Deadline latest);

 private:
  struct Read {
    Deadline begun, end;
    std::chrono::system_clock::time_point timestamp;
  };

  Ticket add(Deadline deadline, bool waits_for_next);
  SnapshotPtr stamped(std::shared_ptr<SnapshotBase> snapshot) const;

  const MakeSnapshot nothing_;
  const Clocks clocks_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::list<Waiter> waiters_;
  std::optional<Read> read_;  // the one under way
  Deadline latest_ = Deadline::max();
};

}  // namespace virt

#endif  // VIRT_EXPORTER_WAITERS_H_
