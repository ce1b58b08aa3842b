// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/support/cloud.h"

namespace virt {
namespace {

TEST(HypervisorPollster, recorded_lists_become_samples) {
  EXPECT_EQ(cloud_samples("central.hypervisor", cloud_of({{CloudList::kHypervisors, recorded("os-hypervisors")},
                                                          {CloudList::kAggregates, recorded("os-aggregates")},
                                                          {CloudList::kZones, recorded("os-availability-zone")}})),
            R"(openstack_nova_running_vms{hostname="cmp01.lab",availability_zone="az1",aggregates=""} 7
openstack_nova_running_vms{hostname="cmp02.lab",availability_zone="az1",aggregates="ssd"} 7
openstack_nova_running_vms{hostname="cmp05.lab",availability_zone="",aggregates=""} 7
openstack_nova_current_workload{hostname="cmp01.lab",availability_zone="az1",aggregates=""} 1
openstack_nova_current_workload{hostname="cmp02.lab",availability_zone="az1",aggregates="ssd"} 2
openstack_nova_current_workload{hostname="cmp05.lab",availability_zone="",aggregates=""} 2
openstack_nova_vcpus_available{hostname="cmp01.lab",availability_zone="az1",aggregates=""} 64
openstack_nova_vcpus_available{hostname="cmp02.lab",availability_zone="az1",aggregates="ssd"} 64
openstack_nova_vcpus_available{hostname="cmp05.lab",availability_zone="",aggregates=""} 64
openstack_nova_vcpus_used{hostname="cmp01.lab",availability_zone="az1",aggregates=""} 11
openstack_nova_vcpus_used{hostname="cmp02.lab",availability_zone="az1",aggregates="ssd"} 12
openstack_nova_vcpus_used{hostname="cmp05.lab",availability_zone="",aggregates=""} 15
openstack_nova_memory_available_bytes{hostname="cmp01.lab",availability_zone="az1",aggregates=""} 274877906944
openstack_nova_memory_available_bytes{hostname="cmp02.lab",availability_zone="az1",aggregates="ssd"} 274877906944
openstack_nova_memory_available_bytes{hostname="cmp05.lab",availability_zone="",aggregates=""} 274877906944
openstack_nova_memory_used_bytes{hostname="cmp01.lab",availability_zone="az1",aggregates=""} 22012755968
openstack_nova_memory_used_bytes{hostname="cmp02.lab",availability_zone="az1",aggregates="ssd"} 22013804544
openstack_nova_memory_used_bytes{hostname="cmp05.lab",availability_zone="",aggregates=""} 22016950272
openstack_nova_local_storage_available_bytes{hostname="cmp01.lab",availability_zone="az1",aggregates=""} 2147483648000
openstack_nova_local_storage_available_bytes{hostname="cmp02.lab",availability_zone="az1",aggregates="ssd"} 2147483648000
openstack_nova_local_storage_available_bytes{hostname="cmp05.lab",availability_zone="",aggregates=""} 2147483648000
openstack_nova_local_storage_used_bytes{hostname="cmp01.lab",availability_zone="az1",aggregates=""} 215822106624
openstack_nova_local_storage_used_bytes{hostname="cmp02.lab",availability_zone="az1",aggregates="ssd"} 216895848448
openstack_nova_local_storage_used_bytes{hostname="cmp05.lab",availability_zone="",aggregates=""} 220117073920
openstack_nova_free_disk_bytes{hostname="cmp01.lab",availability_zone="az1",aggregates=""} 1931661541376
openstack_nova_free_disk_bytes{hostname="cmp02.lab",availability_zone="az1",aggregates="ssd"} 1930587799552
openstack_nova_free_disk_bytes{hostname="cmp05.lab",availability_zone="",aggregates=""} 1927366574080
openstack_nova_aggregate_hosts{aggregate="fast",availability_zone="az1"} 2
openstack_nova_aggregate_hosts{aggregate="ssd",availability_zone=""} 2
openstack_nova_availability_zones 2
)");
}

TEST(HypervisorPollster, list_that_is_not_known_gives_no_sample) {
  EXPECT_EQ(cloud_samples("central.hypervisor", CloudSnapshot{}), "");
}

TEST(HypervisorPollster, is_off_unless_it_is_chosen) { EXPECT_FALSE(is_on_by_default("central.hypervisor")); }

TEST(HypervisorPollster, without_the_aggregates_no_host_has_other_labels) {
  EXPECT_EQ(cloud_samples("central.hypervisor", cloud_of({{CloudList::kHypervisors, recorded("os-hypervisors")}})), "");
}

TEST(HypervisorPollster, capacities_that_nova_no_longer_has_are_absent) {
  const auto snapshot = cloud_of({{CloudList::kHypervisors, R"({"hypervisors": [{"hypervisor_hostname": "h"}]})"},
                                  {CloudList::kAggregates, R"({"aggregates": []})"}});
  EXPECT_EQ(cloud_samples("central.hypervisor", snapshot), "");
}

}  // namespace
}  // namespace virt
