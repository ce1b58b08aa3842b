// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/event_loop.h"

#include <libvirt/libvirt.h>
#include <pthread.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <map>
#include <mutex>
#include <optional>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "exporter/threads/time.h"

namespace virt {
namespace {

constexpr std::pair<int, unsigned> kEvents[] = {{VIR_EVENT_HANDLE_READABLE, EPOLLIN},
                                                {VIR_EVENT_HANDLE_WRITABLE, EPOLLOUT},
                                                {VIR_EVENT_HANDLE_ERROR, EPOLLERR},
                                                {VIR_EVENT_HANDLE_HANGUP, EPOLLHUP}};

unsigned to_epoll(int events) {
  unsigned result = 0;
  for (const auto& [libvirt, epoll] : kEvents)
    if ((events & libvirt) != 0) result |= epoll;
  return result;
}

int to_libvirt(unsigned events) {
  int result = 0;
  for (const auto& [libvirt, epoll] : kEvents)
    if ((events & epoll) != 0) result |= libvirt;
  return result;
}

// What libvirt hands over with a callback, and wants freed after its last call.
struct Opaque {
  void* value;
  virFreeCallback free;
};

// Adding, updating and removing: any thread, also within a callback. Callbacks are made by run(), one at a time and
// without the lock; what belongs to a removed one is freed there as well, so never under it.
class EventLoop {
 public:
  EventLoop() {
    epoll_event wake{EPOLLIN, {}};
    wake.data.u64 = kWake;
    if (epoll_ctl(epoll_, EPOLL_CTL_ADD, wake_, &wake) < 0)
      throw std::system_error(errno, std::generic_category(), "cannot create an event loop for libvirt");
  }

  // A number for it, or -1 where it cannot be watched.
  int add_handle(int descriptor, int events, virEventHandleCallback callback, Opaque opaque) {
    const std::lock_guard lock{mutex_};
    Handle handle{descriptor, 0, callback, opaque};
    if (!watch(++last_, handle, events)) return -1;
    handles_.emplace(last_, handle);
    return last_;
  }

  void update_handle(int id, int events) {
    const std::lock_guard lock{mutex_};
    if (const auto found = handles_.find(id); found != handles_.end()) watch(id, found->second, events);
  }

  int remove_handle(int id) {
    const std::lock_guard lock{mutex_};
    const auto found = handles_.find(id);
    if (found == handles_.end()) return -1;
    watch(id, found->second, 0);
    return discard(handles_, found);
  }

  int add_timeout(int milliseconds, virEventTimeoutCallback callback, Opaque opaque) {
    const std::lock_guard lock{mutex_};
    set(timeouts_.emplace(++last_, Timeout{-1, Time::max(), callback, opaque}).first->second, milliseconds);
    return last_;
  }

  void update_timeout(int id, int milliseconds) {
    const std::lock_guard lock{mutex_};
    const auto found = timeouts_.find(id);
    if (found != timeouts_.end()) set(found->second, milliseconds);
  }

  int remove_timeout(int id) {
    const std::lock_guard lock{mutex_};
    const auto found = timeouts_.find(id);
    return found == timeouts_.end() ? -1 : discard(timeouts_, found);
  }

  [[noreturn]] void run() {
    pthread_setname_np(pthread_self(), "libvirt-events");
    while (true) {
      epoll_event events[16];
      const int count = epoll_wait(epoll_, events, std::size(events), wait());
      for (int i = 0; i < count; ++i) dispatch(events[i]);
      call_due();
      free_removed();
    }
  }

 private:
  struct Handle {
    int descriptor, events;
    virEventHandleCallback callback;
    Opaque opaque;
  };
  struct Timeout {
    int milliseconds;  // < 0: none
    Time due;
    virEventTimeoutCallback callback;
    Opaque opaque;
  };
  static constexpr std::uint64_t kWake = 0;  // no handle's number

  // Keepalive moves its timeout further away with every answer: that wakes nobody.
  void set(Timeout& timeout, int milliseconds) {
    timeout.milliseconds = milliseconds;
    timeout.due =
        milliseconds < 0 ? Time::max() : std::chrono::steady_clock::now() + std::chrono::milliseconds{milliseconds};
    if (timeout.due < next_) wake();
  }

