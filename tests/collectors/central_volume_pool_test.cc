// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/support/cloud.h"

namespace virt {
namespace {

TEST(VolumePoolPollster, recorded_list_becomes_samples) {
  EXPECT_EQ(
      cloud_samples("central.volume_pool", cloud_of({{CloudList::kVolumePools, recorded("get_pools")}})),
      R"(openstack_cinder_pool_capacity_free_gb{name="blk01@fast#p1",volume_backend_name="fast",vendor_name="Lab"} 640.5
openstack_cinder_pool_capacity_free_gb{name="blk01@fast#p2",volume_backend_name="fast",vendor_name="Lab"} 0
openstack_cinder_pool_capacity_total_gb{name="blk01@fast#p1",volume_backend_name="fast",vendor_name="Lab"} 1000
openstack_cinder_pool_capacity_total_gb{name="blk01@fast#p2",volume_backend_name="fast",vendor_name="Lab"} 1000
openstack_cinder_pool_capacity_allocated_gb{name="blk01@fast#p1",volume_backend_name="fast",vendor_name="Lab"} 300
openstack_cinder_pool_capacity_allocated_gb{name="blk01@fast#p2",volume_backend_name="fast",vendor_name="Lab"} 300
openstack_cinder_pool_capacity_allocated_gb{name="blk02@bulk#b1",volume_backend_name="bulk",vendor_name="Lab"} 300
openstack_cinder_pool_capacity_allocated_gb{name="blk02@bulk#b2",volume_backend_name="bulk",vendor_name="Lab"} 300
openstack_cinder_pool_capacity_provisioned_gb{name="blk01@fast#p1",volume_backend_name="fast",vendor_name="Lab"} 350
openstack_cinder_pool_capacity_provisioned_gb{name="blk01@fast#p2",volume_backend_name="fast",vendor_name="Lab"} 350
openstack_cinder_pool_capacity_provisioned_gb{name="blk02@bulk#b1",volume_backend_name="bulk",vendor_name="Lab"} 350
openstack_cinder_pool_capacity_provisioned_gb{name="blk02@bulk#b2",volume_backend_name="bulk",vendor_name="Lab"} 350
)");
}

TEST(VolumePoolPollster, list_that_is_not_known_gives_no_sample) {
  EXPECT_EQ(cloud_samples("central.volume_pool", CloudSnapshot{}), "");
}

TEST(VolumePoolPollster, capacity_that_is_infinite_or_unknown_has_no_sample) {
  const auto snapshot = cloud_of({{CloudList::kVolumePools, R"({"pools": [
    {"name": "a", "capabilities": {"free_capacity_gb": "infinite", "total_capacity_gb": "unknown"}}]})"}});
  EXPECT_EQ(cloud_samples("central.volume_pool", snapshot), "");
}

TEST(VolumePoolPollster, is_off_unless_it_is_chosen) { EXPECT_FALSE(is_on_by_default("central.volume_pool")); }

}  // namespace
}  // namespace virt
