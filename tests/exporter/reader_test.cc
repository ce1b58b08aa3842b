// SPDX-License-Identifier: Apache-2.0
#include "exporter/reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <future>
#include <string>
#include <vector>

#include "tests/support/captured_log.h"
#include "tests/support/counted.h"
#include "tests/support/hypervisor.h"

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;

class ReaderTest : public testing::Test {
 protected:
  ~ReaderTest() override { hypervisor.let_end(1000); }

  static Deadline in(std::chrono::seconds time) { return std::chrono::steady_clock::now() + time; }
  std::unique_ptr<Source> source() { return std::make_unique<HypervisorSource>(hypervisor); }

  using Answer = std::shared_ptr<const Snapshot>;
  static Answer read(Reader& reader, Needs needs, Deadline deadline) {
    return std::static_pointer_cast<const Snapshot>(Reader::wait(reader.begin(needs, deadline)));
  }

  // A scrape on a thread of its own, which waits for an answer or in line when this returns.
  std::future<Answer> scrape(Groups groups, Deadline deadline = in(60s)) {
    auto answer = std::async(std::launch::async, [=, this] { return read(*reader, groups, deadline); });
    hypervisor.wait_for_woken(++scrapes);
    return answer;
  }
  // A scrape that shares or orders a read and has no time left to wait for it.
  Answer late_scrape(Groups groups) {
    ++scrapes;
    return read(*reader, groups, in(-1s));
  }
  // The read under way answers those who cannot wait until `now`.
  void answer_due(Deadline now) {
    hypervisor.with_waiters([&](Waiters& waiters) {
      waiters.answer_due(now, [] {
        const auto snapshot = std::make_shared<Snapshot>();
        snapshot->source = "so far";
        return snapshot;
      });
    });
  }

  void pass(std::chrono::milliseconds time) { since_start = since_start.load() + time; }

  Hypervisor hypervisor;
  const Instruments instruments{};
  int scrapes = 0;
  std::atomic<std::chrono::milliseconds> since_start{};  // goes on where a test says so
  std::unique_ptr<Reader> reader = std::make_unique<Reader>(
      "libvirt", source(),
      Clocks{[this] { return std::chrono::steady_clock::time_point{since_start.load()}; },
             [this] { return std::chrono::system_clock::time_point{1000s + since_start.load()}; }},
      instruments);
};

TEST_F(ReaderTest, scrape_gets_what_was_read) {
  hypervisor.let_end(2);
  EXPECT_EQ(read(*reader, Group::kState, in(60s))->source, "read 1");
  EXPECT_EQ(read(*reader, Group::kBlock, in(60s))->source, "read 2");  // nothing old is given
  EXPECT_THAT(hypervisor.groups(), ElementsAre(Group::kState, Group::kBlock));
}

TEST_F(ReaderTest, duration_of_each_read_is_counted_also_of_one_that_fails) {
  auto first = scrape(Group::kState);
  hypervisor.wait_for_begun(1);
  pass(300ms);
  hypervisor.let_end(1);
  first.get();
  auto second = scrape(Group::kState);
  hypervisor.wait_for_begun(2);
  pass(20s);
  hypervisor.let_end(1, "lost");
  second.get();
  EXPECT_EQ(counted(instruments),
            "virt_read_duration_seconds_bucket{source=\"libvirt\",le=\"0.1\"} 0\n"
            "virt_read_duration_seconds_bucket{source=\"libvirt\",le=\"0.25\"} 0\n"
            "virt_read_duration_seconds_bucket{source=\"libvirt\",le=\"0.5\"} 1\n"
            "virt_read_duration_seconds_bucket{source=\"libvirt\",le=\"1\"} 1\n"
            "virt_read_duration_seconds_bucket{source=\"libvirt\",le=\"2.5\"} 1\n"
            "virt_read_duration_seconds_bucket{source=\"libvirt\",le=\"5\"} 1\n"
            "virt_read_duration_seconds_bucket{source=\"libvirt\",le=\"10\"} 1\n"
            "virt_read_duration_seconds_bucket{source=\"libvirt\",le=\"+Inf\"} 2\n"
            "virt_read_duration_seconds_sum{source=\"libvirt\"} 20.3\n"
            "virt_read_duration_seconds_count{source=\"libvirt\"} 2\n");
}

