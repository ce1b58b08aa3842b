// SPDX-License-Identifier: Apache-2.0
#include "exporter/record.h"

#include <gmock/gmock.h>

#include <utility>

namespace virt {
namespace {

using testing::ElementsAre;
using testing::Optional;

Stats vcpus() {
  Stats stats;
  stats.add("vcpu.current", 3);
  stats.add("vcpu.maximum", 4);
  stats.add("vcpu.0.time", 10);
  stats.add("vcpu.2.time", 30);
  stats.add("vcpu.2.exits.sum", 7);
  stats.add("vcpu.10.time", 100);
  stats.add("block.0.name", std::string_view{"vda"});
  return stats;
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

TEST(Stats, the_first_of_two_equal_keys_stays) {
  Stats stats;
  stats.add("a", 1);
  stats.add("a", 2);
  EXPECT_THAT(stats.number("a"), Optional(1));
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
  Stats stats, more;
  for (const char* key : {"cpu.time", "list.autostart", "cpu.user", "cpux", "monitor.responding"}) stats.add(key, 1);
  for (const char* key : {"cpu.system", "block.count", "list.snapshots"}) more.add(key, 2);
  stats.append(more);
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
  Stats stats;
  stats.add("net.0.rx", 1);
  stats.add("net.1.rx", 2);
  stats.add("other", 3);
  stats.add("net.0.tx", 4);
  const auto records = stats.group("net");
  ASSERT_EQ(records.size(), 2u);
  EXPECT_THAT(records[0].number("tx"), Optional(4));
  EXPECT_EQ(records[1].number("tx"), std::nullopt);
}

TEST(Stats, groups_nest) {
  Stats stats;
  stats.add("cpu.cache.monitor.0.bank.1.bytes", 5);
  const auto banks = stats.group("cpu.cache.monitor").at(0).group("bank");
  ASSERT_EQ(banks.size(), 1u);
  EXPECT_EQ(banks[0].index(), "1");
  EXPECT_THAT(banks[0].number("bytes"), Optional(5));
}

TEST(Stats, a_name_is_no_prefix_of_another_name) {
  Stats stats;
  stats.add("cpuset.0.x", 1);
  EXPECT_EQ(stats.record("cpu").number("set.0.x"), std::nullopt);
  EXPECT_TRUE(stats.group("cpu").empty());
}

TEST(Stats, may_be_moved) {
  Stats stats = vcpus();
  const Stats moved = std::move(stats);
  EXPECT_THAT(moved.group("vcpu").at(2).number("time"), Optional(100));
}

TEST(Record, match_tells_what_the_star_stands_for) {
  Stats stats;
  stats.add("vm.exits.sum", 1);
  stats.add("vm.pages.cur", 2);
  stats.add("vm..sum", 3);
  stats.add("vm.name.sum", std::string_view{"text"});
  const auto matches = stats.record("vm").match("*.sum");
  ASSERT_EQ(matches.size(), 1u);
  EXPECT_EQ(matches[0].star, "exits");
  EXPECT_EQ(matches[0].number, 1);
}

TEST(Stats, appended_statistics_are_found_beside_the_first_ones) {
  Stats stats, more;
  stats.add("state.state", 1);
  stats.add("net.0.name", std::string_view{"vnet0"});
  more.add("block.0.name", std::string_view{"vda"});
  more.add("block.0.rd.reqs", 7);
  more.add("state.state", 3);
  stats.append(more);
  stats.append(Stats{});
  EXPECT_EQ(stats.number("state.state"), 1);
  EXPECT_EQ(stats.text("net.0.name"), "vnet0");
  EXPECT_EQ(stats.group("block").at(0).text("name"), "vda");
  EXPECT_EQ(stats.group("block").at(0).number("rd.reqs"), 7);
}

}  // namespace
}  // namespace virt
