// SPDX-License-Identifier: Apache-2.0
// How threads that call libvirt report to the one that waits for them.
#ifndef VIRT_EXPORTER_THREADS_INBOX_H_
#define VIRT_EXPORTER_THREADS_INBOX_H_

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <utility>

#include "exporter/threads/time.h"

namespace virt {

// Reports are run by the thread that waits, so they may touch what is that thread's. Shared by all who may
// still post, so that a call that returns late finds it.
class Inbox {
 public:
  // Any thread.
  void post(std::function<void()> report) {
    const std::lock_guard lock{mutex_};
    reports_.push_back(std::move(report));
    changed_.notify_all();
  }

  // Runs the next report, waiting for it until `until`; false if there was none.
  bool run_one(Time until) {
    std::unique_lock lock{mutex_};
    while (reports_.empty()) {
      if (std::chrono::steady_clock::now() >= until) return false;
      changed_.wait_until(lock, until);
    }
    const auto report = std::move(reports_.front());
    reports_.pop_front();
    lock.unlock();
    report();
    return true;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> reports_;  // guarded by mutex_
};

}  // namespace virt

#endif  // VIRT_EXPORTER_THREADS_INBOX_H_
