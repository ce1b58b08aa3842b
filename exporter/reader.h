// SPDX-License-Identifier: Apache-2.0
// One read of a source at a time, on a thread of its own, shared by the scrapes that need it.
#ifndef VIRT_EXPORTER_READER_H_
#define VIRT_EXPORTER_READER_H_

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "exporter/instruments.h"
#include "exporter/process/log.h"
#include "exporter/source.h"

namespace virt {

class Reader {
 public:
  // `name` is the source's, for the log and what is counted.
  Reader(std::string name, std::unique_ptr<Source> source, Clocks clocks = {}, Instruments instruments = {});
  // Waits for the read that is under way.
  ~Reader();

  // The place of a scrape among those that wait; to be given to wait(), once.
  struct Ticket {
    std::shared_ptr<Waiters> waiters;
    Waiters::Ticket place;
  };

  // Asks for a snapshot with what `needs` ask for, and with the time and the duration of the read that it is of. A
  // scrape shares the read under way if that covers `needs` and began about when the scrape did; else it shares the
  // next one. Does not wait. Any thread; the same goes for wait().
  Ticket begin(Needs needs, Deadline deadline);
  // Blocks until that read is done, or until the deadline, and then gives what is known by then: the snapshot may
  // lack some of what was asked for, and is not `up` if the source could not be read or has not answered yet. Never
  // null.
  static SnapshotPtr wait(const Ticket& ticket);

  // Whether the reading thread is well: it answers by `deadline`, or reads, and not for longer than `patience`. Any
  // thread.
  bool passes_check(Deadline deadline, std::chrono::steady_clock::duration patience);

  // From now on no scrape waits beyond `latest`. Any thread.
  void hurry(Deadline latest);

 private:
  bool may_share_current(Needs needs, Deadline deadline) const;
  Waiters::Ticket wait_in_line(Needs needs, Deadline deadline);
  void run();
  std::shared_ptr<SnapshotBase> read(Needs needs);

  // Constant after construction.
  const std::string name_;
  const std::shared_ptr<Source> source_;  // its read() by thread_ alone
  const Clocks clocks_;
  const Instruments instruments_;
  prometheus::Histogram& durations_;

  LogOnce log_;
  // Shared with the scrapes that wait.
  const std::shared_ptr<Waiters> waiters_ =
      std::make_shared<Waiters>([source = source_] { return source->nothing(); }, clocks_);
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::optional<Needs> current_, next_;  // what the read under way asks for, and the one that is ordered
  unsigned checks_ = 0, checks_passed_ = 0;
  bool stopping_ = false;

  std::thread thread_;
};

std::vector<Meters> reader_meters();

}  // namespace virt

#endif  // VIRT_EXPORTER_READER_H_
