// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/support/cloud.h"

namespace virt {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(VolumePollster, recorded_lists_become_samples) {
  EXPECT_EQ(cloud_samples("central.volume", cloud_of({{CloudList::kVolumes, recorded("volumes")},
                                                      {CloudList::kVolumeSnapshots, recorded("snapshots")}})),
            R"(openstack_cinder_volumes 6
openstack_cinder_volume_status_counter{status="attaching"} 0
openstack_cinder_volume_status_counter{status="available"} 1
openstack_cinder_volume_status_counter{status="awaiting-transfer"} 0
openstack_cinder_volume_status_counter{status="backing-up"} 0
openstack_cinder_volume_status_counter{status="creating"} 1
openstack_cinder_volume_status_counter{status="deleting"} 1
openstack_cinder_volume_status_counter{status="detaching"} 0
openstack_cinder_volume_status_counter{status="downloading"} 0
openstack_cinder_volume_status_counter{status="error"} 1
openstack_cinder_volume_status_counter{status="error_backing-up"} 0
openstack_cinder_volume_status_counter{status="error_deleting"} 1
openstack_cinder_volume_status_counter{status="error_extending"} 0
openstack_cinder_volume_status_counter{status="error_managing"} 0
openstack_cinder_volume_status_counter{status="error_restoring"} 0
openstack_cinder_volume_status_counter{status="extending"} 0
openstack_cinder_volume_status_counter{status="in-use"} 1
openstack_cinder_volume_status_counter{status="maintenance"} 0
openstack_cinder_volume_status_counter{status="managing"} 0
openstack_cinder_volume_status_counter{status="reserved"} 0
openstack_cinder_volume_status_counter{status="restoring-backup"} 0
openstack_cinder_volume_status_counter{status="retyping"} 0
openstack_cinder_volume_status_counter{status="uploading"} 0
openstack_cinder_volume_gb{id="0f621ba4-28e4-49d1-a5a6-df5a01231d5a",name="vol-8",status="error_deleting",availability_zone="nova",bootable="false",tenant_id="54175ed0334846e3a1fa283bd7429659",user_id="9fcd0a9c36ad471e8b508d81644e8e9f",volume_type="fast",server_id=""} 8
openstack_cinder_volume_gb{id="1f43263a-7454-4713-b41f-721723ab540f",name="vol-7",status="deleting",availability_zone="nova",bootable="false",tenant_id="54175ed0334846e3a1fa283bd7429659",user_id="9fcd0a9c36ad471e8b508d81644e8e9f",volume_type="bulk",server_id=""} 7
openstack_cinder_volume_gb{id="5d3fbdeb-3737-4fe4-bfb3-1ea1df578732",name="vol-6",status="creating",availability_zone="nova",bootable="false",tenant_id="54175ed0334846e3a1fa283bd7429659",user_id="9fcd0a9c36ad471e8b508d81644e8e9f",volume_type="fast",server_id=""} 6
openstack_cinder_volume_gb{id="0fda6c3a-1be8-47a2-880d-9b51a4ae1443",name="",status="available",availability_zone="nova",bootable="false",tenant_id="54175ed0334846e3a1fa283bd7429659",user_id="9fcd0a9c36ad471e8b508d81644e8e9f",volume_type="bulk",server_id=""} 5
openstack_cinder_volume_gb{id="593dda31-a4b4-48d3-bdf6-cf0173ca29e9",name="vol-4",status="error",availability_zone="nova",bootable="false",tenant_id="54175ed0334846e3a1fa283bd7429659",user_id="9fcd0a9c36ad471e8b508d81644e8e9f",volume_type="fast",server_id=""} 4
openstack_cinder_volume_gb{id="59159e2c-f8ca-4fbd-95f9-3ab7d229501c",name="vol-3",status="in-use",availability_zone="nova",bootable="false",tenant_id="54175ed0334846e3a1fa283bd7429659",user_id="9fcd0a9c36ad471e8b508d81644e8e9f",volume_type="bulk",server_id="95a67f7b-3aad-5dfe-9631-773ac774b5d5"} 3
openstack_cinder_snapshots 3
openstack_cinder_snapshots_by_status{status="available"} 1
openstack_cinder_snapshots_by_status{status="error"} 2
)");
}

TEST(VolumePollster, list_that_is_not_known_gives_no_sample) {
  EXPECT_EQ(cloud_samples("central.volume", CloudSnapshot{}), "");
}

TEST(VolumePollster, cloud_without_volumes_has_none_of_each_status) {
  const std::string samples = cloud_samples("central.volume", cloud_of({{CloudList::kVolumes, R"({"volumes": []})"}}));
  EXPECT_THAT(samples, HasSubstr("openstack_cinder_volumes 0\n"));
  EXPECT_THAT(samples, HasSubstr("openstack_cinder_volume_status_counter{status=\"error\"} 0\n"));
  EXPECT_THAT(samples, Not(HasSubstr("snapshots")));
}

TEST(VolumePollster, status_that_nobody_knows_is_counted) {
  const auto snapshot = cloud_of({{CloudList::kVolumes, R"({"volumes": [{"id": "a", "status": "new"}]})"}});
  EXPECT_THAT(cloud_samples("central.volume", snapshot),
              HasSubstr("openstack_cinder_volume_status_counter{status=\"new\"} 1\n"));
}

TEST(VolumePollster, is_off_unless_it_is_chosen) { EXPECT_FALSE(is_on_by_default("central.volume")); }

}  // namespace
}  // namespace virt
