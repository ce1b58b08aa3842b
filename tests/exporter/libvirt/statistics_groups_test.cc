// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/statistics_groups.h"

#include <gmock/gmock.h>

#include <bit>

#include "tests/support/libvirt_header.h"

namespace virt {
namespace {

TEST(StatisticsGroups, each_of_libvirts_is_read_with_the_monitor_or_without) {
  EXPECT_EQ(kOfMonitors & kWithoutMonitor, 0u);
  unsigned all = 0;
  for (const auto& [name, flag] : LibvirtHeaders{}.members("virDomainStatsTypes")) all |= static_cast<unsigned>(flag);
  EXPECT_EQ(libvirt_groups(kOfMonitors | kWithoutMonitor), all);
}

TEST(StatisticsGroups, no_two_are_the_same_of_libvirts) {
  const auto groups = std::popcount(kOfMonitors | kWithoutMonitor);
  EXPECT_EQ(std::popcount(libvirt_groups(kOfMonitors | kWithoutMonitor)), groups);
}

TEST(StatisticsGroups, what_libvirt_has_elsewhere_is_none) {
  EXPECT_EQ(libvirt_groups(Group::kXml | Group::kLists | Group::kHost | Group::kBackingChain), 0u);
}

TEST(StatisticsGroups, witnesses_ask_the_monitor) { EXPECT_EQ(kWitnesses & ~kOfMonitors, 0u); }

}  // namespace
}  // namespace virt
