// SPDX-License-Identifier: Apache-2.0
// Threads for work of which any piece may take for ever, such as a call into libvirt while a guest is frozen.
#ifndef VIRT_EXPORTER_THREADS_THREAD_POOL_H_
#define VIRT_EXPORTER_THREADS_THREAD_POOL_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <string>

namespace virt {

class ThreadPool {
 public:
  // `name` is what the kernel calls the threads, 15 characters at most. Of those that are idle, `keep` stay.
  ThreadPool(std::string name, std::size_t keep);
  // Idle threads end now, the others when their work is done. Waits for none of them, so work must own what it
  // uses, or be waited for.
  ~ThreadPool();
  ThreadPool(const ThreadPool&) = delete;
  ThreadPool& operator=(const ThreadPool&) = delete;

  // Does `work` at once, on an idle thread or a new one, gives up what it owns, and then runs `report`, when the thread
  // is free for other work already: so who does one thing after the other needs one thread. Neither may throw, and
  // `report` must not hang. Throws std::system_error, and does nothing, if no thread is to be had. Any thread.
  void run(
      std::function<void()> work, std::function<void()> report = [] {});

 private:
  struct State;
  const std::shared_ptr<State> state_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_THREADS_THREAD_POOL_H_
