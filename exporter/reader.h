// SPDX-License-Identifier: Apache-2.0
// One read of libvirt at a time, on a thread of its own, shared by the scrapes that need it.
#ifndef VIRT_EXPORTER_READER_H_
#define VIRT_EXPORTER_READER_H_

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "exporter/inspector.h"
#include "exporter/process/log.h"

namespace virt {

class Reader {
 public:
  explicit Reader(std::unique_ptr<Inspector> inspector, Clocks clocks = {});
  // Waits for the read that is under way.
  ~Reader();

  // Returns a snapshot with what `groups` ask for, and with the time and the duration of the read that it is of. A
  // scrape shares the read under way if that covers `groups` and began about when the scrape did; else it shares the
  // next one. Blocks until that is done, or until `deadline`, and then gives what is known by then: the snapshot may
  // lack some of the domains' statistics, and is not up() if libvirt could not be read or has not answered yet. Never
  // null. Any thread.
  SnapshotPtr read(Groups groups, Deadline deadline);

  // Whether the reading thread is well: it answers by `deadline`, or reads, and not for longer than `patience`. Any
  // thread.
  bool passes_check(Deadline deadline, std::chrono::steady_clock::duration patience);

  // From now on no scrape waits beyond `latest`. Any thread.
  void hurry(Deadline latest);

 private:
  bool may_share_current(Groups groups, Deadline deadline) const;
  Waiters::Ticket wait_in_line(Groups groups, Deadline deadline);
  void run();
  Snapshot inspect(Groups groups);

  // Constant after construction.
  const std::unique_ptr<Inspector> inspector_;  // but for wake(), used by thread_ alone
  const Clocks clocks_;

  LogOnce log_;
  const std::shared_ptr<Waiters> waiters_ = std::make_shared<Waiters>(clocks_);  // shared with the scrapes that wait
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::optional<Groups> current_, next_;  // what the read under way asks for, and the one that is ordered
  unsigned checks_ = 0, checks_passed_ = 0;
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_READER_H_