TEST_F(ReaderTest, concurrent_scrapes_share_one_read) {
  auto first = scrape(Group::kState | Group::kBlock);
  hypervisor.wait_for_begun(1);
  auto second = scrape(Group::kState | Group::kBlock), third = scrape(Group::kState), fourth = scrape(0);
  hypervisor.let_end(1);
  for (auto* answer : {&first, &second, &third, &fourth}) EXPECT_EQ(answer->get()->source, "read 1");
  hypervisor.let_end(1);
  EXPECT_EQ(read(*reader, Group::kVcpu, in(60s))->source, "read 2");
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

TEST_F(ReaderTest, scrape_that_comes_two_seconds_later_begins_a_read_of_its_own) {
  auto first = scrape(Group::kState, in(60s));
  hypervisor.wait_for_begun(1);
  auto second = scrape(Group::kState, in(62s)), third = scrape(Group::kState, in(62s));
  hypervisor.let_end(1);
  EXPECT_EQ(first.get()->source, "read 1");
  hypervisor.wait_for_begun(2);
  hypervisor.let_end(1);
  EXPECT_EQ(second.get()->source, "read 2");
  EXPECT_EQ(third.get()->source, "read 2");
}

TEST_F(ReaderTest, scrape_shares_a_read_that_may_leave_it_no_time_for_another) {
  auto patient = scrape(Group::kState, in(60s));
  hypervisor.wait_for_begun(1);
  auto hasty = scrape(Group::kState, in(20s));
  hypervisor.let_end(1);
  EXPECT_EQ(hasty.get()->source, "read 1");
}

TEST_F(ReaderTest, end_of_a_read_is_fixed_when_it_begins_and_only_hurry_moves_it) {
  const Deadline end = in(60s);
  auto first = scrape(Group::kState, end);
  hypervisor.wait_for_begun(1);
  auto second = scrape(Group::kState, end + 500ms);
  const auto end_of_read = [&] { return hypervisor.with_waiters([](Waiters& waiters) { return waiters.end(); }); };
  EXPECT_EQ(end_of_read(), end);
  reader->hurry(end - 30s);
  EXPECT_EQ(end_of_read(), end - 30s);
  hypervisor.let_end(1);
  EXPECT_EQ(second.get()->source, "read 1");
}

// Two servers that scrape every 15 s with a timeout of 9.5 s, 7.5 s apart, while a call hangs for ever: each read takes
// all of its time, and before it ends the other server is back.
TEST_F(ReaderTest, servers_that_overlap_without_a_gap_are_told_something_new_each_time) {
  const Deadline start = in(60s);
  auto waiting = scrape(Group::kState, start);
  for (int round = 1; round <= 8; ++round) {
    hypervisor.wait_for_begun(static_cast<std::size_t>(round));
    auto other = scrape(Group::kState, start + round * 7500ms);
    pass(7500ms);
    EXPECT_TRUE(reader->passes_check(in(60s), 10s)) << "the watchdog's";
    hypervisor.let_end(1);
    const Answer answer = waiting.get();
    EXPECT_EQ(answer->source, "read " + std::to_string(round));
    EXPECT_EQ(answer->read_duration, 7.5s);
    waiting = std::move(other);
  }
  hypervisor.let_end(1);
}

TEST_F(ReaderTest, every_answer_has_the_time_and_the_duration_of_its_read) {
  const auto begun = std::chrono::system_clock::time_point{1000s};
  auto patient = scrape(Group::kState, in(60s));
  hypervisor.wait_for_begun(1);
  auto hasty = scrape(Group::kState, in(20s));
  pass(1500ms);
  answer_due(in(21s));
  const Answer so_far = hasty.get();
  EXPECT_EQ(so_far->source, "so far");
  EXPECT_EQ(so_far->timestamp, begun);
  EXPECT_EQ(so_far->read_duration, 1.5s);
  const Answer nothing = late_scrape(Group::kState);
  EXPECT_EQ(nothing->timestamp, begun);
  EXPECT_EQ(nothing->read_duration, 1.5s);
  pass(500ms);
  hypervisor.let_end(1, "no daemon");
  const Answer failed = patient.get();
  EXPECT_EQ(failed->timestamp, begun);
  EXPECT_EQ(failed->read_duration, 2s);
}

TEST_F(ReaderTest, scrape_that_needs_more_and_must_leave_early_takes_what_the_read_under_way_knows) {
  auto patient = scrape(Group::kState, in(60s));
  hypervisor.wait_for_begun(1);
  const Deadline sooner = in(20s);
  auto hasty = scrape(Group::kVcpu, sooner);
  EXPECT_EQ(hypervisor.with_waiters([](Waiters& waiters) { return waiters.first(); }), sooner);
  answer_due(in(21s));
  EXPECT_EQ(hasty.get()->source, "so far");
  hypervisor.let_end(1);
}

TEST_F(ReaderTest, read_that_nobody_waits_for_any_more_is_not_begun) {
  auto patient = scrape(Group::kState);
  hypervisor.wait_for_begun(1);
  late_scrape(Group::kVcpu);
  hypervisor.let_end(2);
  patient.get();
  EXPECT_EQ(read(*reader, Group::kBlock, in(60s))->source, "read 2");
  EXPECT_THAT(hypervisor.groups(), ElementsAre(Group::kState, Group::kBlock));
}

TEST_F(ReaderTest, hurry_ends_all_waiting_now_and_later) {
  auto first = scrape(Group::kState), second = scrape(Group::kBlock);
  hypervisor.wait_for_begun(1);
  const auto start = std::chrono::steady_clock::now();
  reader->hurry(start + 10ms);
  EXPECT_FALSE(first.get()->up);
  EXPECT_FALSE(second.get()->up);
  EXPECT_FALSE(read(*reader, Group::kVcpu, in(60s))->up);
  EXPECT_LT(std::chrono::steady_clock::now(), start + 30s);
}

TEST_F(ReaderTest, scrape_whose_deadline_passes_is_answered_in_time_and_not_up) {
  auto patient = scrape(Group::kState);
  hypervisor.wait_for_begun(1);
  const auto start = std::chrono::steady_clock::now();
  const Answer snapshot = read(*reader, Group::kState, start + 100ms);
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
    EXPECT_FALSE(read(*reader, Group::kState, in(60s))->up);
  }
  hypervisor.let_end(2);
  EXPECT_EQ(read(*reader, Group::kState, in(60s))->source, "read 4");
  EXPECT_TRUE(read(*reader, Group::kState, in(60s))->up);
  EXPECT_EQ(log.text(), "warning libvirt: no daemon\ninfo libvirt: connected again\n");
}

