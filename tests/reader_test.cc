// SPDX-License-Identifier: Apache-2.0
#include "exporter/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>
#include <vector>

#include "tests/support/captured_log.h"
#include "tests/support/hypervisor.h"

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class ReaderTest : public testing::Test {
 protected:
  ~ReaderTest() override { hypervisor.let_end(1000); }

  static Deadline in(std::chrono::seconds time) { return std::chrono::steady_clock::now() + time; }
  std::unique_ptr<Inspector> inspector() { return std::make_unique<HypervisorInspector>(hypervisor); }

  // A scrape that waits on a thread of its own.
  std::future<SnapshotPtr> scrape(Groups groups) {
    return std::async(std::launch::async, [this, groups] { return reader->read(groups, in(60s)); });
  }
  // A scrape that joins or orders a read and has no time left to wait for it.
  SnapshotPtr late_scrape(Groups groups, std::chrono::seconds late = 1s) { return reader->read(groups, in(-late)); }

  Hypervisor hypervisor;
  std::unique_ptr<Reader> reader = std::make_unique<Reader>(inspector());
};

TEST_F(ReaderTest, scrape_gets_what_was_read) {
  hypervisor.let_end(2);
  EXPECT_EQ(reader->read(Group::kState, in(60s))->source, "read 1");
  EXPECT_EQ(reader->read(Group::kBlock, in(60s))->source, "read 2");  // nothing old is given
  EXPECT_THAT(hypervisor.groups(), ElementsAre(Group::kState, Group::kBlock));
}

TEST_F(ReaderTest, concurrent_scrapes_share_one_read) {
  auto first = scrape(Group::kState | Group::kBlock);
  hypervisor.wait_for_begun(1);
  late_scrape(Group::kState | Group::kBlock);
  late_scrape(Group::kState);
  late_scrape(0);
  hypervisor.let_end(1);
  EXPECT_EQ(first.get()->source, "read 1");
  hypervisor.let_end(1);
  EXPECT_EQ(reader->read(Group::kVcpu, in(60s))->source, "read 2");
  EXPECT_THAT(hypervisor.groups(), ElementsAre(Group::kState | Group::kBlock, Group::kVcpu));
}

TEST_F(ReaderTest, scrapes_that_need_more_wait_for_the_next_read_and_share_that) {
  auto first = scrape(Group::kState);
  hypervisor.wait_for_begun(1);
  late_scrape(Group::kState | Group::kBlock);
  late_scrape(Group::kVcpu);
  auto last = scrape(Group::kVcpu);
  hypervisor.let_end(1);
  EXPECT_EQ(first.get()->source, "read 1");
  hypervisor.wait_for_begun(2);
  EXPECT_EQ(hypervisor.groups()[1], Group::kState | Group::kBlock | Group::kVcpu);
  hypervisor.let_end(2);
  EXPECT_TRUE(last.get()->up);
}

TEST_F(ReaderTest, shared_read_knows_until_when_each_scrape_waits) {
  auto first = scrape(Group::kState);
  hypervisor.wait_for_begun(1);
  hypervisor.wait_for_woken(1);
  const Deadline sooner = in(20s), later = in(40s);
  auto second = std::async(std::launch::async, [&] { return reader->read(Group::kState, sooner); });
  hypervisor.wait_for_woken(2);
  EXPECT_EQ(hypervisor.with_waiters([](Waiters& waiters) { return waiters.first(); }), sooner);
  EXPECT_GT(hypervisor.with_waiters([](Waiters& waiters) { return waiters.last(); }), later);
  hypervisor.let_end(1);
  EXPECT_EQ(first.get()->source, "read 1");
  EXPECT_EQ(second.get()->source, "read 1");
}

