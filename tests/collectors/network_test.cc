// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"

namespace virt {
namespace {

std::string samples(std::string_view domstats, const std::map<std::string, std::string>& xml = {}) {
  return samples_only(expose("compute.network", snapshot_of(domstats, xml)));
}

TEST(NetworkPollster, counts_traffic_by_target_device) {
  EXPECT_EQ(samples(R"(Domain: 'a'
  net.count=2
  net.0.name=vnet0
  net.0.rx.bytes=4812
  net.0.rx.pkts=52
  net.0.rx.errs=1
  net.0.rx.drop=2
  net.0.tx.bytes=4688
  net.0.tx.pkts=50
  net.0.tx.errs=3
  net.0.tx.drop=4
  net.4.name=vnet3
  net.4.rx.bytes=90)"),
            R"(libvirt_domain_interface_stats_receive_bytes_total{domain="a",target_device="vnet0"} 4812
libvirt_domain_interface_stats_receive_bytes_total{domain="a",target_device="vnet3"} 90
libvirt_domain_interface_stats_receive_packets_total{domain="a",target_device="vnet0"} 52
libvirt_domain_interface_stats_receive_errors_total{domain="a",target_device="vnet0"} 1
libvirt_domain_interface_stats_receive_drops_total{domain="a",target_device="vnet0"} 2
libvirt_domain_interface_stats_transmit_bytes_total{domain="a",target_device="vnet0"} 4688
libvirt_domain_interface_stats_transmit_packets_total{domain="a",target_device="vnet0"} 50
libvirt_domain_interface_stats_transmit_errors_total{domain="a",target_device="vnet0"} 3
libvirt_domain_interface_stats_transmit_drops_total{domain="a",target_device="vnet0"} 4
)");
}

TEST(NetworkPollster, an_interface_without_a_name_gives_no_statistics) {
  EXPECT_EQ(samples("Domain: 'a'\nnet.0.rx.bytes=1"), "");
}

TEST(NetworkPollster, the_xml_tells_what_an_interface_is) {
  const std::string xml = R"(<domain><devices><interface type='bridge'><mac address='52:54:00:00:00:01'/>
      <source bridge='br0'/><target dev='tap1'/><model type='virtio'/><mtu size='1450'/><link state='down'/>
      <virtualport type='openvswitch'><parameters interfaceid='port-1'/></virtualport></interface></devices></domain>)";
  EXPECT_EQ(samples("Domain: 'a'", {{"a", xml}}),
            "libvirt_domain_interface_stats_info{domain=\"a\",target_device=\"tap1\",interface_type=\"bridge\","
            "source_bridge=\"br0\",source_network=\"\",mac_address=\"52:54:00:00:00:01\",model_type=\"virtio\","
            "mtu_size=\"1450\",virtual_interface=\"port-1\",vlan=\"\",source_device=\"\",source_pci_address=\"\"} 1\n"
            "libvirt_domain_interface_link_up{domain=\"a\",target_device=\"tap1\"} 0\n");
}

TEST(NetworkPollster, mac_address_that_the_guest_has_set_is_told_beside_its_own) {
  const std::string xml =
      "<domain><devices><interface type='bridge'><mac address='m1' currentAddress='m9'/><target dev='tap1'/>"
      "</interface></devices></domain>";
  const std::string text = samples("Domain: 'a'", {{"a", xml}});
  EXPECT_THAT(text, testing::HasSubstr("mac_address=\"m1\",model_type"));
  EXPECT_THAT(text, testing::HasSubstr("libvirt_domain_interface_current_mac_address_info{domain=\"a\","
                                       "target_device=\"tap1\",mac_address=\"m9\"} 1\n"));
}

TEST(NetworkPollster, interfaces_without_a_target_are_told_apart_by_mac) {
  const std::string xml =
      "<domain><devices><interface type='hostdev'><mac address='m1'/><source><address type='pci' domain='0x0000' "
      "bus='0x04' slot='0x10' function='0x4'/></source></interface>"
      "<interface type='user'><mac address='m2'/><link state='down'/></interface></devices></domain>";
  EXPECT_EQ(
      samples("Domain: 'a'", {{"a", xml}}),
      R"(libvirt_domain_interface_stats_info{domain="a",target_device="m1",interface_type="hostdev",source_bridge="",source_network="",mac_address="m1",model_type="",mtu_size="",virtual_interface="",vlan="",source_device="",source_pci_address="0000:04:10.4"} 1
libvirt_domain_interface_stats_info{domain="a",target_device="m2",interface_type="user",source_bridge="",source_network="",mac_address="m2",model_type="",mtu_size="",virtual_interface="",vlan="",source_device="",source_pci_address=""} 1
libvirt_domain_interface_link_up{domain="a",target_device="m1"} 1
libvirt_domain_interface_link_up{domain="a",target_device="m2"} 0
)");
}

}  // namespace
}  // namespace virt
