// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"

namespace virt {
namespace {

std::string samples(const std::string& pollster, const std::string& domstats) {
  return samples_only(expose(pollster, snapshot_of("Domain: 'a'\n" + domstats)));
}

constexpr char kChain[] = R"(block.count=3
    block.0.name=vda
    block.0.path=/top
    block.0.backingIndex=1
    block.0.rd.bytes=1
    block.1.name=vda
    block.1.path=/base
    block.1.backingIndex=3
    block.1.rd.bytes=2
    block.1.capacity=4
    block.1.physical=5
    block.1.threshold=6
    block.1.limits.request_alignment=7
    block.1.limits.iov_max=8
    block.2.name=vdb
    block.2.backingIndex=2
    block.2.rd.bytes=3)";

TEST(BackingChainPollster, image_below_a_disk_s_has_families_of_its_own) {
  EXPECT_EQ(samples("compute.backing_chain", kChain),
            R"(libvirt_domain_block_backing_read_bytes_total{domain="a",target_device="vda",backing_index="3"} 2
libvirt_domain_block_backing_capacity_bytes{domain="a",target_device="vda",backing_index="3"} 4
libvirt_domain_block_backing_physical_bytes{domain="a",target_device="vda",backing_index="3"} 5
libvirt_domain_block_backing_write_threshold_bytes{domain="a",target_device="vda",backing_index="3"} 6
libvirt_domain_block_backing_limits_request_alignment_bytes{domain="a",target_device="vda",backing_index="3"} 7
libvirt_domain_block_backing_limits_iov_max{domain="a",target_device="vda",backing_index="3"} 8
libvirt_domain_block_backing_info{domain="a",target_device="vda",backing_index="3",source_file="/base"} 1
)");
}

TEST(BackingChainPollster, disk_s_own_statistics_are_those_of_the_image_on_top) {
  EXPECT_EQ(samples("compute.disk", kChain),
            R"(libvirt_domain_block_stats_read_bytes_total{domain="a",target_device="vda"} 1
libvirt_domain_block_stats_read_bytes_total{domain="a",target_device="vdb"} 3
)");
}

}  // namespace
}  // namespace virt
