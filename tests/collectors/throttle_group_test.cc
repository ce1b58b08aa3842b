// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"

namespace virt {
namespace {

using testing::HasSubstr;
using testing::Not;

// As libvirt 12.8 writes it. Two disks share a group, and one of them is limited by another one as well.
constexpr char kXml[] = R"(<domain>
  <throttlegroups>
    <throttlegroup><total_bytes_sec>5242880</total_bytes_sec><group_name>limit0</group_name></throttlegroup>
    <throttlegroup>
      <total_iops_sec>500</total_iops_sec><total_iops_sec_max>900</total_iops_sec_max>
      <total_iops_sec_max_length>3</total_iops_sec_max_length><group_name>limit1</group_name>
    </throttlegroup>
  </throttlegroups>
  <devices>
    <disk type='file' device='disk'><source file='/vdd'/><target dev='vdd'/>
      <throttlefilters><throttlefilter group='limit0'/><throttlefilter group='limit1'/></throttlefilters></disk>
    <disk type='file' device='disk'><source file='/vde'/><target dev='vde'/>
      <throttlefilters><throttlefilter group='limit0'/></throttlefilters></disk>
    <disk type='file' device='disk'><source file='/vdf'/><target dev='vdf'/>
      <iotune><total_iops_sec>777</total_iops_sec></iotune></disk>
  </devices></domain>)";

TEST(ThrottleGroupPollster, limits_are_those_of_groups_and_disks_say_which_they_pass_through) {
  EXPECT_EQ(
      samples_only(expose("compute.throttle_group", snapshot_of("Domain: 'a'\nstate.state=1", {{"a", kXml}}))),
      R"(libvirt_domain_block_throttle_group_limit_total_bytes_per_second{domain="a",throttle_group="limit0"} 5242880
libvirt_domain_block_throttle_group_limit_total_requests_per_second{domain="a",throttle_group="limit1"} 500
libvirt_domain_block_throttle_group_limit_total_burst_requests_per_second{domain="a",throttle_group="limit1"} 900
libvirt_domain_block_throttle_group_limit_total_burst_requests_seconds{domain="a",throttle_group="limit1"} 3
libvirt_domain_block_throttle_group_info{domain="a",target_device="vdd",throttle_group="limit0"} 1
libvirt_domain_block_throttle_group_info{domain="a",target_device="vdd",throttle_group="limit1"} 1
libvirt_domain_block_throttle_group_info{domain="a",target_device="vde",throttle_group="limit0"} 1
)");
}

TEST(ThrottleGroupPollster, disk_has_no_limits_but_its_own) {
  const std::string text = expose("compute.disk", snapshot_of("Domain: 'a'\nstate.state=1", {{"a", kXml}}));
  EXPECT_THAT(
      text,
      HasSubstr("libvirt_domain_block_limit_total_requests_per_second{domain=\"a\",target_device=\"vdf\"} 777\n"));
  EXPECT_THAT(text, Not(HasSubstr("libvirt_domain_block_limit_total_bytes")));
  EXPECT_THAT(text, Not(HasSubstr("5242880")));
}

}  // namespace
}  // namespace virt
