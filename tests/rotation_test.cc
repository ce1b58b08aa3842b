// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/rotation.h"

#include <gtest/gtest.h>

#include <initializer_list>
#include <utility>

namespace virt {
namespace {

using std::chrono::seconds;

using Time = Pace::Time;

Pace pace_of(std::initializer_list<int> intervals) {
  Pace pace;
  Time now{seconds{5}};  // the machine was just started
  pace.tick(now);
  for (const int interval : intervals) pace.tick(now += seconds{interval});
  return pace;
}

TEST(Pace, is_for_ever_at_first_and_then_the_longer_one_of_the_last_two) {
  EXPECT_GT(pace_of({}).last(), seconds{1'000'000'000});
  EXPECT_EQ(pace_of({15}).last(), seconds{15});
  EXPECT_EQ(pace_of({15}).next(), seconds{15});
  EXPECT_EQ(pace_of({2, 13, 2}).last(), seconds{2});
  EXPECT_EQ(pace_of({2, 13, 2}).next(), seconds{13});
  EXPECT_EQ(pace_of({13, 2, 2}).next(), seconds{2});
}

TEST(Rotation, a_few_have_their_turn_each_time_and_all_within_the_refresh_time) {
  EXPECT_EQ(turn(60, 0, pace_of({10}), seconds{60}), 10u);
  EXPECT_EQ(turn(100, 0, pace_of({7}), seconds{60}), 12u) << "rounded up";
  EXPECT_EQ(turn(60, 0, pace_of({0}), seconds{60}), 0u);
  EXPECT_EQ(turn(0, 0, pace_of({10}), seconds{60}), 0u);
}

TEST(Rotation, turns_that_are_rare_take_everything) {
  EXPECT_EQ(turn(60, 0, pace_of({}), seconds{60}), 60u) << "and the first one";
  EXPECT_EQ(turn(60, 0, pace_of({60}), seconds{60}), 60u);
  EXPECT_EQ(turn(60, 0, pace_of({3600}), seconds{60}), 60u);
}

TEST(Rotation, what_is_due_has_its_turn_however_many_that_are) {
  EXPECT_EQ(turn(60, 25, pace_of({10}), seconds{60}), 25u);
  EXPECT_TRUE(is_due(seconds{51}, pace_of({10}), seconds{60}));
  EXPECT_FALSE(is_due(seconds{50}, pace_of({10}), seconds{60})) << "the next time is soon enough";
}

// Whenever the change comes, and however often somebody scrapes, alone or in turn with another.
TEST(Refresh, every_change_of_a_single_thing_is_seen_within_the_refresh_time) {
  for (const auto& [first, second] :
       {std::pair{1, 1}, {7, 7}, {15, 15}, {2, 13}, {1, 29}, {30, 30}, {31, 31}, {60, 60}}) {
    Refresh refresh{seconds{60}};
    Time now{seconds{5}}, read = now;
    EXPECT_TRUE(refresh.is_due(now)) << "the first time";
    for (int i = 0; i < 200; ++i) {
      now += seconds{i % 2 == 0 ? first : second};
      EXPECT_LE(now - read, seconds{60}) << first << ' ' << second;
      if (refresh.is_due(now)) read = now;
    }
  }
}

TEST(Refresh, is_not_due_again_at_once) {
  Refresh refresh{seconds{60}};
  const Time now{seconds{5}};
  EXPECT_TRUE(refresh.is_due(now));
  EXPECT_FALSE(refresh.is_due(now));
  EXPECT_FALSE(refresh.is_due(now + seconds{15}));
}

}  // namespace
}  // namespace virt
