// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/rotation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <initializer_list>
#include <numeric>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace virt {
namespace {

using std::chrono::seconds;
using testing::IsEmpty;
using testing::SizeIs;

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

// So many things, each with the time of its last turn.
class RotationTest : public testing::Test {
 protected:
  // Those that have their turn then, which is their last one now.
  std::vector<int> choose_after(int passed) {
    now += seconds{passed};
    std::vector<int> things(last_turns.size());
    std::iota(things.begin(), things.end(), 0);
    auto chosen =
        rotation->choose(things, now, [this](int thing) { return last_turns[static_cast<std::size_t>(thing)]; });
    for (const int thing : chosen) last_turns[static_cast<std::size_t>(thing)] = now;
    return chosen;
  }

  void add(std::size_t count) { last_turns.resize(last_turns.size() + count); }

  Time now{seconds{5}};  // the machine was just started
  std::vector<Time> last_turns;
  std::optional<Rotation> rotation{seconds{60}};
};

TEST_F(RotationTest, all_have_their_turn_the_first_time) {
  add(60);
  EXPECT_THAT(choose_after(0), SizeIs(60));
  EXPECT_THAT(choose_after(0), IsEmpty());
}

TEST_F(RotationTest, a_few_have_their_turn_each_time_and_all_within_the_refresh_time) {
  add(60);
  choose_after(0);
  std::set<int> all;
  for (int i = 0; i < 6; ++i) {
    const auto chosen = choose_after(10);
    EXPECT_THAT(chosen, SizeIs(10));
    all.insert(chosen.begin(), chosen.end());
  }
  EXPECT_THAT(all, SizeIs(60));
}

TEST_F(RotationTest, parts_of_a_turn_are_not_lost) {
  add(100);
  choose_after(0);
  std::size_t turns = 0;
  for (int i = 0; i < 12; ++i) turns += choose_after(4).size();
  EXPECT_EQ(turns, 80u) << "in 48 seconds";
}

TEST_F(RotationTest, turns_that_are_rare_take_everything) {
  add(60);
  choose_after(0);
  EXPECT_THAT(choose_after(60), SizeIs(60));
  EXPECT_THAT(choose_after(3600), SizeIs(60));
}

TEST_F(RotationTest, what_is_due_has_its_turn_however_many_that_are) {
  add(60);
  choose_after(0);
  for (int i = 0; i < 5; ++i) choose_after(10);
  add(25);
  EXPECT_THAT(choose_after(0), SizeIs(25)) << "new ones";
  EXPECT_TRUE(is_due(seconds{51}, pace_of({10}), seconds{60}));
  EXPECT_FALSE(is_due(seconds{50}, pace_of({10}), seconds{60})) << "the next time is soon enough";
}

// Whenever the change comes, and however often somebody scrapes, alone or in turn with another.
TEST_F(RotationTest, nothing_waits_longer_than_the_refresh_time) {
  for (const auto& [first, second] :
       {std::pair{1, 1}, {4, 4}, {7, 7}, {15, 15}, {2, 13}, {1, 29}, {30, 30}, {31, 31}, {60, 60}}) {
    rotation.emplace(seconds{60});
    last_turns.assign(100, Time{});
    choose_after(0);
    for (int i = 0; i < 200; ++i) {
      const auto longest_ago = *std::min_element(last_turns.begin(), last_turns.end());
      choose_after(i % 2 == 0 ? first : second);
      EXPECT_LE(now - longest_ago, seconds{60}) << first << ' ' << second;
    }
  }
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
