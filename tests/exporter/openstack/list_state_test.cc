// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/list_state.h"

#include <gmock/gmock.h>

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::IsNull;
using testing::Not;

const ListSpec kCheap{CloudList::kRouters, Service::kNetwork, "routers", "/routers", "routers", "id", "", 0, 60s, 900s};
const ListSpec kBig{CloudList::kPorts, Service::kNetwork, "ports", "/ports", "ports", "id", "", 0, 60s, 900s, kBehind};

ListResult found(std::size_t items) {
  ListResult result;
  result.items = std::make_shared<const CloudItems>(items);
  result.count = items;
  result.pages = 2;
  return result;
}

ListResult failed(Failure failure, std::chrono::seconds retry_after = 0s) {
  ListResult result;
  result.failure = failure;
  result.retry_after = retry_after;
  return result;
}

class ListStateTest : public testing::Test {
 protected:
  bool read(ListResult result) {
    state_.begin(now_);
    return state_.end(std::move(result), now_ += 1s);
  }
  // How long it is not due.
  std::chrono::seconds pause() {
    std::chrono::seconds pause{0};
    while (!state_.is_due(now_ + pause)) pause += 1s;
    return pause;
  }

  ListState state_{kCheap};
  Time now_ = Time{} + 1000000s;
};

TEST_F(ListStateTest, list_is_due_when_it_is_not_known_or_too_old) {
  EXPECT_TRUE(state_.is_due(now_));
  read(found(1));
  EXPECT_EQ(pause(), 59s);  // from when the read began
}

TEST_F(ListStateTest, list_that_is_being_read_is_not_due) {
  state_.begin(now_);
  EXPECT_FALSE(state_.is_due(now_ + 1h));
}

TEST_F(ListStateTest, report_says_how_the_read_went) {
  EXPECT_EQ(state_.report(now_).reason, "pending");
  read(found(3));
  const CloudListReport report = state_.report(now_);
  EXPECT_EQ(report.service, "neutron");
  EXPECT_EQ(report.list, "routers");
  EXPECT_TRUE(report.success);
  EXPECT_EQ(report.reason, "");
  EXPECT_EQ(report.age, 1);
  EXPECT_EQ(report.duration, 1);
  EXPECT_EQ(report.pages, 2);
  EXPECT_EQ(report.items, 3);
}

TEST_F(ListStateTest, last_good_list_is_shown_until_it_is_stale) {
  read(found(3));
  read(failed(Failure::kTimeout));
  EXPECT_THAT(state_.items(now_), Not(IsNull()));
  const CloudListReport report = state_.report(now_);
  EXPECT_FALSE(report.success);
  EXPECT_EQ(report.reason, "timeout");
  EXPECT_EQ(report.age, 2);
  EXPECT_THAT(state_.items(now_ + 900s), IsNull());
  EXPECT_EQ(state_.report(now_ + 900s).items, std::nullopt);
}

TEST_F(ListStateTest, list_that_nobody_asked_for_grows_stale) {
  read(found(3));
  EXPECT_EQ(state_.report(now_ + 900s).reason, "stale");
}

TEST_F(ListStateTest, read_that_does_not_end_is_no_success) {
  read(found(3));
  state_.begin(now_);
  EXPECT_TRUE(state_.report(now_ + 5s).success);
  const CloudListReport report = state_.report(now_ + 6s);
  EXPECT_FALSE(report.success);
  EXPECT_EQ(report.reason, "pending");
  EXPECT_EQ(report.items, 3);
}

TEST_F(ListStateTest, refusal_takes_the_last_list_away) {
  for (const Failure failure : {Failure::kScope, Failure::kForbidden, Failure::kAbsent, Failure::kNoService}) {
    read(found(3));
    if (!read(failed(failure))) state_.end(failed(failure), now_);
    EXPECT_THAT(state_.items(now_), IsNull()) << to_text(failure);
  }
}

TEST_F(ListStateTest, sudden_empty_list_is_believed_the_second_time) {
  EXPECT_FALSE(read(found(0)));
  EXPECT_TRUE(state_.is_being_read());
  EXPECT_TRUE(state_.end(found(0), now_));
  EXPECT_TRUE(read(found(0)));
  EXPECT_TRUE(read(found(2)));
  EXPECT_FALSE(read(found(0)));
  EXPECT_TRUE(state_.end(found(2), now_));
  EXPECT_EQ(state_.report(now_).items, 2);
}

