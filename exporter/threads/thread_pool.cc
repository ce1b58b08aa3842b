// SPDX-License-Identifier: Apache-2.0
#include "exporter/threads/thread_pool.h"

#include <pthread.h>

#include <condition_variable>
#include <deque>
#include <mutex>
#include <system_error>
#include <thread>
#include <utility>

namespace virt {

struct ThreadPool::State {
  struct Work {
    std::function<void()> run, report;
  };

  State(std::string thread_name, std::size_t keep_idle) : name(std::move(thread_name)), keep(keep_idle) {}

  const std::string name;
  const std::size_t keep;

  std::mutex mutex;
  std::condition_variable changed;
  // Guarded by mutex.
  std::deque<Work> waiting;
  std::size_t idle = 0;
  bool ended = false;

  void serve() {
    pthread_setname_np(pthread_self(), name.c_str());
    std::unique_lock lock{mutex};
    ++idle;
    while (true) {
      changed.wait(lock, [this] { return ended || !waiting.empty() || idle > keep; });
      if (waiting.empty()) break;
      Work work = std::move(waiting.front());
      waiting.pop_front();
      --idle;
      lock.unlock();
      work.run();
      work.run = nullptr;  // what it owns may hang when it is destroyed
      lock.lock();
      ++idle;
      lock.unlock();
      work.report();
      work.report = nullptr;
      lock.lock();
    }
    --idle;
  }
};

ThreadPool::ThreadPool(std::string name, std::size_t keep) : state_(std::make_shared<State>(std::move(name), keep)) {}

ThreadPool::~ThreadPool() {
  const std::lock_guard lock{state_->mutex};
  state_->ended = true;
  state_->changed.notify_all();
}

void ThreadPool::run(std::function<void()> work, std::function<void()> report) {
  const std::lock_guard lock{state_->mutex};
  if (state_->waiting.size() < state_->idle)
    state_->changed.notify_one();
  else
    std::thread{[state = state_] { state->serve(); }}.detach();
  state_->waiting.push_back({std::move(work), std::move(report)});
}

}  // namespace virt
