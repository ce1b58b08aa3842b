// SPDX-License-Identifier: Apache-2.0
#include "exporter/waiters.h"

#include <gmock/gmock.h>

#include <future>
#include <string>
#include <vector>

namespace virt {
namespace {

using namespace std::chrono_literals;

struct NamedSnapshot : SnapshotBase {
  std::string name;
};

std::shared_ptr<SnapshotBase> snapshot_called(const std::string& name) {
  auto snapshot = std::make_shared<NamedSnapshot>();
  snapshot->up = true;
  snapshot->name = name;
  return snapshot;
}

std::string name_of(const SnapshotPtr& snapshot) { return dynamic_cast<const NamedSnapshot&>(*snapshot).name; }

class WaitersTest : public testing::Test {
 protected:
  // Scrapes for which a read begins.
  std::vector<Waiters::Ticket> enter_and_begin(const std::vector<Deadline>& deadlines) {
    std::vector<Waiters::Ticket> tickets;
    for (const Deadline deadline : deadlines) tickets.push_back(waiters.enter(deadline));
    EXPECT_TRUE(waiters.begin());
    return tickets;
  }

  const Deadline now = std::chrono::steady_clock::now();
  Waiters waiters{[] { return std::make_shared<NamedSnapshot>(); }};
};

TEST_F(WaitersTest, without_anybody_there_is_no_read_and_its_end_is_long_over) {
  EXPECT_FALSE(waiters.begin());
  EXPECT_EQ(waiters.first(), Deadline::min());
  EXPECT_EQ(waiters.end(), Deadline::min());
}

TEST_F(WaitersTest, read_ends_with_the_last_of_those_who_wait_when_it_begins) {
  enter_and_begin({now + 2s, now + 1s, now + 3s});
  waiters.join(now + 5s);
  waiters.enter(now + 6s);
  EXPECT_EQ(waiters.end(), now + 3s);
  waiters.answer_all(std::make_shared<NamedSnapshot>());
  EXPECT_EQ(waiters.end(), Deadline::min());
  ASSERT_TRUE(waiters.begin());
  EXPECT_EQ(waiters.end(), now + 6s);
}

TEST_F(WaitersTest, first_is_of_all_without_an_answer_but_not_after_the_end) {
  enter_and_begin({now + 2s, now + 4s});
  waiters.enter(now + 1s);
  EXPECT_EQ(waiters.first(), now + 1s);
  waiters.answer_due(now + 2s, [] { return std::make_shared<NamedSnapshot>(); });
  waiters.join(now + 5s);
  EXPECT_EQ(waiters.first(), now + 4s);
  waiters.answer_due(now + 4s, [] { return std::make_shared<NamedSnapshot>(); });
  EXPECT_EQ(waiters.first(), now + 4s);
}

TEST_F(WaitersTest, who_must_leave_gets_what_is_known_so_far_and_the_others_the_whole) {
  const auto tickets = enter_and_begin({now + 1s, now + 60s});
  const auto next = waiters.enter(now + 1s);
  waiters.answer_due(now + 1s, [] { return snapshot_called("so far"); });
  waiters.answer_all(snapshot_called("whole"));
  EXPECT_EQ(name_of(waiters.wait(tickets[0])), "so far");
  EXPECT_EQ(name_of(waiters.wait(tickets[1])), "whole");
  EXPECT_EQ(name_of(waiters.wait(next)), "so far");
}

TEST_F(WaitersTest, who_waits_for_the_next_read_is_not_answered_by_this_one) {
  enter_and_begin({now + 60s});
  const auto next = waiters.enter(now + 60s);
  waiters.answer_all(snapshot_called("this"));
  EXPECT_FALSE(next->answer);
  waiters.begin();
  waiters.answer_all(snapshot_called("next"));
  EXPECT_EQ(name_of(waiters.wait(next)), "next");
}

TEST_F(WaitersTest, no_snapshot_is_made_for_nobody) {
  waiters.enter(now + 2s);
  waiters.answer_due(now + 1s,
                     []() -> std::shared_ptr<SnapshotBase> { throw std::logic_error("nobody must leave yet"); });
}

TEST_F(WaitersTest, those_who_must_leave_at_once_share_a_snapshot) {
  const auto tickets = enter_and_begin({now, now});
  waiters.answer_due(now, [] { return snapshot_called("so far"); });
  EXPECT_EQ(waiters.wait(tickets[0]), waiters.wait(tickets[1]));
}

TEST_F(WaitersTest, who_is_not_answered_leaves_soon_after_the_deadline_with_nothing) {
  const SnapshotPtr snapshot = waiters.wait(waiters.enter(now + 50ms));
  EXPECT_GE(std::chrono::steady_clock::now(), now + 50ms);
  EXPECT_LT(std::chrono::steady_clock::now(), now + 5s);
  EXPECT_FALSE(snapshot->up);
  EXPECT_EQ(snapshot->timestamp, std::chrono::system_clock::time_point{}) << "no read began";
}

TEST_F(WaitersTest, answer_ends_the_wait) {
  const auto tickets = enter_and_begin({now + 60s});
  auto waiting = std::async(std::launch::async, [&] { return waiters.wait(tickets[0]); });
  waiters.answer_all(snapshot_called("whole"));
  EXPECT_EQ(name_of(waiting.get()), "whole");
  EXPECT_LT(std::chrono::steady_clock::now(), now + 30s);
}

TEST_F(WaitersTest, hurry_ends_the_wait_and_gives_nobody_more_time) {
  const auto tickets = enter_and_begin({now + 60s, now + 10ms});
  auto waiting = std::async(std::launch::async, [&] { return waiters.wait(tickets[0]); });
  waiters.hurry(now + 20ms);
  EXPECT_FALSE(waiting.get()->up);
  EXPECT_LT(std::chrono::steady_clock::now(), now + 30s);
  EXPECT_EQ(waiters.first(), now + 10ms);
  EXPECT_EQ(waiters.end(), now + 20ms);
  EXPECT_FALSE(waiters.wait(waiters.enter(now + 60s))->up);
  EXPECT_LT(std::chrono::steady_clock::now(), now + 30s) << "later scrapes do not wait either";
}

}  // namespace
}  // namespace virt
