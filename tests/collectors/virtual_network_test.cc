// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"

namespace virt {
namespace {

TEST(VirtualNetworkPollster, network_has_state_leases_and_description) {
  EXPECT_EQ(samples_only(expose("compute.virtual_network", snapshot_of(R"(Host:
      network.0.name=default
      network.0.uuid=u-1
      network.0.active=1
      network.0.autostart=0
      network.0.persistent=1
      network.0.leases=2
      network.0.bridge=virbr0
      network.0.forward=nat)"))),
            R"(libvirt_virtual_network_active{virtual_network="default"} 1
libvirt_virtual_network_autostart{virtual_network="default"} 0
libvirt_virtual_network_persistent{virtual_network="default"} 1
libvirt_virtual_network_dhcp_leases{virtual_network="default"} 2
libvirt_virtual_network_info{virtual_network="default",uuid="u-1",bridge="virbr0",forward_mode="nat"} 1
)");
}

TEST(VirtualNetworkPollster, host_without_networks_gives_nothing) {
  EXPECT_EQ(expose("compute.virtual_network", Snapshot{}), "");
}

}  // namespace
}  // namespace virt