  // Without events it is not watched at all: epoll would tell of a hang-up all the same, over and over.
  bool watch(int id, Handle& handle, int events) const {
    epoll_event event{to_epoll(events), {}};
    event.data.u64 = static_cast<std::uint64_t>(id);
    const bool was_watched = std::exchange(handle.events, events) != 0;
    if (events == 0 && !was_watched) return true;
    const int change = events == 0 ? EPOLL_CTL_DEL : was_watched ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    return epoll_ctl(epoll_, change, handle.descriptor, &event) == 0;
  }

  template <typename Map, typename Iterator>
  int discard(Map& map, Iterator which) {
    removed_.push_back(which->second.opaque);
    map.erase(which);
    wake();
    return 0;
  }

  void wake() const { eventfd_write(wake_, 1); }

  // For epoll_wait, until the next timeout.
  int wait() {
    const std::lock_guard lock{mutex_};
    next_ = Time::max();
    for (const auto& [id, timeout] : timeouts_) next_ = std::min(next_, timeout.due);
    if (next_ == Time::max()) return -1;
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next_ - std::chrono::steady_clock::now());
    return static_cast<int>(std::max<std::chrono::milliseconds::rep>(left.count(), 0));
  }

  void dispatch(const epoll_event& event) {
    if (event.data.u64 == kWake) {
      eventfd_t count = 0;
      eventfd_read(wake_, &count);
      return;
    }
    const int id = static_cast<int>(event.data.u64);
    std::unique_lock lock{mutex_};
    const auto found = handles_.find(id);
    if (found == handles_.end()) return;  // removed since epoll told
    const Handle handle = found->second;
    lock.unlock();
    handle.callback(id, handle.descriptor, to_libvirt(event.events), handle.opaque.value);
  }

  void call_due() {
    const auto now = std::chrono::steady_clock::now();
    while (const auto next = take_due(now)) next->second.callback(next->first, next->second.opaque.value);
  }

  // One whose time has come; it comes again, later than now.
  std::optional<std::pair<int, Timeout>> take_due(Time now) {
    const std::lock_guard lock{mutex_};
    for (auto& [id, timeout] : timeouts_) {
      if (timeout.due > now) continue;
      timeout.due = now + std::max(std::chrono::milliseconds{timeout.milliseconds}, std::chrono::milliseconds{1});
      return std::pair{id, timeout};
    }
    return std::nullopt;
  }

  void free_removed() {
    std::vector<Opaque> removed;
    {
      const std::lock_guard lock{mutex_};
      removed.swap(removed_);
    }
    for (const Opaque& opaque : removed)
      if (opaque.free != nullptr) opaque.free(opaque.value);
  }

  const int epoll_ = epoll_create1(EPOLL_CLOEXEC), wake_ = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  std::mutex mutex_;
  // Guarded by mutex_.
  int last_ = 0;
  Time next_ = Time::max();  // until which run() waits
  std::map<int, Handle> handles_;
  std::map<int, Timeout> timeouts_;
  std::vector<Opaque> removed_;
};

// libvirt's functions have no argument for it. Never destroyed: its thread does not end. Throws the first time if at
// all.
EventLoop& loop() {
  static EventLoop& loop = *new EventLoop;
  return loop;
}

}  // namespace

void start_event_loop() {
  static std::once_flag once;
  std::call_once(once, [] {
    loop();
    virEventRegisterImpl(
        [](int descriptor, int events, virEventHandleCallback callback, void* opaque, virFreeCallback free) {
          return loop().add_handle(descriptor, events, callback, {opaque, free});
        },
        [](int id, int events) { loop().update_handle(id, events); }, [](int id) { return loop().remove_handle(id); },
        [](int milliseconds, virEventTimeoutCallback callback, void* opaque, virFreeCallback free) {
          return loop().add_timeout(milliseconds, callback, {opaque, free});
        },
        [](int id, int milliseconds) { loop().update_timeout(id, milliseconds); },
        [](int id) { return loop().remove_timeout(id); });
    std::thread{[] { loop().run(); }}.detach();
  });
}

}  // namespace virt
