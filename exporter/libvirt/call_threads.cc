// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/call_threads.h"

#include <pthread.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>

namespace virt {

struct CallThreads::State {
  struct Call {
    std::function<void()> run, report;
  };

  std::mutex mutex;
  std::condition_variable changed;
  // Guarded by mutex.
  std::deque<Call> waiting;
  std::size_t idle = 0;
  bool ended = false;

  void work() {
    pthread_setname_np(pthread_self(), "libvirt-call");
    std::unique_lock lock{mutex};
    ++idle;
    while (true) {
      changed.wait(lock, [this] { return ended || !waiting.empty(); });
      if (waiting.empty()) return;
      Call call = std::move(waiting.front());
      waiting.pop_front();
      --idle;
      lock.unlock();
      call.run();
      call.run = nullptr;  // what it owns may hang when it is destroyed
      lock.lock();
      ++idle;
      lock.unlock();
      call.report();
      call.report = nullptr;
      lock.lock();
    }
  }
};

CallThreads::CallThreads() : state_(std::make_shared<State>()) {}

CallThreads::~CallThreads() {
  const std::lock_guard lock{state_->mutex};
  state_->ended = true;
  state_->changed.notify_all();
}

void CallThreads::run(std::function<void()> call, std::function<void()> report) {
  const std::lock_guard lock{state_->mutex};
  state_->waiting.push_back({std::move(call), std::move(report)});
  if (state_->waiting.size() > state_->idle)
    std::thread{[state = state_] { state->work(); }}.detach();
  else
    state_->changed.notify_one();
}

}  // namespace virt
