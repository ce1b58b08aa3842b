// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/rotation.h"

#include <gtest/gtest.h>

namespace virt {
namespace {

using std::chrono::seconds;

TEST(Rotation, all_have_their_turn_within_the_refresh_time) {
  EXPECT_EQ(turn(60, seconds{10}, seconds{60}), 12u) << "60 in 50 seconds";
  EXPECT_EQ(turn(100, seconds{15}, seconds{60}), 34u) << "rounded up";
  EXPECT_EQ(turn(60, seconds{0}, seconds{60}), 0u);
  EXPECT_EQ(turn(0, seconds{10}, seconds{60}), 0u);
}

TEST(Rotation, turns_that_are_rare_take_everything) {
  EXPECT_EQ(turn(60, seconds{30}, seconds{60}), 60u);
  EXPECT_EQ(turn(60, seconds{3600}, seconds{60}), 60u);
}

}  // namespace
}  // namespace virt
