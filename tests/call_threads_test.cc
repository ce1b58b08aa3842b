// SPDX-License-Identifier: Apache-2.0
// The threads that call libvirt, and how they report.
#include "exporter/libvirt/call_threads.h"

#include <gmock/gmock.h>

#include <atomic>
#include <future>
#include <set>
#include <thread>

#include "exporter/libvirt/inbox.h"

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::SizeIs;

Inbox::Time in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

TEST(CallThreads, call_that_hangs_keeps_nobody_waiting) {
  CallThreads threads;
  std::promise<void> release;
  const std::shared_future<void> released = release.get_future().share();
  const auto done = std::make_shared<std::promise<void>>();
  for (int i = 0; i < 20; ++i) threads.run([released] { released.wait(); });
  threads.run([done] { done->set_value(); });
  EXPECT_EQ(done->get_future().wait_for(30s), std::future_status::ready);
  release.set_value();
}

TEST(CallThreads, one_call_after_the_other_needs_one_thread) {
  CallThreads threads;
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

TEST(CallThreads, what_a_call_owns_is_given_up_before_it_is_reported) {
  CallThreads threads;
  auto owned = std::make_shared<int>();
  const std::weak_ptr<int> watched = owned;
  std::promise<bool> is_gone;
  threads.run([owned = std::move(owned)] {}, [&] { is_gone.set_value(watched.expired()); });
  EXPECT_TRUE(is_gone.get_future().get());
}

TEST(CallThreads, destructor_waits_for_no_call_and_the_call_still_ends) {
  std::promise<void> release;
  const auto ended = std::make_shared<std::promise<void>>();
  {
    CallThreads threads;
    threads.run([released = release.get_future().share(), ended] {
      released.wait();
      ended->set_value();
    });
  }
  release.set_value();
  EXPECT_EQ(ended->get_future().wait_for(30s), std::future_status::ready);
}

TEST(CallThreads, call_that_was_given_before_the_end_is_made) {
  for (int i = 0; i < 100; ++i) {
    const auto made = std::make_shared<std::promise<void>>();
    {
      CallThreads{}.run([made] { made->set_value(); });
    }
    ASSERT_EQ(made->get_future().wait_for(30s), std::future_status::ready);
  }
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
  while (inbox.run_one(Inbox::Time::min())) continue;
  EXPECT_THAT(order, ElementsAre(0, 1, 2));
  EXPECT_THAT(ids, ElementsAre(std::this_thread::get_id()));
}

TEST(Inbox, wait_ends_with_a_report_or_in_time) {
  Inbox inbox;
  EXPECT_FALSE(inbox.run_one(Inbox::Time::min()));
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
