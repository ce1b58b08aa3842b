// SPDX-License-Identifier: Apache-2.0
// Threads for calls into libvirt, any of which may hang for as long as a guest is frozen.
#ifndef VIRT_EXPORTER_LIBVIRT_CALL_THREADS_H_
#define VIRT_EXPORTER_LIBVIRT_CALL_THREADS_H_

#include <functional>
#include <memory>

namespace virt {

class CallThreads {
 public:
  CallThreads();
  // Idle threads end now, the others when their call returns. Waits for none of them, so a call must own
  // what it uses.
  ~CallThreads();

  // Runs `call` at once, on an idle thread or a new one, gives up what it owns, and then runs `report`, when the thread
  // is free for another call already: so who makes one call after the other needs one thread. Neither may throw, and
  // `report` must not hang. Any thread.
  void run(
      std::function<void()> call, std::function<void()> report = [] {});

 private:
  struct State;
  const std::shared_ptr<State> state_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_CALL_THREADS_H_
