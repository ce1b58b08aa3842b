// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/support/cloud.h"

namespace virt {
namespace {

TEST(FloatingIpPollster, recorded_lists_become_samples) {
  EXPECT_EQ(cloud_samples("central.floatingip", cloud_of({{CloudList::kFloatingIps, recorded("floatingips")}})),
            R"(openstack_neutron_floating_ips 4
openstack_neutron_floating_ips_associated_not_active 2
openstack_neutron_floating_ips_by_status{floating_network_id="4a6c2135-7524-4ceb-826b-23e77ccb3154",project_id="491d27d6fe624c278e6a8a7ebe81c41d",status="DOWN"} 1
openstack_neutron_floating_ips_by_status{floating_network_id="4a6c2135-7524-4ceb-826b-23e77ccb3154",project_id="ef81bf8dc3694914953cc04869d1e655",status="ACTIVE"} 1
openstack_neutron_floating_ips_by_status{floating_network_id="4a6c2135-7524-4ceb-826b-23e77ccb3154",project_id="ef81bf8dc3694914953cc04869d1e655",status="ERROR"} 1
openstack_neutron_floating_ips_by_status{floating_network_id="9184f420-23ed-493f-9a1a-1d42baa2a4b3",project_id="7c1aec3a7883453493b2fc81e0f5e69d",status="DOWN"} 1
openstack_neutron_floating_ip{id="2347d91a-d714-4f30-affe-1f3bcab62506",floating_network_id="9184f420-23ed-493f-9a1a-1d42baa2a4b3",router_id="",status="DOWN",project_id="7c1aec3a7883453493b2fc81e0f5e69d",floating_ip_address="198.51.100.6"} 1
openstack_neutron_floating_ip{id="61b10120-7f7e-490d-a8a2-dabb0dbb499d",floating_network_id="4a6c2135-7524-4ceb-826b-23e77ccb3154",router_id="6fa6ba3d-3a66-4b1f-921d-56132b345ea8",status="DOWN",project_id="491d27d6fe624c278e6a8a7ebe81c41d",floating_ip_address="203.0.113.154"} 1
openstack_neutron_floating_ip{id="699ecc40-0658-4c26-b89a-6d834f59987b",floating_network_id="4a6c2135-7524-4ceb-826b-23e77ccb3154",router_id="c47247d5-a42f-4a04-8195-908a24e7dbed",status="ACTIVE",project_id="ef81bf8dc3694914953cc04869d1e655",floating_ip_address="203.0.113.210"} 1
openstack_neutron_floating_ip{id="7ba0c317-bc73-41be-a8f2-618504779706",floating_network_id="4a6c2135-7524-4ceb-826b-23e77ccb3154",router_id="c47247d5-a42f-4a04-8195-908a24e7dbed",status="ERROR",project_id="ef81bf8dc3694914953cc04869d1e655",floating_ip_address="203.0.113.246"} 1
)");
}

TEST(FloatingIpPollster, list_that_is_not_known_gives_no_sample) {
  EXPECT_EQ(cloud_samples("central.floatingip", CloudSnapshot{}), "");
}

TEST(FloatingIpPollster, is_off_unless_it_is_chosen) { EXPECT_FALSE(is_on_by_default("central.floatingip")); }

TEST(FloatingIpPollster, cloud_without_floating_ips_has_none) {
  EXPECT_EQ(cloud_samples("central.floatingip", cloud_of({{CloudList::kFloatingIps, R"({"floatingips": []})"}})),
            "openstack_neutron_floating_ips 0\nopenstack_neutron_floating_ips_associated_not_active 0\n");
}

}  // namespace
}  // namespace virt
