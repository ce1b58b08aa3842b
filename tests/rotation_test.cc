// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/rotation.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace virt {
namespace {

using std::chrono::seconds;

TEST(Rotation, a_few_have_their_turn_each_time_and_all_within_the_refresh_time) {
  EXPECT_EQ(turn(60, 0, seconds{10}, seconds{60}), 10u);
  EXPECT_EQ(turn(100, 0, seconds{7}, seconds{60}), 12u) << "rounded up";
  EXPECT_EQ(turn(60, 0, seconds{0}, seconds{60}), 0u);
  EXPECT_EQ(turn(0, 0, seconds{10}, seconds{60}), 0u);
}

TEST(Rotation, turns_that_are_rare_take_everything) {
  EXPECT_EQ(turn(60, 0, seconds{60}, seconds{60}), 60u);
  EXPECT_EQ(turn(60, 0, seconds{3600}, seconds{60}), 60u);
}

TEST(Rotation, what_is_due_has_its_turn_however_many_that_are) {
  EXPECT_EQ(turn(60, 25, seconds{10}, seconds{60}), 25u);
  EXPECT_TRUE(is_due(seconds{51}, seconds{10}, seconds{60}));
  EXPECT_FALSE(is_due(seconds{50}, seconds{10}, seconds{60})) << "the next time is soon enough";
}

// Whenever the change comes, and however often somebody scrapes.
TEST(Refresh, every_change_of_a_single_thing_is_seen_within_the_refresh_time) {
  for (const int interval : {1, 7, 10, 15, 29, 30, 31, 60}) {
    Refresh refresh{seconds{60}};
    Refresh::Time now{seconds{1'000'000}}, read{};
    int reads = 0;
    EXPECT_TRUE(refresh.is_due(now)) << "the first time";
    for (int passed = 0; passed < 600; passed += interval) {
      const bool is_due = refresh.is_due(now += seconds{interval});
      if (!is_due) continue;
      if (reads++ > 0) {
        EXPECT_LE(now - read, seconds{std::max(60, interval)}) << interval;
      }
      read = now;
    }
    EXPECT_GE(reads, 9) << interval;
  }
}

TEST(Refresh, is_not_due_again_at_once) {
  Refresh refresh{seconds{60}};
  const Refresh::Time now{seconds{1'000'000}};
  EXPECT_TRUE(refresh.is_due(now));
  EXPECT_FALSE(refresh.is_due(now));
  EXPECT_FALSE(refresh.is_due(now + seconds{15}));
}

}  // namespace
}  // namespace virt
