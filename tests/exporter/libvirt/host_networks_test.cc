// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "exporter/libvirt/host_reader.h"
#include "tests/support/test_host.h"

namespace virt {
namespace {

using testing::Eq;
using testing::Optional;
using testing::SizeIs;

Stats networks_of(const SharedHost& host) {
  Stats stats;
  const bool are_any = read_networks(host.connection(), stats);
  EXPECT_EQ(are_any, !stats.empty());
  return stats;
}

TEST(Networks, active_network_is_described) {
  const SharedHost host;
  const Stats stats = networks_of(host);
  ASSERT_THAT(stats.group("network"), SizeIs(1));
  EXPECT_THAT(stats.text("network.0.name"), Optional(Eq("default")));
  EXPECT_THAT(stats.text("network.0.uuid"), Optional(Eq("dd8fe884-6c02-601e-7551-cca97df1c5df")));
  EXPECT_THAT(stats.text("network.0.bridge"), Optional(Eq("virbr0")));
  EXPECT_THAT(stats.text("network.0.forward"), Optional(Eq("nat")));
  EXPECT_THAT(stats.number("network.0.active"), Optional(1));
  EXPECT_THAT(stats.number("network.0.autostart"), Optional(0));
  EXPECT_THAT(stats.number("network.0.persistent"), Optional(1));
}

TEST(Networks, network_that_is_down_and_isolated_says_so_and_has_no_leases) {
  const SharedHost host;
  virNetworkPtr network = virNetworkDefineXML(
      host.connection(), "<network><name>alone</name><bridge name='br7'/><ip address='10.7.0.1'/></network>");
  ASSERT_NE(network, nullptr);
  ASSERT_EQ(virNetworkSetAutostart(network, 1), 0);
  virNetworkFree(network);
  const Stats stats = networks_of(host);
  const auto networks = stats.group("network");
  ASSERT_THAT(networks, SizeIs(2));
  const Record& alone = networks[networks[0].text("name") == "alone" ? 0 : 1];
  EXPECT_THAT(alone.number("active"), Optional(0));
  EXPECT_THAT(alone.number("autostart"), Optional(1));
  EXPECT_THAT(alone.text("bridge"), Optional(Eq("br7")));
  EXPECT_THAT(alone.text("forward"), Optional(Eq("")));
  EXPECT_THAT(alone.number("leases"), Eq(std::nullopt));
}

}  // namespace
}  // namespace virt
