// SPDX-License-Identifier: Apache-2.0
// One read of libvirt at a time, on a thread of its own, shared by the scrapes that need it.
#ifndef VIRT_EXPORTER_READER_H_
#define VIRT_EXPORTER_READER_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "exporter/inspector.h"
#include "exporter/log.h"

namespace virt {

using Clock = std::function<std::chrono::steady_clock::time_point()>;

class Reader {
 public:
  explicit Reader(std::unique_ptr<Inspector> inspector, Clock now = std::chrono::steady_clock::now);
  // Waits for the read that is under way.
  ~Reader();

  // A snapshot that holds `groups`. Scrapes that arrive while a read is under way share it if it covers
  // what they need, else they wait for the next, which they share as well. Never null; not up() where
  // libvirt could not be read, or said nothing by `deadline`; without some of the domains' statistics where
  // those were not there by then. Any thread.
  SnapshotPtr read(Groups groups, Deadline deadline);

  // From now on no scrape waits beyond `latest`. Any thread.
  void hurry(Deadline latest);

 private:
  struct Read {
    Groups groups = 0;
    Waiters waiters;
  };

  std::shared_ptr<Read> choose(Groups groups);
  void run();
  SnapshotPtr inspect(Read& read);

  // Constant after construction.
  const std::unique_ptr<Inspector> inspector_;  // but for wake(), used by thread_ alone
  const Clock now_;

  LogOnce log_;
  std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  std::shared_ptr<Read> current_, next_;
  Deadline latest_ = Deadline::max();
  bool stopping_ = false;

  std::thread thread_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_READER_H_
