// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/domain_xml.h"

#include <gmock/gmock.h>

namespace virt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;

DomainFacts parse(const std::string& inside) {
  std::vector<std::string> problems;
  DomainFacts facts = parse_domain_xml("<domain type='kvm'>" + inside + "</domain>", problems);
  EXPECT_THAT(problems, IsEmpty());
  return facts;
}

DomainFacts parse_devices(const std::string& devices) { return parse("<devices>" + devices + "</devices>"); }

TEST(DomainXml, names_the_operating_system_type) {
  const DomainFacts facts = parse("<os><type arch='x86_64' machine='pc-q35-7.2'>hvm</type></os>");
  EXPECT_EQ(facts.os_type, "hvm");
  EXPECT_EQ(facts.arch, "x86_64");
  EXPECT_EQ(facts.machine, "pc-q35-7.2");
}

TEST(DomainXml, says_whether_there_are_io_threads) {
  EXPECT_TRUE(parse("<iothreads>2</iothreads>").has_iothreads);
  EXPECT_FALSE(parse("<iothreads>0</iothreads>").has_iothreads);
  EXPECT_FALSE(parse("").has_iothreads);
}

TEST(DomainXml, says_whether_the_cache_or_the_energy_of_vcpus_is_monitored) {
  EXPECT_TRUE(
      parse("<cputune><cachetune vcpus='0'><monitor level='3' vcpus='0'/></cachetune></cputune>").has_cpu_monitors);
  EXPECT_TRUE(parse("<cputune><energytune><monitor/></energytune></cputune>").has_cpu_monitors);
  EXPECT_FALSE(parse("<cputune><memorytune vcpus='0'><monitor vcpus='0'/></memorytune></cputune>").has_cpu_monitors);
  EXPECT_FALSE(parse("<cputune><cachetune vcpus='0'><cache id='0' size='3' unit='MiB'/></cachetune></cputune>")
                   .has_cpu_monitors);
  EXPECT_FALSE(parse("").has_cpu_monitors);
}

TEST(DomainXml, reads_what_people_call_a_domain) {
  const DomainFacts facts = parse("<title>Shop front, Berlin</title><description>owner: blue</description>");
  EXPECT_EQ(facts.title, "Shop front, Berlin");
  EXPECT_EQ(facts.description, "owner: blue");
  EXPECT_EQ(facts.os, "");
}

TEST(DomainXml, description_is_one_line) {
  EXPECT_EQ(parse("<description>\n  first&#13;\n\n\tsecond  \n</description>").description, "first second");
  EXPECT_EQ(parse("<description> \n </description>").description, "");
}

