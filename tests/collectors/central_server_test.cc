// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/support/cloud.h"

namespace virt {
namespace {

TEST(ServerPollster, recorded_lists_become_samples) {
  EXPECT_EQ(cloud_samples("central.server", cloud_of({{CloudList::kServers, recorded("servers")}})),
            R"(openstack_nova_total_vms 4
openstack_nova_servers{project_id="0b2b274753594440bafb53ac10014c99",status="ACTIVE"} 1
openstack_nova_servers{project_id="0b2b274753594440bafb53ac10014c99",status="SHELVED_OFFLOADED"} 1
openstack_nova_servers{project_id="491d27d6fe624c278e6a8a7ebe81c41d",status="BUILD"} 1
openstack_nova_servers{project_id="7c1aec3a7883453493b2fc81e0f5e69d",status="SUSPENDED"} 1
)");
}

TEST(ServerPollster, list_that_is_not_known_gives_no_sample) {
  EXPECT_EQ(cloud_samples("central.server", CloudSnapshot{}), "");
}

TEST(ServerPollster, is_off_unless_it_is_chosen) { EXPECT_FALSE(is_on_by_default("central.server")); }

TEST(ServerPollster, servers_of_a_project_with_a_status_are_one_number) {
  const auto snapshot = cloud_of({{CloudList::kServers, R"({"servers": [
      {"tenant_id": "p", "status": "ACTIVE"}, {"tenant_id": "q", "status": "ACTIVE"},
      {"tenant_id": "p", "status": "ACTIVE"}, {"tenant_id": "p", "status": "ERROR"}]})"}});
  EXPECT_EQ(cloud_samples("central.server", snapshot), R"(openstack_nova_total_vms 4
openstack_nova_servers{project_id="p",status="ACTIVE"} 2
openstack_nova_servers{project_id="p",status="ERROR"} 1
openstack_nova_servers{project_id="q",status="ACTIVE"} 1
)");
}

}  // namespace
}  // namespace virt
