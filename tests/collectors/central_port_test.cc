// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/support/cloud.h"
#include "tests/support/stats_of.h"

namespace virt {
namespace {

TEST(PortPollster, recorded_lists_become_samples) {
  EXPECT_EQ(cloud_samples("central.port", cloud_of({{CloudList::kPorts, recorded("ports")}})),
            R"(openstack_neutron_ports 7
openstack_neutron_ports_no_ips 0
openstack_neutron_ports_lb_not_active 0
openstack_neutron_ports_by_state{network_id="0903c1e9-e43e-4fc3-85ff-d67f618b69b0",device_owner="compute:nova",status="ACTIVE",binding_vif_type="ovs"} 1
openstack_neutron_ports_by_state{network_id="0903c1e9-e43e-4fc3-85ff-d67f618b69b0",device_owner="compute:nova",status="DOWN",binding_vif_type="binding_failed"} 1
openstack_neutron_ports_by_state{network_id="0fa5059f-bf33-471e-b1a0-f03eb7251b38",device_owner="compute:az1",status="ACTIVE",binding_vif_type="ovs"} 1
openstack_neutron_ports_by_state{network_id="0fc082e3-3bfa-4e89-a8fc-a9c5cb57bef0",device_owner="",status="DOWN",binding_vif_type="unbound"} 1
openstack_neutron_ports_by_state{network_id="61acdf89-0653-4897-9f6e-34c0347b85e5",device_owner="network:router_gateway",status="ACTIVE",binding_vif_type="unbound"} 1
openstack_neutron_ports_by_state{network_id="631eb990-3f59-48f2-8d10-018bf4bcae45",device_owner="Octavia",status="DOWN",binding_vif_type="unbound"} 1
openstack_neutron_ports_by_state{network_id="631eb990-3f59-48f2-8d10-018bf4bcae45",device_owner="network:dhcp",status="ACTIVE",binding_vif_type="ovs"} 1
)");
}

TEST(PortPollster, list_that_is_not_known_gives_no_sample) {
  EXPECT_EQ(cloud_samples("central.port", CloudSnapshot{}), "");
}

TEST(PortPollster, is_off_unless_it_is_chosen) { EXPECT_FALSE(is_on_by_default("central.port")); }

TEST(PortPollster, counts_what_operators_look_for) {
  const auto snapshot = cloud_of({{CloudList::kPorts, R"({"ports": [
      {"status": "ACTIVE", "fixed_ips": []}, {"status": "DOWN", "fixed_ips": []},
      {"status": "ACTIVE", "fixed_ips": [{"ip_address": "192.0.2.1"}]},
      {"status": "DOWN", "device_owner": "neutron:LOADBALANCERV2", "fixed_ips": []},
      {"status": "ACTIVE", "device_owner": "neutron:LOADBALANCERV2", "fixed_ips": [{}]}]})"}});
  EXPECT_THAT(cloud_samples("central.port", snapshot),
              testing::StartsWith("openstack_neutron_ports 5\nopenstack_neutron_ports_no_ips 1\n"
                                  "openstack_neutron_ports_lb_not_active 1\n"));
}

TEST(PortPollster, port_that_stands_for_equal_ones_counts_as_many) {
  CloudSnapshot snapshot = cloud_of({{CloudList::kPorts, R"({"ports": [{"status": "ACTIVE", "fixed_ips": []}]})"}});
  CloudItems items = *snapshot.items(CloudList::kPorts);
  extend(items.at(0), stats_of({{"#", 3}}));
  snapshot.lists[CloudList::kPorts] = std::make_shared<const CloudItems>(std::move(items));
  EXPECT_THAT(cloud_samples("central.port", snapshot),
              testing::StartsWith("openstack_neutron_ports 3\nopenstack_neutron_ports_no_ips 3\n"));
}

}  // namespace
}  // namespace virt
