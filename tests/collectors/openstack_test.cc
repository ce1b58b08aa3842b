// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"

namespace virt {
namespace {

std::string samples(const std::string& metadata) {
  const std::string xml = "<domain><metadata>" + metadata + "</metadata></domain>";
  return samples_only(
      expose("compute.openstack", snapshot_of("Domain: 'instance-00000001'", {{"instance-00000001", xml}})));
}

TEST(OpenstackPollster, tells_instance_flavor_owner_and_ports) {
  EXPECT_EQ(
      samples(R"(<nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1">
      <nova:package version="25.2.1"/><nova:name>web "1"</nova:name>
      <nova:creationTime>2024-05-31 09:15:42</nova:creationTime>
      <nova:flavor name="m1"><nova:memory>2048</nova:memory><nova:disk>20</nova:disk><nova:swap>1</nova:swap>
      <nova:ephemeral>0</nova:ephemeral><nova:vcpus>2</nova:vcpus></nova:flavor>
      <nova:owner><nova:user uuid="u1">alice</nova:user><nova:project uuid="p1">shop</nova:project></nova:owner>
      <nova:root type="image" uuid="i1"/><nova:ports><nova:port uuid="n1">
      <nova:ip type="fixed" address="10.0.0.4" ipVersion="4"/></nova:port></nova:ports></nova:instance>)"),
      R"(libvirt_domain_openstack_info{domain="instance-00000001",instance_name="web \"1\"",instance_id="00000000-0000-0000-0000-000000000007",flavor_name="m1",user_name="alice",user_id="u1",project_name="shop",project_id="p1",image_id="i1",nova_version="25.2.1"} 1
libvirt_domain_openstack_flavor_vcpus{domain="instance-00000001"} 2
libvirt_domain_openstack_flavor_memory_bytes{domain="instance-00000001"} 2147483648
libvirt_domain_openstack_flavor_root_disk_bytes{domain="instance-00000001"} 21474836480
libvirt_domain_openstack_flavor_ephemeral_disk_bytes{domain="instance-00000001"} 0
libvirt_domain_openstack_flavor_swap_bytes{domain="instance-00000001"} 1048576
libvirt_domain_openstack_metadata_timestamp_seconds{domain="instance-00000001"} 1717146942
libvirt_domain_openstack_port_info{domain="instance-00000001",port_id="n1",address="10.0.0.4",ip_version="4",address_type="fixed"} 1
)");
}

TEST(OpenstackPollster, a_domain_without_metadata_gives_nothing) { EXPECT_EQ(samples(""), ""); }

TEST(OpenstackPollster, what_the_metadata_lacks_is_absent) {
  EXPECT_EQ(
      samples("<nova:instance xmlns:nova='http://openstack.org/xmlns/libvirt/nova/1.0'>"
              "<nova:flavor name='f'/></nova:instance>"),
      R"(libvirt_domain_openstack_info{domain="instance-00000001",instance_name="",instance_id="00000000-0000-0000-0000-000000000007",flavor_name="f",user_name="",user_id="",project_name="",project_id="",image_id="",nova_version=""} 1
)");
}

}  // namespace
}  // namespace virt