TEST(DomainXml, long_text_is_cut_between_characters) {
  const std::string longest(256, 'x');
  EXPECT_EQ(parse("<title>" + longest + "</title>").title, longest);
  EXPECT_EQ(parse("<title>" + longest + "x</title>").title, std::string(253, 'x') + "…");
  std::string lizards;
  for (int i = 0; i < 100'000; ++i) lizards += "🦎";
  const std::string cut = parse("<title>" + lizards + "</title>").title;
  EXPECT_EQ(cut, lizards.substr(0, 252) + "…");
}

TEST(DomainXml, operating_system_is_libosinfo_s_whatever_its_prefix) {
  const auto os = [](const std::string& metadata) { return parse("<metadata>" + metadata + "</metadata>").os; };
  constexpr char kNamespace[] = "http://libosinfo.org/xmlns/libvirt/domain/1.0";
  const std::string id = "id='http://debian.org/debian/12'/>";
  EXPECT_EQ(os(std::string{"<l:libosinfo xmlns:l='"} + kNamespace + "'><l:os " + id + "</l:libosinfo>"),
            "http://debian.org/debian/12");
  EXPECT_EQ(os(std::string{"<libosinfo xmlns='"} + kNamespace + "'><os " + id + "</libosinfo>"),
            "http://debian.org/debian/12");
  EXPECT_EQ(os("<libosinfo xmlns='http://example.org/'><os " + id + "</libosinfo>"), "");
}

TEST(DomainXml, disk_is_a_whole_file_only_if_it_is_raw_and_neither_encrypted_nor_a_part) {
  const auto is_whole_file = [](const std::string& type, const std::string& format, const std::string& more = "") {
    return parse_devices("<disk type='" + type + "'><driver type='" + format + "'/><source file='/a'>" + more +
                         "</source></disk>")
        .disks.at(0)
        .is_whole_file;
  };
  EXPECT_TRUE(is_whole_file("file", "raw"));
  EXPECT_FALSE(is_whole_file("block", "raw"));
  EXPECT_FALSE(is_whole_file("file", "qcow2"));
  EXPECT_FALSE(is_whole_file("file", "raw", "<encryption format='luks'/>"));
  EXPECT_FALSE(is_whole_file("file", "raw", "<slices><slice type='storage' offset='0' size='1'/></slices>"));
}

TEST(DomainXml, sizes_stand_under_the_keys_of_the_statistics) {
  const DomainFacts facts = parse(
      "<memory unit='KiB'>4096</memory><currentMemory unit='KiB'>2048</currentMemory>"
      "<vcpu placement='static' current='2'>4</vcpu>");
  EXPECT_THAT(facts.defaults.number("balloon.maximum"), Optional(4096));
  EXPECT_THAT(facts.defaults.number("balloon.current"), Optional(2048));
  EXPECT_THAT(facts.defaults.number("vcpu.current"), Optional(2));
  EXPECT_THAT(facts.defaults.number("vcpu.maximum"), Optional(4));
}

TEST(DomainXml, without_a_current_size_the_maximum_is_current) {
  const DomainFacts facts = parse("<memory unit='GiB'>1</memory><vcpu>4</vcpu>");
  EXPECT_THAT(facts.defaults.number("balloon.current"), Optional(1024 * 1024));
  EXPECT_THAT(facts.defaults.number("vcpu.current"), Optional(4));
}

TEST(DomainXml, a_size_that_is_no_number_is_absent) {
  const DomainFacts facts =
      parse("<memory unit='KiB'>much</memory><vcpu>-1</vcpu><currentMemory unit='pony'>1</currentMemory>");
  EXPECT_TRUE(facts.defaults.empty());
}

TEST(DomainXml, a_balloon_period_of_zero_is_none) {
  EXPECT_TRUE(parse_devices("<memballoon model='virtio'/>").balloon.empty());
  EXPECT_TRUE(parse_devices("<memballoon model='virtio'><stats period='0'/></memballoon>").balloon.empty());
  EXPECT_THAT(parse_devices("<memballoon model='virtio'><stats period='10'/></memballoon>").balloon.number("period"),
              Optional(10));
}

TEST(DomainXml, reads_a_file_disk) {
  const auto disks = parse_devices(R"(<disk type='file' device='disk'>
      <driver name='qemu' type='qcow2' cache='none' discard='unmap'/><source file='/img/a' index='1'/>
      <backingStore type='file'><source file='/img/base'/></backingStore>
      <target dev='vda' bus='virtio'/><serial>S1</serial></disk>)")
                         .disks;
  ASSERT_EQ(disks.size(), 1u);
  const Disk& disk = disks[0];
  EXPECT_THAT((std::vector{disk.target, disk.bus, disk.type, disk.device, disk.serial}),
              ElementsAre("vda", "virtio", "file", "disk", "S1"));
  EXPECT_THAT((std::vector{disk.driver_name, disk.driver_type, disk.driver_cache, disk.driver_discard}),
              ElementsAre("qemu", "qcow2", "none", "unmap"));
  EXPECT_EQ(disk.source_file, "/img/a");
}

TEST(DomainXml, reads_sources_of_every_kind) {
  const auto disks = parse_devices(
                         "<disk type='block'><source dev='/dev/vg/a'/></disk>"
                         "<disk type='network'><source protocol='rbd' name='pool/vol'/></disk>"
                         "<disk type='volume'><source pool='p' volume='v'/></disk>"
                         "<disk type='file' device='cdrom'><target dev='hda'/></disk>")
                         .disks;
  ASSERT_EQ(disks.size(), 4u);
  EXPECT_EQ(disks[0].source_file, "/dev/vg/a");
  EXPECT_EQ(disks[1].source_protocol, "rbd");
  EXPECT_EQ(disks[1].source_name, "pool/vol");
  EXPECT_EQ(disks[2].source_name, "v");
  EXPECT_EQ(disks[2].source_pool, "p");
  EXPECT_EQ(disks[3].source_file, "");
  EXPECT_EQ(disks[3].device, "cdrom");
}

Disk parse_disk(const std::string& source) {
  return parse_devices("<disk>" + source + "<target dev='vda'/></disk>").disks.at(0);
}

TEST(DomainXml, folder_and_socket_are_paths_as_well) {
  EXPECT_EQ(parse_disk("<source dir='/srv/floppy'/>").source_file, "/srv/floppy");
  EXPECT_EQ(parse_disk("<source type='unix' path='/run/spdk/0'><reconnect enabled='yes'/></source>").source_file,
            "/run/spdk/0");
}

TEST(DomainXml, nvme_device_has_its_address_as_the_kernel_writes_it) {
  const Disk disk = parse_disk(
      "<source type='pci' managed='yes' namespace='2'>"
      "<address domain='0x0000' bus='0x0a' slot='0x1f' function='0x7'/></source>");
  EXPECT_EQ(disk.source_pci_address, "0000:0a:1f.7");
  EXPECT_EQ(disk.source_namespace, "2");
  EXPECT_EQ(parse_disk("<source file='/a'/>").source_pci_address, "");
}

TEST(DomainXml, network_disk_has_hosts_with_ports_or_a_socket) {
  EXPECT_EQ(parse_disk("<source protocol='rbd' name='vms/a'><host name='10.0.0.1' port='6789'/><host name='fd00::2' "
                       "port='6789'/><host name='mon-3'/></source>")
                .source_hosts,
            "10.0.0.1:6789,[fd00::2]:6789,mon-3");
  EXPECT_EQ(parse_disk("<source protocol='nbd'><host transport='unix' socket='/run/nbd'/></source>").source_hosts,
            "/run/nbd");
}

TEST(DomainXml, every_kind_of_source_is_one) {
  for (const char* source :
       {"<source file='/a'/>", "<source dev='/dev/sda'/>", "<source dir='/d'/>", "<source protocol='nbd'/>",
        "<source pool='p' volume='v'/>", "<source type='unix' path='/s'/>", "<source type='pci' namespace='1'/>"})
    EXPECT_TRUE(parse_disk(source).has_source) << source;
  EXPECT_FALSE(parse_disk("").has_source);
}

TEST(DomainXml, source_that_names_no_medium_is_none) {
  EXPECT_FALSE(parse_disk("<source startupPolicy='optional' index='3'/>").has_source);
  EXPECT_TRUE(parse_disk("<source file='/iso' startupPolicy='optional' index='3'/>").has_source);
}

TEST(DomainXml, reads_throttling) {
  const auto disks = parse_devices(
                         "<disk><iotune><read_bytes_sec>1000</read_bytes_sec>"
                         "<group_name>g</group_name></iotune></disk>")
                         .disks;
  EXPECT_THAT(disks.at(0).limits.number("read_bytes_sec"), Optional(1000));
  EXPECT_EQ(disks.at(0).limits.number("group_name"), std::nullopt);
}

TEST(DomainXml, reads_throttle_groups_and_the_filters_of_disks) {
  const DomainFacts facts = parse(
      "<throttlegroups><throttlegroup><read_iops_sec>7</read_iops_sec><group_name>g</group_name></throttlegroup>"
      "</throttlegroups><devices><disk><throttlefilters><throttlefilter group='g'/><throttlefilter group='h'/>"
      "</throttlefilters></disk></devices>");
  ASSERT_EQ(facts.throttle_groups.size(), 1u);
  EXPECT_EQ(facts.throttle_groups[0].name, "g");
  EXPECT_THAT(facts.throttle_groups[0].limits.number("read_iops_sec"), Optional(7));
  EXPECT_THAT(facts.disks.at(0).throttle_groups, ElementsAre("g", "h"));
}

TEST(DomainXml, reads_the_mac_address_that_a_guest_has_set) {
  const auto interfaces = parse_devices(
                              "<interface type='bridge'><mac address='52:54:00:00:00:01' "
                              "currentAddress='52:54:00:00:00:99'/></interface>")
                              .interfaces;
  EXPECT_EQ(interfaces.at(0).mac, "52:54:00:00:00:01");
  EXPECT_EQ(interfaces.at(0).current_mac, "52:54:00:00:00:99");
}

TEST(DomainXml, reads_an_interface) {
  const auto interfaces = parse_devices(R"(<interface type='bridge'><mac address='52:54:00:00:00:01'/>
      <source bridge='br0'/><target dev='tap1'/><model type='virtio'/><mtu size='1450'/><link state='down'/>
      <virtualport type='openvswitch'><parameters interfaceid='port-1'/></virtualport>
      <vlan><tag id='7'/><tag id='8'/></vlan><filterref filter='nova-x'/></interface>)")
                              .interfaces;
  ASSERT_EQ(interfaces.size(), 1u);
  const Interface& nic = interfaces[0];
  EXPECT_THAT((std::vector{nic.type, nic.mac, nic.source_bridge, nic.target, nic.model, nic.mtu}),
              ElementsAre("bridge", "52:54:00:00:00:01", "br0", "tap1", "virtio", "1450"));
  EXPECT_THAT((std::vector{nic.virtual_interface, nic.vlan, nic.filter}), ElementsAre("port-1", "7,8", "nova-x"));
  EXPECT_FALSE(nic.link_up);
}

Interface parse_interface(const std::string& source) {
  return parse_devices("<interface><mac address='52:54:00:00:00:01'/>" + source + "</interface>").interfaces.at(0);
}

TEST(DomainXml, interface_has_the_host_s_device_behind_it) {
  EXPECT_EQ(parse_interface("<source dev='eno1' mode='bridge'/>").source_device, "eno1");
  EXPECT_EQ(parse_interface("<source dev='/dev/vhost-vdpa-0'/>").source_device, "/dev/vhost-vdpa-0");
  EXPECT_EQ(parse_interface("<source type='unix' path='/run/vhu' mode='server'/>").source_device, "/run/vhu");
  EXPECT_EQ(
      parse_interface("<source><address type='pci' domain='0x0000' bus='0x04' slot='0x10' function='0x4'/></source>")
          .source_pci_address,
      "0000:04:10.4");
  EXPECT_EQ(parse_interface("<source address='230.0.0.1' port='5558'/>").source_pci_address, "");
}

TEST(DomainXml, a_link_is_up_unless_it_was_set_down) {
  const auto interfaces = parse_devices("<interface type='network'><source network='default'/></interface>").interfaces;
  EXPECT_TRUE(interfaces.at(0).link_up);
  EXPECT_EQ(interfaces.at(0).source_network, "default");
}

TEST(DomainXml, broken_xml_is_a_problem_and_gives_nothing) {
  for (const char* xml : {"", "<domain>", "<network/>", "<domain><devices></domain>"}) {
    std::vector<std::string> problems;
    const DomainFacts facts = parse_domain_xml(xml, problems);
    EXPECT_THAT(problems, ElementsAre(HasSubstr("cannot parse its XML"))) << xml;
    EXPECT_TRUE(facts.disks.empty());
  }
}

TEST(DomainXml, entities_are_text_and_nothing_is_included) {
  std::vector<std::string> problems;
  const DomainFacts facts = parse_domain_xml(
      "<!DOCTYPE d [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><domain><os><type>&x;&lt;b&gt;</type></os></domain>",
      problems);
  EXPECT_EQ(facts.os_type, "&x;<b>");
}

}  // namespace
}  // namespace virt
