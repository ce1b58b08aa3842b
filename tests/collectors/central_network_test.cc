// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/support/cloud.h"

namespace virt {
namespace {

TEST(CloudNetworkPollster, recorded_lists_become_samples) {
  EXPECT_EQ(cloud_samples("central.network",
                          cloud_of({{CloudList::kNetworks, recorded("networks")},
                                    {CloudList::kSubnets, recorded("subnets")},
                                    {CloudList::kSecurityGroups, recorded("security-groups")},
                                    {CloudList::kIpAvailabilities, recorded("network-ip-availabilities")}})),
            R"(openstack_neutron_networks 4
openstack_neutron_subnets 3
openstack_neutron_security_groups 2
openstack_neutron_network{id="2e4e1450-d712-47c4-b7a3-42016a701494",tenant_id="ec3209859fe94716902401eba0e7eebc",status="ACTIVE",name="vlan-shared",is_shared="true",is_external="false",provider_network_type="vlan",provider_physical_network="physnet1",provider_segmentation_id="123",mtu="1500"} 0
openstack_neutron_network{id="4a6c2135-7524-4ceb-826b-23e77ccb3154",tenant_id="ec3209859fe94716902401eba0e7eebc",status="ACTIVE",name="public",is_shared="false",is_external="true",provider_network_type="flat",provider_physical_network="physnet1",provider_segmentation_id="",mtu="1500"} 0
openstack_neutron_network{id="631eb990-3f59-48f2-8d10-018bf4bcae45",tenant_id="491d27d6fe624c278e6a8a7ebe81c41d",status="ACTIVE",name="alpha-net",is_shared="false",is_external="false",provider_network_type="vxlan",provider_physical_network="",provider_segmentation_id="2606",mtu="1450"} 0
openstack_neutron_network{id="9f449128-cfc9-447f-b76f-23b99a212537",tenant_id="7c1aec3a7883453493b2fc81e0f5e69d",status="ACTIVE",name="no-subnet",is_shared="false",is_external="false",provider_network_type="vxlan",provider_physical_network="",provider_segmentation_id="229",mtu="1450"} 0
openstack_neutron_subnet{id="2a4a9ea0-27a0-47b1-adec-226d35078b69",tenant_id="491d27d6fe624c278e6a8a7ebe81c41d",name="alpha-v6",network_id="631eb990-3f59-48f2-8d10-018bf4bcae45",cidr="fd00:1::/64",gateway_ip="fd00:1::",enable_dhcp="true"} 1
openstack_neutron_subnet{id="b0a44d62-6d79-44fe-ad36-c8c930a9cef3",tenant_id="491d27d6fe624c278e6a8a7ebe81c41d",name="alpha-net-v4",network_id="631eb990-3f59-48f2-8d10-018bf4bcae45",cidr="10.1.0.0/24",gateway_ip="10.1.0.1",enable_dhcp="true"} 1
openstack_neutron_subnet{id="f8b9fa75-0948-443e-b3e6-a6921804b2df",tenant_id="ec3209859fe94716902401eba0e7eebc",name="public-v4",network_id="4a6c2135-7524-4ceb-826b-23e77ccb3154",cidr="203.0.113.0/24",gateway_ip="203.0.113.1",enable_dhcp="false"} 1
openstack_neutron_network_ip_availabilities_total{network_id="0fc082e3-3bfa-4e89-a8fc-a9c5cb57bef0",network_name="full",ip_version="4",cidr="10.9.0.0/29",subnet_name="full-v4",project_id="7c1aec3a7883453493b2fc81e0f5e69d"} 5
openstack_neutron_network_ip_availabilities_total{network_id="631eb990-3f59-48f2-8d10-018bf4bcae45",network_name="alpha-net",ip_version="6",cidr="fd00:1::/64",subnet_name="alpha-v6",project_id="491d27d6fe624c278e6a8a7ebe81c41d"} 18446744073709551616
openstack_neutron_network_ip_availabilities_total{network_id="631eb990-3f59-48f2-8d10-018bf4bcae45",network_name="alpha-net",ip_version="4",cidr="10.1.0.0/24",subnet_name="alpha-net-v4",project_id="491d27d6fe624c278e6a8a7ebe81c41d"} 253
openstack_neutron_network_ip_availabilities_used{network_id="0fc082e3-3bfa-4e89-a8fc-a9c5cb57bef0",network_name="full",ip_version="4",cidr="10.9.0.0/29",subnet_name="full-v4",project_id="7c1aec3a7883453493b2fc81e0f5e69d"} 5
openstack_neutron_network_ip_availabilities_used{network_id="631eb990-3f59-48f2-8d10-018bf4bcae45",network_name="alpha-net",ip_version="6",cidr="fd00:1::/64",subnet_name="alpha-v6",project_id="491d27d6fe624c278e6a8a7ebe81c41d"} 15
openstack_neutron_network_ip_availabilities_used{network_id="631eb990-3f59-48f2-8d10-018bf4bcae45",network_name="alpha-net",ip_version="4",cidr="10.1.0.0/24",subnet_name="alpha-net-v4",project_id="491d27d6fe624c278e6a8a7ebe81c41d"} 15
)");
}

TEST(CloudNetworkPollster, list_that_is_not_known_gives_no_sample) {
  EXPECT_EQ(cloud_samples("central.network", CloudSnapshot{}), "");
}

TEST(CloudNetworkPollster, is_off_unless_it_is_chosen) { EXPECT_FALSE(is_on_by_default("central.network")); }

TEST(CloudNetworkPollster, each_list_gives_its_own_samples) {
  EXPECT_EQ(cloud_samples("central.network", cloud_of({{CloudList::kSubnets, R"({"subnets": []})"}})),
            "openstack_neutron_subnets 0\n");
}

TEST(CloudNetworkPollster, name_is_any_text) {
  const auto snapshot = cloud_of({{CloudList::kNetworks, R"({"networks": [{"id": "n", "name": "a\"\n\u0007ü"}]})"}});
  EXPECT_THAT(cloud_samples("central.network", snapshot), testing::HasSubstr("name=\"a\\\"\\n\x07ü\""));
}

TEST(CloudNetworkPollster, number_in_a_label_may_be_of_any_size) {
  const auto snapshot = cloud_of(
      {{CloudList::kNetworks,
        R"({"networks": [{"id": "n", "provider:segmentation_id": 18446744073709551616, "mtu": 100000.0}]})"},
       {CloudList::kIpAvailabilities,
        R"({"network_ip_availabilities": [{"subnet_ip_availability": [{"ip_version": 1e10, "total_ips": 1}]}]})"}});
  const std::string samples = cloud_samples("central.network", snapshot);
  EXPECT_THAT(samples, testing::HasSubstr("provider_segmentation_id=\"18446744073709551616\",mtu=\"100000\""));
  EXPECT_THAT(samples, testing::HasSubstr("ip_version=\"10000000000\""));
}

TEST(CloudNetworkPollster, status_that_is_not_known_is_minus_one) {
  const auto snapshot = cloud_of({{CloudList::kNetworks, R"({"networks": [{"id": "n", "status": "ODD"}]})"}});
  EXPECT_THAT(cloud_samples("central.network", snapshot), testing::HasSubstr("mtu=\"\"} -1\n"));
}

}  // namespace
}  // namespace virt
