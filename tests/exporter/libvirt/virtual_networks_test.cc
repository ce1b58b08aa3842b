// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/virtual_networks.h"

#include <gmock/gmock.h>

#include "tests/support/named_things.h"
#include "tests/support/test_host.h"

namespace virt {
namespace {

using testing::Eq;
using testing::Optional;
using testing::SizeIs;

Stats networks_of(const SharedHost&) { return read_all<VirtualNetworks>(); }

TEST(VirtualNetworks, active_network_is_described) {
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

TEST(VirtualNetworks, network_that_is_down_and_isolated_says_so_and_has_no_leases) {
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

TEST(VirtualNetworks, one_that_is_asked_for_alone_says_what_the_lists_say) {
  const SharedHost host;
  const Stats listed = read_all<VirtualNetworks>(), alone = read_all<VirtualNetworks>(true);
  for (const char* key : {"active", "autostart", "persistent", "responding"})
    EXPECT_EQ(alone.number(std::string{"network.0."} + key), listed.number(std::string{"network.0."} + key)) << key;
}

}  // namespace
}  // namespace virt
