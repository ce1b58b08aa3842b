// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"
#include "tests/support/instance.h"

namespace virt {
namespace {

std::string samples(const std::string& domstats, const std::string& xml = "<domain/>") {
  return samples_only(expose("compat.tinkoff", snapshot_of("Domain: 'a'\n" + domstats, {{"a", xml}})));
}

constexpr char kNoInstance[] =
    "libvirt_domain_info_meta{domain=\"a\",uuid=\"00000000-0000-0000-0000-000000000001\",instance_name=\"\",flavor="
    "\"\",user_name=\"\",user_uuid=\"\",project_name=\"\",project_uuid=\"\",root_type=\"\",root_uuid=\"\"} 1\n";

TEST(CompatTinkoff, domain_says_whose_it_is) {
  EXPECT_EQ(samples("", instance_xml(nova_instance())),
            "libvirt_domain_info_meta{domain=\"a\",uuid=\"00000000-0000-0000-0000-000000000001\",instance_name=\"web\","
            "flavor=\"m1\",user_name=\"ann\",user_uuid=\"u1\",project_name=\"shop\",project_uuid=\"p1\",root_type="
            "\"image\",root_uuid=\"i1\"} 1\n");
  EXPECT_EQ(samples(""), kNoInstance) << "a domain without Nova is there as well";
}

TEST(CompatTinkoff, other_names_have_the_same_values) {
  EXPECT_EQ(samples(R"(state.state=3
      balloon.current=1
      balloon.disk_caches=2
      placement.0.cpu=5
      placement.2.cpu=7
      block.0.name=vda
      block.0.allocation=3
      block.0.physical=4)"),
            kNoInstance + std::string{R"(libvirt_domain_info_vstate{domain="a"} 3
libvirt_domain_memory_stats_actual_balloon_bytes{domain="a"} 1024
libvirt_domain_memory_stats_disk_cache_bytes{domain="a"} 2048
libvirt_domain_block_stats_allocation{domain="a",target_device="vda"} 3
libvirt_domain_block_stats_physicalsize_bytes{domain="a",target_device="vda"} 4
libvirt_domain_vcpu_cpu{domain="a",vcpu="0"} 5
libvirt_domain_vcpu_cpu{domain="a",vcpu="2"} 7
)"});
}

TEST(CompatTinkoff, image_below_the_disk_s_never_speaks_for_the_disk) {
  EXPECT_EQ(samples("block.0.name=vda\nblock.0.allocation=3\nblock.1.name=vda\nblock.1.physical=4"),
            kNoInstance + std::string{"libvirt_domain_block_stats_allocation{domain=\"a\",target_device=\"vda\"} 3\n"});
}

TEST(CompatTinkoff, disk_is_described_with_its_limits) {
  const std::string text = samples("", R"(<domain><devices><disk type='network' device='disk'>
      <driver name='qemu' type='raw' cache='none' discard='unmap'/><source protocol='rbd' name='vms/a'/>
      <target dev='vda' bus='virtio'/><serial>s1</serial><iotune><total_bytes_sec>1</total_bytes_sec>
      <read_iops_sec_max>2</read_iops_sec_max><write_bytes_sec_max_length>3</write_bytes_sec_max_length>
      <size_iops_sec>4</size_iops_sec></iotune></disk></devices></domain>)");
  EXPECT_EQ(
      text,
      kNoInstance +
          std::string{
              R"(libvirt_domain_block_meta{domain="a",target_device="vda",source_file="vms/a",serial="s1",bus="virtio",disk_type="network",driver_type="raw",cache="none",discard="unmap"} 1
libvirt_domain_block_stats_limit_total_bytes{domain="a",target_device="vda"} 1
libvirt_domain_block_stats_limit_burst_read_requests{domain="a",target_device="vda"} 2
libvirt_domain_block_stats_limit_burst_write_bytes_length_seconds{domain="a",target_device="vda"} 3
libvirt_domain_block_stats_size_iops_bytes{domain="a",target_device="vda"} 4
)"}) << "and limits that are not set are absent, not 0";
}

TEST(CompatTinkoff, interface_is_described_where_it_is_connected) {
  EXPECT_EQ(samples("", R"(<domain><devices><interface type='bridge'><source bridge='br-int'/><target dev='tap0'/>
      <virtualport><parameters interfaceid='port-1'/></virtualport></interface>
      <interface type='ethernet'><target dev='tap1'/></interface></devices></domain>)"),
            kNoInstance + std::string{"libvirt_domain_interface_meta{domain=\"a\",source_bridge=\"br-int\","
                                      "target_device=\"tap0\",virtual_interface=\"port-1\"} 1\n"});
}

TEST(CompatTinkoff, pools_have_their_sizes) {
  EXPECT_EQ(samples_only(expose("compat.tinkoff", snapshot_of(R"(Host:
      pool.0.name=images
      pool.0.capacity=10
      pool.0.allocation=4
      pool.0.available=6)"))),
            R"(libvirt_pool_info_capacity_bytes{pool="images"} 10
libvirt_pool_info_allocation_bytes{pool="images"} 4
libvirt_pool_info_available_bytes{pool="images"} 6
)");
}

}  // namespace
}  // namespace virt