TEST_F(ReaderTest, whatever_a_read_throws_costs_that_read_only) {
  struct Wild : Source {
    std::shared_ptr<SnapshotBase> read(Needs, Waiters&) override { throw 7; }
    std::shared_ptr<SnapshotBase> nothing() const override { return std::make_shared<Snapshot>(); }
    void wake() override {}
  };
  const CapturedLog log;
  Reader wild{"libvirt", std::make_unique<Wild>()};
  for (int i = 0; i < 2; ++i) EXPECT_FALSE(read(wild, Group::kState, in(60s))->up);
  EXPECT_EQ(log.text(), "warning libvirt: threw something that is not a std::exception\n");
}

TEST_F(ReaderTest, destructor_waits_for_the_read_under_way) {
  auto waiting = scrape(Group::kState);
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
      for (int i = 0; i < 200; ++i) answered += read(*reader, groups, in(60s))->up ? 1 : 0;
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(answered, 1600);
  EXPECT_LE(hypervisor.ended(), 1600);
}

TEST_F(ReaderTest, idle_reader_passes_its_check) {
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(reader->passes_check(in(60s), 0s));
  EXPECT_THAT(hypervisor.groups(), ElementsAre());
}

TEST_F(ReaderTest, reader_passes_its_check_while_it_reads_unless_it_reads_for_too_long) {
  auto waiting = scrape(Group::kState);
  hypervisor.wait_for_begun(1);
  pass(10s);
  EXPECT_TRUE(reader->passes_check(in(60s), 10s));
  EXPECT_FALSE(reader->passes_check(in(60s), 9s));
  hypervisor.let_end(1);
  waiting.get();
  EXPECT_TRUE(reader->passes_check(in(60s), 60s));
}

}  // namespace
}  // namespace virt