TEST_F(ListStateTest, sudden_403_is_believed_the_second_time) {
  read(found(3));
  EXPECT_FALSE(read(failed(Failure::kForbidden)));
  EXPECT_TRUE(state_.end(found(3), now_));
  EXPECT_FALSE(read(failed(Failure::kForbidden)));
  EXPECT_TRUE(state_.end(failed(Failure::kForbidden), now_));
  EXPECT_EQ(state_.report(now_).reason, "forbidden");
  EXPECT_EQ(pause(), 5s);
  now_ += 5s;
  EXPECT_TRUE(read(failed(Failure::kForbidden)));
  EXPECT_EQ(pause(), 900s);
}

TEST_F(ListStateTest, failures_in_a_row_make_pauses) {
  for (const auto expected : {0s, 0s, 5s, 10s, 20s, 40s, 60s, 60s}) {
    read(failed(Failure::kTimeout));
    EXPECT_EQ(pause(), expected);
    now_ += expected;
  }
  read(found(1));
  read(failed(Failure::kTimeout));
  EXPECT_EQ(pause(), 0s);
}

TEST_F(ListStateTest, pause_is_as_long_as_the_service_asks) {
  read(failed(Failure::kStatus, 30s));
  EXPECT_EQ(pause(), 30s);
  now_ += 30s;
  read(failed(Failure::kStatus, 1000000s));
  EXPECT_EQ(pause(), 900s);
}

TEST_F(ListStateTest, refusals_are_tried_again_seldom_unless_that_costs_nothing) {
  read(failed(Failure::kAbsent));
  EXPECT_EQ(pause(), 900s);
  now_ += 900s;
  read(failed(Failure::kScope));
  EXPECT_EQ(pause(), 0s);
}

TEST_F(ListStateTest, scrape_waits_for_a_read_that_it_began) {
  EXPECT_EQ(state_.awaited_until(now_, 2s), Time::min());
  state_.begin(now_);
  EXPECT_EQ(state_.awaited_until(now_, 2s), Time::max());
}

TEST_F(ListStateTest, next_scrape_is_patient_with_what_was_never_read_and_not_with_what_was) {
  state_.begin(now_);
  EXPECT_EQ(state_.awaited_until(now_ + 10s, 2s), now_ + 12s);
  state_.end(found(1), now_);
  state_.begin(now_);
  EXPECT_EQ(state_.awaited_until(now_ + 10s, 2s), Time::min());
}

TEST_F(ListStateTest, list_that_timed_out_keeps_no_scrape_waiting_again) {
  read(failed(Failure::kTimeout));
  state_.begin(now_);
  EXPECT_EQ(state_.awaited_until(now_, 2s), Time::min());
}

TEST_F(ListStateTest, failure_that_is_long_in_coming_keeps_no_scrape_waiting_again_until_it_is_over) {
  state_.begin(now_);
  state_.end(failed(Failure::kLogin), now_ += 30s);
  read(failed(Failure::kLogin));  // at once, as there is a pause
  state_.begin(now_);
  EXPECT_EQ(state_.awaited_until(now_, 2s), Time::min());
  state_.end(found(1), now_);
  state_.begin(now_);
  EXPECT_EQ(state_.awaited_until(now_, 2s), Time::max());
}

TEST_F(ListStateTest, list_that_fails_at_once_is_waited_for) {
  read(failed(Failure::kStatus));
  state_.begin(now_);
  EXPECT_EQ(state_.awaited_until(now_, 2s), Time::max());
}

TEST_F(ListStateTest, big_list_is_waited_for_a_moment_the_first_time) {
  state_ = ListState{kBig};
  state_.begin(now_);
  EXPECT_EQ(state_.awaited_until(now_, 2s), now_ + 2s);
  EXPECT_EQ(state_.awaited_until(now_, std::chrono::steady_clock::duration::max()), Time::max());
  state_.end(found(1), now_);
  state_.begin(now_);
  EXPECT_EQ(state_.awaited_until(now_, 2s), Time::min());
}

}  // namespace
}  // namespace virt
