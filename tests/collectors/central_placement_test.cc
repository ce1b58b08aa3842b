// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/support/cloud.h"

namespace virt {
namespace {

TEST(PlacementPollster, inventories_and_usages_of_each_host_become_samples) {
  const auto snapshot = cloud_of({{CloudList::kResourceProviders, R"({"resource_providers": [
    {"uuid": "a", "name": "cmp01.lab",
     "inventories": {"VCPU": {"total": 64, "reserved": 2, "allocation_ratio": 4.0},
                     "CUSTOM_GPU": {"total": 2, "reserved": 0, "allocation_ratio": 1.0}},
     "usages": {"VCPU": 6, "CUSTOM_GPU": 0}},
    {"uuid": "b", "name": "cmp02.lab", "inventories": {}, "usages": {}}]})"}});
  EXPECT_EQ(cloud_samples("central.placement", snapshot),
            R"(openstack_placement_resource_total{hostname="cmp01.lab",resourcetype="VCPU"} 64
openstack_placement_resource_total{hostname="cmp01.lab",resourcetype="CUSTOM_GPU"} 2
openstack_placement_resource_reserved{hostname="cmp01.lab",resourcetype="VCPU"} 2
openstack_placement_resource_reserved{hostname="cmp01.lab",resourcetype="CUSTOM_GPU"} 0
openstack_placement_resource_allocation_ratio{hostname="cmp01.lab",resourcetype="VCPU"} 4
openstack_placement_resource_allocation_ratio{hostname="cmp01.lab",resourcetype="CUSTOM_GPU"} 1
openstack_placement_resource_usage{hostname="cmp01.lab",resourcetype="VCPU"} 6
openstack_placement_resource_usage{hostname="cmp01.lab",resourcetype="CUSTOM_GPU"} 0
)");
}

TEST(PlacementPollster, list_that_is_not_known_gives_no_sample) {
  EXPECT_EQ(cloud_samples("central.placement", CloudSnapshot{}), "");
}

TEST(PlacementPollster, is_off_unless_it_is_chosen) { EXPECT_FALSE(is_on_by_default("central.placement")); }

}  // namespace
}  // namespace virt
