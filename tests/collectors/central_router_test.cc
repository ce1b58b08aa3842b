// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/support/cloud.h"

namespace virt {
namespace {

TEST(RouterPollster, recorded_lists_become_samples) {
  EXPECT_EQ(cloud_samples("central.router", cloud_of({{CloudList::kRouters, recorded("routers")}})),
            R"(openstack_neutron_routers 3
openstack_neutron_routers_not_active 1
openstack_neutron_router{id="52665a26-1b73-4e2a-af96-47f221ecbf92",name="down",project_id="ef81bf8dc3694914953cc04869d1e655",admin_state_up="false",status="ERROR",external_network_id=""} 1
openstack_neutron_router{id="6fa6ba3d-3a66-4b1f-921d-56132b345ea8",name="alpha-router",project_id="491d27d6fe624c278e6a8a7ebe81c41d",admin_state_up="true",status="ACTIVE",external_network_id="4a6c2135-7524-4ceb-826b-23e77ccb3154"} 1
openstack_neutron_router{id="a6203330-f938-4e77-8f64-2f0c8e8c1fb1",name="inside",project_id="7c1aec3a7883453493b2fc81e0f5e69d",admin_state_up="true",status="ACTIVE",external_network_id=""} 1
)");
}

TEST(RouterPollster, list_that_is_not_known_gives_no_sample) {
  EXPECT_EQ(cloud_samples("central.router", CloudSnapshot{}), "");
}

TEST(RouterPollster, is_off_unless_it_is_chosen) { EXPECT_FALSE(is_on_by_default("central.router")); }

}  // namespace
}  // namespace virt
