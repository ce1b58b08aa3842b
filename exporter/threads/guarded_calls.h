// SPDX-License-Identifier: Apache-2.0
// Calls that may hang: one at a time, each on a thread of its own, awaited no longer than the scrapes allow.
#ifndef VIRT_EXPORTER_THREADS_GUARDED_CALLS_H_
#define VIRT_EXPORTER_THREADS_GUARDED_CALLS_H_

#include <chrono>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "exporter/threads/inbox.h"
#include "exporter/threads/thread_pool.h"
#include "exporter/waiters.h"

namespace virt {

// Used by the thread that runs the inbox's reports.
class GuardedCalls {
 public:
  // `threads` must live longer.
  GuardedCalls(ThreadPool& threads, std::shared_ptr<Inbox> inbox) : threads_(threads), inbox_(std::move(inbox)) {}

  bool idle() const { return !is_out_; }

  // Makes a call if idle() and does not wait. It must not throw, and own what it uses. Then `back` is run, as a report.
  void start(
      std::function<void()> call, std::function<void()> back = [] {}) {
    // The thread keeps nothing of `back` when it has reported: else the last owner of a result, or of an exception,
    // could be either of the two threads.
    threads_.run(std::move(call), [this, inbox = inbox_, back = std::move(back)]() mutable {
      inbox->post([this, back = std::move(back)] {
        is_out_ = false;
        back();
      });
    });
    is_out_ = true;  // not if there was no thread to be had
  }

  template <typename Result>
  struct Outcome {
    bool is_back = false;
    std::optional<Result> result;
    std::exception_ptr error;
  };
  template <typename Result>
  using Pending = std::shared_ptr<Outcome<Result>>;

  // The same of one that may throw, for take().
  template <typename Call>
  auto begin(Call call) -> Pending<decltype(call())> {
    auto outcome = std::make_shared<Outcome<decltype(call())>>();
    const auto run = [outcome, call = std::move(call)] {
      try {
        outcome->result = call();
      } catch (...) {
        outcome->error = std::current_exception();
      }
    };
    start(run, [outcome] { outcome->is_back = true; });
    return outcome;
  }

  // Gives its result, or nothing if it is late; throws what it threw.
  template <typename Result>
  std::optional<Result> take(const Pending<Result>& outcome, const Waiters& waiters) {
    if (!wait_for(waiters, [&] { return outcome->is_back; })) return std::nullopt;
    if (outcome->error) std::rethrow_exception(outcome->error);
    return std::move(outcome->result);
  }

  // Makes a call and waits for it. If the last one is still out it is waited for first: what it hangs in, this one
  // would as well.
  template <typename Call>
  auto await(Call call, const Waiters& waiters) -> std::optional<decltype(call())> {
    if (!wait(waiters)) return std::nullopt;
    return take(begin(std::move(call)), waiters);
  }

  // Until idle(); false if that takes too long.
  bool wait(const Waiters& waiters) {
    return wait_for(waiters, [this] { return idle(); });
  }

 private:
  template <typename Condition>
  bool wait_for(const Waiters& waiters, Condition condition) {
    while (!condition())
      if (!inbox_->run_one(waiters.end()) && std::chrono::steady_clock::now() >= waiters.end()) return false;
    return true;
  }

  ThreadPool& threads_;
  const std::shared_ptr<Inbox> inbox_;
  bool is_out_ = false;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_THREADS_GUARDED_CALLS_H_
