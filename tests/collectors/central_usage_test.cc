// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/support/cloud.h"

namespace virt {
namespace {

TEST(UsagePollster, recorded_lists_become_samples) {
  EXPECT_EQ(cloud_samples("central.usage", cloud_of({{CloudList::kUsage, recorded("os-simple-tenant-usage")}})),
            R"(openstack_nova_project_instance_hours{project_id="0b2b274753594440bafb53ac10014c99"} 3383.6939211416666
openstack_nova_project_instance_hours{project_id="491d27d6fe624c278e6a8a7ebe81c41d"} 320.1735838305556
openstack_nova_project_vcpu_hours{project_id="0b2b274753594440bafb53ac10014c99"} 7411.651175616668
openstack_nova_project_vcpu_hours{project_id="491d27d6fe624c278e6a8a7ebe81c41d"} 320.1735838305556
openstack_nova_project_memory_mb_hours{project_id="0b2b274753594440bafb53ac10014c99"} 13795861.733371733
openstack_nova_project_memory_mb_hours{project_id="491d27d6fe624c278e6a8a7ebe81c41d"} 655715.4996849778
openstack_nova_project_disk_gb_hours{project_id="0b2b274753594440bafb53ac10014c99"} 131123.1292339917
openstack_nova_project_disk_gb_hours{project_id="491d27d6fe624c278e6a8a7ebe81c41d"} 6403.471676611111
openstack_nova_usage_window_start_seconds 1793491200
)");
}

TEST(UsagePollster, list_that_is_not_known_gives_no_sample) {
  EXPECT_EQ(cloud_samples("central.usage", CloudSnapshot{}), "");
}

TEST(UsagePollster, is_off_unless_it_is_chosen) { EXPECT_FALSE(is_on_by_default("central.usage")); }

TEST(UsagePollster, parts_of_a_project_on_several_pages_are_added_up) {
  const auto snapshot = cloud_of({{CloudList::kUsage, R"({"tenant_usages": [
      {"tenant_id": "p", "total_hours": 1.5, "total_vcpus_usage": 3}, {"tenant_id": "q", "total_hours": 1},
      {"tenant_id": "p", "total_hours": 2, "total_vcpus_usage": 4}]})"}});
  EXPECT_EQ(cloud_samples("central.usage", snapshot), R"(openstack_nova_project_instance_hours{project_id="p"} 3.5
openstack_nova_project_instance_hours{project_id="q"} 1
openstack_nova_project_vcpu_hours{project_id="p"} 7
)");
}

}  // namespace
}  // namespace virt
