// SPDX-License-Identifier: Apache-2.0
#include "exporter/stats_builder.h"

#include <gmock/gmock.h>

#include <string>
#include <vector>

#include "tests/support/stats_of.h"

namespace virt {
namespace {

// The keys that are numbers, in their order.
std::vector<std::string> keys(const Stats& stats) {
  std::vector<std::string> keys;
  for (const Record::Match& match : stats.all().match("*")) keys.emplace_back(match.star);
  return keys;
}

TEST(StatsBuilder, gives_what_was_added_in_its_order) {
  StatsBuilder builder;
  builder.add("vcpu.2.time", 30);
  builder.add("block.0.name", std::string_view{"vda"});
  builder.add("cpu.time", 10);
  const Stats stats = builder.build();
  EXPECT_THAT(keys(stats), testing::ElementsAre("vcpu.2.time", "cpu.time"));
  EXPECT_EQ(stats.number("vcpu.2.time"), 30);
  EXPECT_EQ(stats.text("block.0.name"), "vda");
}

TEST(StatsBuilder, first_of_two_equal_keys_stays) {
  StatsBuilder builder;
  builder.add("a", 1);
  builder.add("a", 2);
  EXPECT_EQ(builder.build().number("a"), 1);
}

TEST(StatsBuilder, is_empty_until_something_is_added_and_after_it_was_built) {
  StatsBuilder builder;
  EXPECT_TRUE(builder.empty());
  EXPECT_TRUE(builder.build().empty());
  builder.add("a", 1);
  EXPECT_FALSE(builder.empty());
  EXPECT_EQ(builder.build().number("a"), 1);
  EXPECT_TRUE(builder.empty());
  EXPECT_TRUE(builder.build().empty());
}

TEST(StatsBuilder, copy_goes_on_by_itself) {
  StatsBuilder builder;
  builder.add("a", 1);
  StatsBuilder copy = builder;
  copy.add("b", 2);
  EXPECT_THAT(keys(builder.build()), testing::ElementsAre("a"));
  EXPECT_THAT(keys(copy.build()), testing::ElementsAre("a", "b"));
}

TEST(StatsBuilder, appended_statistics_are_found_beside_the_first_ones) {
  StatsBuilder builder;
  builder.add("state.state", 1);
  builder.add("net.0.name", std::string_view{"vnet0"});
  builder.append(stats_of({{"block.0.rd.reqs", 7}, {"state.state", 3}}, {{"block.0.name", "vda"}}));
  builder.append({});
  const Stats stats = builder.build();
  EXPECT_EQ(stats.number("state.state"), 1);
  EXPECT_EQ(stats.text("net.0.name"), "vnet0");
  EXPECT_EQ(stats.group("block").at(0).text("name"), "vda");
  EXPECT_EQ(stats.group("block").at(0).number("rd.reqs"), 7);
}

TEST(Extend, adds_what_the_other_one_has_beside_what_is_there) {
  Stats stats = stats_of({{"state.state", 1}}, {{"net.0.name", "vnet0"}});
  extend(stats, stats_of({{"block.0.rd.reqs", 7}, {"state.state", 3}}, {{"block.0.name", "vda"}}));
  extend(stats, {});
  EXPECT_EQ(stats.number("state.state"), 1);
  EXPECT_EQ(stats.text("net.0.name"), "vnet0");
  EXPECT_EQ(stats.group("block").at(0).text("name"), "vda");
  EXPECT_EQ(stats.group("block").at(0).number("rd.reqs"), 7);
}

TEST(Extend, what_is_empty_becomes_equal) {
  Stats stats;
  extend(stats, stats_of({{"a", 1}}, {{"b", "text"}}));
  EXPECT_THAT(keys(stats), testing::ElementsAre("a"));
  EXPECT_EQ(stats.text("b"), "text");
}

}  // namespace
}  // namespace virt