TEST_F(ReaderTest, scrape_that_must_leave_early_takes_what_is_known_so_far) {
  auto patient = scrape(Group::kState);
  hypervisor.wait_for_begun(1);
  hypervisor.wait_for_woken(1);
  auto hasty = std::async(std::launch::async, [&] { return reader->read(Group::kState, in(20s)); });
  hypervisor.wait_for_woken(2);
  hypervisor.with_waiters([](Waiters& waiters) {
    waiters.answer_due(in(21s), [] {
      Snapshot snapshot;
      snapshot.source = "so far";
      return snapshot;
    });
    return true;
  });
  EXPECT_EQ(hasty.get()->source, "so far");
  hypervisor.let_end(1);
  EXPECT_EQ(patient.get()->source, "read 1");
}

TEST_F(ReaderTest, hurry_ends_all_waiting_now_and_later) {
  auto first = scrape(Group::kState), second = scrape(Group::kBlock);
  hypervisor.wait_for_begun(1);
  hypervisor.wait_for_woken(2);
  const auto start = std::chrono::steady_clock::now();
  reader->hurry(start + 10ms);
  hypervisor.wait_for_woken(3);
  EXPECT_FALSE(first.get()->up);
  EXPECT_FALSE(second.get()->up);
  EXPECT_FALSE(reader->read(Group::kVcpu, in(60s))->up);
  EXPECT_LT(std::chrono::steady_clock::now(), start + 30s);
}

TEST_F(ReaderTest, scrape_whose_deadline_passes_is_answered_in_time_and_not_up) {
  auto patient = scrape(Group::kState);
  hypervisor.wait_for_begun(1);
  const auto start = std::chrono::steady_clock::now();
  const SnapshotPtr snapshot = reader->read(Group::kState, start + 100ms);
  const auto passed = std::chrono::steady_clock::now() - start;
  ASSERT_NE(snapshot, nullptr);
  EXPECT_FALSE(snapshot->up);
  EXPECT_GE(passed, 100ms);
  EXPECT_LT(passed, 5s);
  hypervisor.let_end(1);
  EXPECT_TRUE(patient.get()->up);
}

TEST_F(ReaderTest, read_that_fails_is_not_up_and_the_next_one_tries_again) {
  const CapturedLog log;
  for (int i = 0; i < 3; ++i) {
    hypervisor.let_end(1, "no daemon");
    EXPECT_FALSE(reader->read(Group::kState, in(60s))->up);
  }
  hypervisor.let_end(2);
  EXPECT_EQ(reader->read(Group::kState, in(60s))->source, "read 4");
  EXPECT_TRUE(reader->read(Group::kState, in(60s))->up);
  EXPECT_EQ(log.text(), "warning libvirt: no daemon\ninfo libvirt: connected again\n");
}

TEST_F(ReaderTest, destructor_waits_for_the_read_under_way) {
  late_scrape(Group::kState);
  hypervisor.wait_for_begun(1);
  auto destroyed = std::async(std::launch::async, [this] { reader.reset(); });
  EXPECT_EQ(destroyed.wait_for(50ms), std::future_status::timeout);
  hypervisor.let_end(1);
  destroyed.get();
  EXPECT_EQ(hypervisor.ended(), 1);
}

TEST_F(ReaderTest, destructor_of_an_idle_reader_reads_nothing) {
  reader.reset();
  EXPECT_THAT(hypervisor.groups(), ElementsAre());
}

TEST_F(ReaderTest, many_scrapes_at_once_are_all_answered) {
  hypervisor.let_end(100'000);
  std::atomic<int> answered = 0;
  std::vector<std::thread> threads;
  for (const Groups groups : {1u, 2u, 3u, 4u, 5u, 6u, 7u, 8u})
    threads.emplace_back([&, groups] {
      for (int i = 0; i < 200; ++i) answered += reader->read(groups, in(60s))->up ? 1 : 0;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, 1600);
  EXPECT_LE(hypervisor.ended(), 1600);
}

TEST_F(ReaderTest, duration_is_what_the_clock_says) {
  std::chrono::steady_clock::time_point time{};
  reader = std::make_unique<Reader>(inspector(), [&] { return time += 1500ms; });
  hypervisor.let_end(1);
  EXPECT_EQ(reader->read(Group::kState, in(60s))->inspect_duration.count(), 1.5);
}

}  // namespace
}  // namespace virt
