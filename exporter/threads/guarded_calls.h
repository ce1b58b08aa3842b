// SPDX-License-Identifier: Apache-2.0
// Calls that may hang: one at a time, each on a thread of its own, awaited no longer than the scrapes allow.
#ifndef VIRT_EXPORTER_THREADS_GUARDED_CALLS_H_
#define VIRT_EXPORTER_THREADS_GUARDED_CALLS_H_

#include <exception>
#include <memory>
#include <optional>
#include <utility>

#include "exporter/threads/runner.h"
#include "exporter/waiters.h"

namespace virt {

// Used by the thread that does the runner's reports.
class GuardedCalls {
 public:
  explicit GuardedCalls(std::shared_ptr<Runner> runner) : runner_(std::move(runner)) {}

  // Makes a call and waits for it; it must own what it uses. Gives its result, or nothing if it is late; throws what it
  // threw, and std::system_error if no thread is to be had. If the last one is still out it is waited for first: what
  // it hangs in, this one would as well.
  template <typename Call>
  auto await(Call call, const Waiters& waiters) -> std::optional<decltype(call())> {
    if (!wait(waiters)) return std::nullopt;
    const auto outcome = std::make_shared<Outcome<decltype(call())>>();
    const auto run = [outcome, call = std::move(call)] {
      try {
        outcome->result = call();
      } catch (...) {
        outcome->error = std::current_exception();
      }
    };
    // The report has the outcome, so that this thread is the last owner of a late result, or of an exception.
    runner_->run(run, [this, outcome = outcome]() mutable {
      outcome = nullptr;
      is_out_ = false;
    });
    is_out_ = true;
    if (!wait(waiters)) return std::nullopt;
    if (outcome->error) std::rethrow_exception(outcome->error);
    return std::move(outcome->result);
  }

 private:
  template <typename Result>
  struct Outcome {
    std::optional<Result> result;
    std::exception_ptr error;
  };

  // Until no call is out; false if that takes too long.
  bool wait(const Waiters& waiters) {
    while (is_out_)
      if (!runner_->wait(waiters.end()) && runner_->now() >= waiters.end()) return false;
    return true;
  }

  const std::shared_ptr<Runner> runner_;
  bool is_out_ = false;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_THREADS_GUARDED_CALLS_H_
