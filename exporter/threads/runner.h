// SPDX-License-Identifier: Apache-2.0
// Where calls that may hang are made, and how their end is waited for.
#ifndef VIRT_EXPORTER_THREADS_RUNNER_H_
#define VIRT_EXPORTER_THREADS_RUNNER_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "exporter/threads/inbox.h"
#include "exporter/threads/thread_pool.h"
#include "exporter/threads/time.h"

namespace virt {

// Tests have one of their own, in which time is simulated.
class Runner {
 public:
  virtual ~Runner() = default;
  // Any thread.
  virtual Time now() const = 0;
  // Does `work` on a thread of its own, and then has the thread that waits do `report`. Neither may throw, and `work`
  // must own what it uses, as it may never end. Throws std::system_error, and does nothing, if no thread is to be had.
  virtual void run(std::function<void()> work, std::function<void()> report) = 0;
  // Does the next report, for which it waits until `until`; false if there was none. One thread at a time.
  virtual bool wait(Time until) = 0;

  // Gives up what may hang when it is destroyed; on the caller's thread only if no other is to be had.
  void discard(std::shared_ptr<void> owned) noexcept {
    try {
      run([owned = std::move(owned)] {}, [] {});
    } catch (const std::system_error&) {
      return;  // it is gone with the work that was not begun
    }
  }
};

class ThreadRunner : public Runner {
 public:
  // As ThreadPool's.
  ThreadRunner(std::string name, std::size_t keep) : threads_(std::move(name), keep) {}

  Time now() const override { return std::chrono::steady_clock::now(); }
  void run(std::function<void()> work, std::function<void()> report) override {
    // The thread keeps nothing of `report` when it has posted it: else it could be the last owner of a result.
    threads_.run(std::move(work),
                 [inbox = inbox_, report = std::move(report)]() mutable { inbox->post(std::move(report)); });
  }
  bool wait(Time until) override { return inbox_->run_one(until); }

  // Ends a wait() that is under way. Any thread.
  void wake() {
    inbox_->post([] {});
  }

 private:
  const std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
  ThreadPool threads_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_THREADS_RUNNER_H_
