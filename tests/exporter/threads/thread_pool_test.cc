// SPDX-License-Identifier: Apache-2.0
// Threads for work that may hang, and how those that call libvirt report.
#include "exporter/threads/thread_pool.h"

#include <gmock/gmock.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <future>
#include <iostream>
#include <latch>
#include <memory>
#include <set>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "exporter/libvirt/snapshot.h"
#include "exporter/threads/guarded_calls.h"
#include "exporter/threads/inbox.h"
#include "exporter/waiters.h"

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::SizeIs;

Time in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

TEST(ThreadPool, call_that_hangs_keeps_nobody_waiting) {
  ThreadPool threads{"test", 8};
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  const auto done = std::make_shared<std::promise<void>>();
  for (int i = 0; i < 20; ++i) threads.run([released] { released.wait(); });
  threads.run([done] { done->set_value(); });
  EXPECT_EQ(done->get_future().wait_for(30s), std::future_status::ready);
  release.set_value();
}

TEST(ThreadPool, one_call_after_the_other_needs_one_thread) {
  ThreadPool threads{"test", 8};
  std::set<std::thread::id> ids;
  for (int i = 0; i < 1000; ++i) {
    const auto id = std::make_shared<std::thread::id>();
    const auto reported = std::make_shared<std::promise<void>>();
    threads.run([id] { *id = std::this_thread::get_id(); }, [reported] { reported->set_value(); });
    reported->get_future().get();
    ids.insert(*id);
  }
  EXPECT_THAT(ids, SizeIs(1));
}

// Threads of this process that are called so.
std::ptrdiff_t count_threads(const std::string& name) {
  const std::filesystem::directory_iterator tasks{"/proc/self/task"};
  return std::count_if(begin(tasks), end(tasks), [&](const std::filesystem::directory_entry& task) {
    std::ifstream file{task.path() / "comm"};
    std::string line;
    return std::getline(file, line) && line == name;
  });
}

TEST(ThreadPool, no_more_idle_threads_stay_than_are_to_be_kept) {
  ThreadPool pool{"kept", 2};
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  std::latch all_run{10};
  for (int i = 0; i < 10; ++i)
    pool.run([&all_run, released] {
      all_run.count_down();
      released.wait();
    });
  all_run.wait();
  EXPECT_EQ(count_threads("kept"), 10);
  release.set_value();
  const auto end = std::chrono::steady_clock::now() + 30s;
  while (count_threads("kept") != 2 && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(1ms);
  std::this_thread::sleep_for(20ms);
  EXPECT_EQ(count_threads("kept"), 2);
}

TEST(ThreadPool, what_a_call_owns_is_given_up_before_it_is_reported) {
  ThreadPool threads{"test", 8};
  auto owned = std::make_shared<int>();
  const std::weak_ptr<int> watched = owned;
  std::promise<bool> is_gone;
  threads.run([owned = std::move(owned)] {}, [&] { is_gone.set_value(watched.expired()); });
  EXPECT_TRUE(is_gone.get_future().get());
}

TEST(ThreadRunner, what_is_discarded_is_destroyed_on_another_thread) {
  ThreadRunner threads{"test", 8};
  std::promise<std::thread::id> destroyed;
  threads.discard(std::shared_ptr<int>(new int, [&](int* owned) {
    delete owned;
    destroyed.set_value(std::this_thread::get_id());
  }));
  EXPECT_NE(destroyed.get_future().get(), std::this_thread::get_id());
}

TEST(ThreadPool, destructor_waits_for_no_call_and_the_call_still_ends) {
  std::promise<void> release;
  const auto ended = std::make_shared<std::promise<void>>();
  {
    ThreadPool threads{"test", 8};
    threads.run([released = release.get_future().share(), ended] {
      released.wait();
      ended->set_value();
    });
  }
  release.set_value();
  EXPECT_EQ(ended->get_future().wait_for(30s), std::future_status::ready);
}

TEST(ThreadPool, call_that_was_given_before_the_end_is_made) {
  for (int i = 0; i < 100; ++i) {
    const auto made = std::make_shared<std::promise<void>>();
    {
      ThreadPool{"test", 8}.run([made] { made->set_value(); });
    }
    ASSERT_EQ(made->get_future().wait_for(30s), std::future_status::ready);
  }
}

// Of a user who may have no more threads, for a while.
TEST(ThreadPoolDeathTest, lack_of_threads_costs_the_calls_that_needed_one_and_no_later_ones) {
  const auto serve = [] {
    GuardedCalls calls{std::make_shared<ThreadRunner>("test", 8)};
    Waiters waiters{[] { return std::make_shared<Snapshot>(); }};
    waiters.enter(in(30s));
    waiters.begin();
    constexpr uid_t kNobody = 65534;
    const rlimit none{1, 1000};
    if (setrlimit(RLIMIT_NPROC, &none) != 0 || setuid(kNobody) != 0) std::cerr << "this test needs root\n";
    const auto call = [] { return 7; };
    try {
      calls.await(call, waiters);
    } catch (const std::system_error&) {
      std::cerr << "no thread, then ";
    }
    const rlimit enough{1000, 1000};
    setrlimit(RLIMIT_NPROC, &enough);
    std::cerr << calls.await(call, waiters).value_or(0);
    std::_Exit(0);
  };
  EXPECT_EXIT(serve(), testing::ExitedWithCode(0), testing::StrEq("no thread, then 7"));
}

TEST(Inbox, reports_are_run_in_order_by_the_one_who_waits) {
  Inbox inbox;
  std::vector<int> order;
  std::set<std::thread::id> ids;
  std::thread{[&] {
    for (int i = 0; i < 3; ++i)
      inbox.post([&, i] {
        order.push_back(i);
        ids.insert(std::this_thread::get_id());
      });
  }}.join();
  while (inbox.run_one(Time::min())) continue;
  EXPECT_THAT(order, ElementsAre(0, 1, 2));
  EXPECT_THAT(ids, ElementsAre(std::this_thread::get_id()));
}

TEST(Inbox, wait_ends_with_a_report_or_in_time) {
  Inbox inbox;
  EXPECT_FALSE(inbox.run_one(Time::min()));
  const auto start = std::chrono::steady_clock::now();
  EXPECT_FALSE(inbox.run_one(start + 30ms));
  EXPECT_GE(std::chrono::steady_clock::now(), start + 30ms);
  std::thread poster{[&] { inbox.post([] {}); }};
  EXPECT_TRUE(inbox.run_one(in(30s)));
  poster.join();
}

TEST(Inbox, report_may_post_another) {
  Inbox inbox;
  bool second = false;
  inbox.post([&] { inbox.post([&] { second = true; }); });
  EXPECT_TRUE(inbox.run_one(in(0ms)));
  EXPECT_TRUE(inbox.run_one(in(0ms)));
  EXPECT_TRUE(second);
}

}  // namespace
}  // namespace virt
