// SPDX-License-Identifier: Apache-2.0
// Calls on real threads, in time that is simulated: it passes only while all of them sleep or have ended.
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_SIMULATED_RUNNER_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_SIMULATED_RUNNER_H_

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include "exporter/threads/runner.h"

namespace virt {

class SimulatedRunner : public Runner {
 public:
  static constexpr std::chrono::hours kForEver{24};

  // Before anything that the calls use goes: wakes all that still sleep, and waits for their end.
  void end() {
    {
      const std::lock_guard lock{mutex_};
      has_ended_ = true;
      pass_to(Time::max());
    }
    for (std::thread& thread : threads_) thread.join();
    threads_.clear();
  }

  Time now() const override {
    const std::lock_guard lock{mutex_};
    return now_;
  }

  void run(std::function<void()> work, std::function<void()> report) override {
    const std::lock_guard lock{mutex_};
    if (has_ended_) return;  // `work` had only to be given up
    ++busy_;
    threads_.emplace_back([this, work = std::move(work), report = std::move(report)]() mutable {
      work();
      work = nullptr;
      const std::lock_guard lock{mutex_};
      reports_.push_back(std::move(report));
      --busy_;
      changed_.notify_all();
    });
  }

  bool wait(Time until) override {
    std::unique_lock lock{mutex_};
    while (true) {
      changed_.wait(lock, [this] { return busy_ == 0; });
      if (!reports_.empty()) break;
      const auto next = std::min_element(sleeping_.begin(), sleeping_.end());
      if (next != sleeping_.end() && *next <= until) {
        pass_to(*next);
      } else {
        now_ = std::max(now_, until);
        return false;
      }
    }
    const auto report = std::move(reports_.front());
    reports_.pop_front();
    lock.unlock();
    report();
    return true;
  }

  // Called by `work`: a call that takes so long.
  void sleep(std::chrono::milliseconds time) {
    std::unique_lock lock{mutex_};
    if (has_ended_) return;
    const Time end = now_ + time;
    sleeping_.push_back(end);
    --busy_;
    changed_.notify_all();
    changed_.wait(lock, [&] { return now_ >= end; });
  }

 private:
  void pass_to(Time time) {
    now_ = time;
    busy_ += static_cast<std::size_t>(
        std::erase_if(sleeping_, [time](Time end) { return end <= time; }));  // before any of them runs
    changed_.notify_all();
  }

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  // Guarded by mutex_.
  bool has_ended_ = false;
  Time now_{std::chrono::hours{1}};
  std::size_t busy_ = 0;  // threads that neither sleep nor have ended
  std::vector<Time> sleeping_;
  std::deque<std::function<void()>> reports_;
  std::vector<std::thread> threads_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_SIMULATED_RUNNER_H_
