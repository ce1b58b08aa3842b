// SPDX-License-Identifier: Apache-2.0
// By way of libvirt's own functions, which call the loop that is registered.
#include "exporter/libvirt/event_loop.h"

#include <gmock/gmock.h>
#include <libvirt/libvirt.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <thread>

namespace virt {
namespace {

using namespace std::chrono_literals;

bool wait_until(const std::function<bool()>& reached) {
  for (const auto end = std::chrono::steady_clock::now() + 10s; std::chrono::steady_clock::now() < end;
       std::this_thread::sleep_for(1ms))
    if (reached()) return true;
  return false;
}

// What a callback saw.
struct Seen {
  std::atomic<int> calls = 0, freed = 0, events = 0;
  std::thread::id caller;
};

void on_event(int, int descriptor, int events, void* opaque) {
  auto& seen = *static_cast<Seen*>(opaque);
  char byte = 0;
  if ((events & VIR_EVENT_HANDLE_READABLE) != 0) (void)!read(descriptor, &byte, 1);
  seen.caller = std::this_thread::get_id();
  seen.events = events;
  ++seen.calls;
}

void on_timeout(int, void* opaque) { ++static_cast<Seen*>(opaque)->calls; }
void on_free(void* opaque) { ++static_cast<Seen*>(opaque)->freed; }

class EventLoopTest : public testing::Test {
 protected:
  EventLoopTest() {
    start_event_loop();
    if (socketpair(AF_UNIX, SOCK_STREAM, 0, ends) < 0) throw std::runtime_error("no sockets");
  }
  ~EventLoopTest() override {
    close(ends[0]);
    close(ends[1]);
  }

  int watch(int events) { return virEventAddHandle(ends[0], events, on_event, &seen, on_free); }
  void remove(int handle) {
    ASSERT_EQ(virEventRemoveHandle(handle), 0);
    ASSERT_TRUE(wait_until([&] { return seen.freed == 1; }));
  }
  void send() { ASSERT_EQ(write(ends[1], "x", 1), 1); }

  int ends[2] = {-1, -1};
  Seen seen;
};

TEST_F(EventLoopTest, tells_of_a_readable_descriptor_on_a_thread_of_its_own) {
  const int handle = watch(VIR_EVENT_HANDLE_READABLE);
  send();
  EXPECT_TRUE(wait_until([&] { return seen.calls == 1; }));
  EXPECT_EQ(seen.events, VIR_EVENT_HANDLE_READABLE);
  EXPECT_NE(seen.caller, std::this_thread::get_id());
  remove(handle);
}

TEST_F(EventLoopTest, tells_nothing_of_a_descriptor_without_events_even_when_its_peer_hangs_up) {
  const int handle = watch(VIR_EVENT_HANDLE_READABLE);
  virEventUpdateHandle(handle, 0);
  send();
  shutdown(ends[1], SHUT_RDWR);
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(seen.calls, 0);
  virEventUpdateHandle(handle, VIR_EVENT_HANDLE_READABLE);
  EXPECT_TRUE(wait_until([&] { return seen.calls > 0; })) << "what came meanwhile is not lost";
  remove(handle);
}

TEST_F(EventLoopTest, changes_what_it_tells) {
  const int handle = watch(VIR_EVENT_HANDLE_READABLE);
  virEventUpdateHandle(handle, VIR_EVENT_HANDLE_WRITABLE);
  EXPECT_TRUE(wait_until([&] { return seen.calls > 0; }));
  EXPECT_EQ(seen.events, VIR_EVENT_HANDLE_WRITABLE);
  remove(handle);
}

TEST_F(EventLoopTest, a_removed_descriptor_is_not_told_of_and_its_value_freed_once) {
  const int handle = watch(VIR_EVENT_HANDLE_READABLE);
  remove(handle);
  send();
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(seen.calls, 0);
  EXPECT_EQ(seen.freed, 1);
  EXPECT_EQ(virEventRemoveHandle(handle), -1);
}

TEST_F(EventLoopTest, a_callback_may_remove_itself) {
  static int handle = 0;
  handle = virEventAddHandle(
      ends[0], 0, [](int, int, int, void*) { virEventRemoveHandle(handle); }, &seen, on_free);
  virEventUpdateHandle(handle, VIR_EVENT_HANDLE_WRITABLE);
  EXPECT_TRUE(wait_until([&] { return seen.freed == 1; }));
}

TEST_F(EventLoopTest, refuses_what_cannot_be_watched) {
  EXPECT_EQ(virEventAddHandle(-1, VIR_EVENT_HANDLE_READABLE, on_event, &seen, on_free), -1);
}

TEST_F(EventLoopTest, a_timeout_comes_again_and_again_until_it_is_switched_off) {
  const int timeout = virEventAddTimeout(1, on_timeout, &seen, on_free);
  EXPECT_TRUE(wait_until([&] { return seen.calls >= 3; }));
  virEventUpdateTimeout(timeout, -1);
  std::this_thread::sleep_for(20ms);  // one may have been under way
  const int calls = seen.calls;
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(seen.calls, calls);
  EXPECT_EQ(virEventRemoveTimeout(timeout), 0);
  EXPECT_TRUE(wait_until([&] { return seen.freed == 1; }));
  EXPECT_EQ(virEventRemoveTimeout(timeout), -1);
}

TEST_F(EventLoopTest, a_timeout_begins_switched_off_and_is_switched_on) {
  const int timeout = virEventAddTimeout(-1, on_timeout, &seen, on_free);
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(seen.calls, 0);
  virEventUpdateTimeout(timeout, 0);
  EXPECT_TRUE(wait_until([&] { return seen.calls > 0; }));
  virEventRemoveTimeout(timeout);
  EXPECT_TRUE(wait_until([&] { return seen.freed == 1; }));
}

TEST_F(EventLoopTest, a_timeout_does_not_come_early) {
  const auto start = std::chrono::steady_clock::now();
  const int timeout = virEventAddTimeout(100, on_timeout, &seen, on_free);
  EXPECT_TRUE(wait_until([&] { return seen.calls > 0; }));
  EXPECT_GE(std::chrono::steady_clock::now() - start, 100ms);
  virEventRemoveTimeout(timeout);
  EXPECT_TRUE(wait_until([&] { return seen.freed == 1; }));
}

}  // namespace
}  // namespace virt
