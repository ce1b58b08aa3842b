// SPDX-License-Identifier: Apache-2.0
#include "exporter/record.h"

#include <gmock/gmock.h>

#include <utility>

#include "tests/support/stats_of.h"

namespace virt {
namespace {

using testing::ElementsAre;
using testing::Optional;

Stats vcpus() {
  return stats_of({{"vcpu.current", 3},
                   {"vcpu.maximum", 4},
                   {"vcpu.0.time", 10},
                   {"vcpu.2.time", 30},
                   {"vcpu.2.exits.sum", 7},
                   {"vcpu.10.time", 100}},
                  {{"block.0.name", "vda"}});
}

std::vector<std::string> indices(const std::vector<Record>& records) {
  std::vector<std::string> result;
  for (const Record& record : records) result.emplace_back(record.index());
  return result;
}

TEST(Stats, a_key_has_the_type_that_was_added) {
  const Stats stats = vcpus();
  EXPECT_THAT(stats.number("vcpu.current"), Optional(3));
  EXPECT_THAT(stats.text("block.0.name"), Optional(std::string_view{"vda"}));
  EXPECT_EQ(stats.text("vcpu.current"), std::nullopt);
  EXPECT_EQ(stats.number("block.0.name"), std::nullopt);
}

TEST(Stats, an_absent_key_has_no_value) {
  EXPECT_EQ(vcpus().number("vcpu.1.time"), std::nullopt);
  EXPECT_EQ(Stats{}.number("vcpu.current"), std::nullopt);
  EXPECT_EQ(vcpus().number(""), std::nullopt);
}

TEST(Stats, a_record_that_is_not_there_has_nothing_of_the_others) {
  const Stats stats = vcpus();
  const Record missing = stats.record("balloon");
  EXPECT_EQ(missing.number("vcpu.current"), std::nullopt);
  EXPECT_TRUE(missing.group("vcpu").empty());
  EXPECT_EQ(missing.record("block").group("0").size(), 0u);
  EXPECT_EQ(stats.record("block").record("0").record("none").text("block.0.name"), std::nullopt);
}

TEST(Stats, keys_are_found_in_whatever_order_they_were_added) {
  Stats stats =
      stats_of({{"cpu.time", 1}, {"list.autostart", 1}, {"cpu.user", 1}, {"cpux", 1}, {"monitor.responding", 1}});
  extend(stats, stats_of({{"cpu.system", 2}, {"block.count", 2}, {"list.snapshots", 2}}));
  for (const char* key : {"cpu.time", "cpu.user", "cpux", "list.autostart", "monitor.responding"})
    EXPECT_THAT(stats.number(key), Optional(1)) << key;
  for (const char* key : {"cpu.system", "block.count", "list.snapshots"})
    EXPECT_THAT(stats.record(std::string_view{key}.substr(0, std::string_view{key}.find('.')))
                    .number(std::string_view{key}.substr(std::string_view{key}.find('.') + 1)),
                Optional(2))
        << key;
}

TEST(Stats, a_group_has_the_indices_that_are_present) {
  EXPECT_THAT(indices(vcpus().group("vcpu")), ElementsAre("0", "2", "10"));
  EXPECT_TRUE(vcpus().group("net").empty());
}

TEST(Stats, a_record_of_a_group_has_its_own_keys_only) {
  const Stats stats = vcpus();
  const Record second = stats.group("vcpu")[1];
  EXPECT_THAT(second.number("time"), Optional(30));
  EXPECT_THAT(second.number("exits.sum"), Optional(7));
  EXPECT_EQ(second.number("current"), std::nullopt);
}

TEST(Stats, records_need_not_stand_together) {
  const Stats stats = stats_of({{"net.0.rx", 1}, {"net.1.rx", 2}, {"other", 3}, {"net.0.tx", 4}});
  const auto records = stats.group("net");
  ASSERT_EQ(records.size(), 2u);
  EXPECT_THAT(records[0].number("tx"), Optional(4));
  EXPECT_EQ(records[1].number("tx"), std::nullopt);
}

TEST(Stats, groups_nest) {
  const Stats stats = stats_of({{"cpu.cache.monitor.0.bank.1.bytes", 5}});
  const auto banks = stats.group("cpu.cache.monitor").at(0).group("bank");
  ASSERT_EQ(banks.size(), 1u);
  EXPECT_EQ(banks[0].index(), "1");
  EXPECT_THAT(banks[0].number("bytes"), Optional(5));
}

TEST(Stats, a_name_is_no_prefix_of_another_name) {
  const Stats stats = stats_of({{"cpuset.0.x", 1}});
  EXPECT_EQ(stats.record("cpu").number("set.0.x"), std::nullopt);
  EXPECT_TRUE(stats.group("cpu").empty());
}

TEST(Stats, may_be_moved) {
  Stats stats = vcpus();
  const Stats moved = std::move(stats);
  EXPECT_THAT(moved.group("vcpu").at(2).number("time"), Optional(100));
}

TEST(Record, match_tells_what_the_star_stands_for) {
  const Stats stats = stats_of({{"vm.exits.sum", 1}, {"vm.pages.cur", 2}, {"vm..sum", 3}}, {{"vm.name.sum", "text"}});
  const auto matches = stats.record("vm").match("*.sum");
  ASSERT_EQ(matches.size(), 1u);
  EXPECT_EQ(matches[0].star, "exits");
  EXPECT_EQ(matches[0].number, 1);
}

TEST(Record, key_of_a_form_is_there_or_not_whatever_its_type) {
  const Stats stats = stats_of({{"vm.exits.sum", 1}}, {{"vm.name.sum", "text"}, {"other.key", "text"}});
  EXPECT_TRUE(stats.record("vm").has("exits*"));
  EXPECT_TRUE(stats.record("vm").has("name*"));
  EXPECT_FALSE(stats.record("vm").has("key*"));
  EXPECT_FALSE(stats.record("nothing").has("*"));
}

}  // namespace
}  // namespace virt
