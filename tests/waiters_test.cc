// SPDX-License-Identifier: Apache-2.0
#include "exporter/waiters.h"

#include <gmock/gmock.h>

#include <future>

namespace virt {
namespace {

using namespace std::chrono_literals;

Snapshot snapshot_called(const std::string& source) {
  Snapshot snapshot;
  snapshot.up = true;
  snapshot.source = source;
  return snapshot;
}

SnapshotPtr shared(const std::string& source) { return std::make_shared<const Snapshot>(snapshot_called(source)); }

class WaitersTest : public testing::Test {
 protected:
  const Deadline now = std::chrono::steady_clock::now();
  Waiters waiters;
};

TEST_F(WaitersTest, first_and_last_are_of_those_without_an_answer) {
  EXPECT_EQ(waiters.first(), Deadline::min());
  EXPECT_EQ(waiters.last(), Deadline::min());
  waiters.enter(now + 2s);
  waiters.enter(now + 1s);
  waiters.enter(now + 3s);
  EXPECT_EQ(waiters.first(), now + 1s);
  EXPECT_EQ(waiters.last(), now + 3s);
  waiters.answer_due(now + 1s, [] { return Snapshot{}; });
  EXPECT_EQ(waiters.first(), now + 2s);
  waiters.answer_all(shared("all"));
  EXPECT_EQ(waiters.first(), Deadline::min());
}

TEST_F(WaitersTest, who_must_leave_gets_what_is_known_so_far_and_the_others_the_whole) {
  const auto early = waiters.enter(now + 1s), late = waiters.enter(now + 60s);
  waiters.answer_due(now + 1s, [] { return snapshot_called("so far"); });
  waiters.answer_all(shared("whole"));
  EXPECT_EQ(waiters.wait(early)->source, "so far");
  EXPECT_EQ(waiters.wait(late)->source, "whole");
}

TEST_F(WaitersTest, no_snapshot_is_made_for_nobody) {
  waiters.enter(now + 2s);
  waiters.answer_due(now + 1s, []() -> Snapshot { throw std::logic_error("nobody must leave yet"); });
}

TEST_F(WaitersTest, those_who_must_leave_at_once_share_a_snapshot) {
  const auto a = waiters.enter(now), b = waiters.enter(now);
  waiters.answer_due(now, [] { return snapshot_called("so far"); });
  EXPECT_EQ(waiters.wait(a), waiters.wait(b));
}

TEST_F(WaitersTest, who_is_not_answered_leaves_soon_after_the_deadline_with_nothing) {
  const SnapshotPtr snapshot = waiters.wait(waiters.enter(now + 50ms));
  EXPECT_GE(std::chrono::steady_clock::now(), now + 50ms);
  EXPECT_LT(std::chrono::steady_clock::now(), now + 5s);
  EXPECT_FALSE(snapshot->up);
}

TEST_F(WaitersTest, answer_ends_the_wait) {
  const auto ticket = waiters.enter(now + 60s);
  auto waiting = std::async(std::launch::async, [&] { return waiters.wait(ticket); });
  waiters.answer_all(shared("whole"));
  EXPECT_EQ(waiting.get()->source, "whole");
  EXPECT_LT(std::chrono::steady_clock::now(), now + 30s);
}

TEST_F(WaitersTest, hurry_ends_the_wait_and_gives_nobody_more_time) {
  const auto patient = waiters.enter(now + 60s);
  waiters.enter(now + 10ms);
  auto waiting = std::async(std::launch::async, [&] { return waiters.wait(patient); });
  waiters.hurry(now + 20ms);
  EXPECT_FALSE(waiting.get()->up);
  EXPECT_LT(std::chrono::steady_clock::now(), now + 30s);
  EXPECT_EQ(waiters.first(), now + 10ms);
}

}  // namespace
}  // namespace virt
