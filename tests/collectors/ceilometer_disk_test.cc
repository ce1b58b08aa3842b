// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <regex>

#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"
#include "tests/support/instance.h"

namespace virt {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

constexpr char kDisk[] = "<disk device='disk'><source file='/a'/><target dev='vda'/></disk>";

std::string exposed(const std::string& domstats, const std::string& devices = kDisk) {
  const std::string xml = instance_xml(nova_instance(), devices);
  return samples_only(expose("ceilometer.disk", snapshot_of("Domain: 'a'\n" + domstats, {{"a", xml}})));
}

std::string values(const std::string& domstats, const std::string& devices = kDisk) {
  return std::regex_replace(exposed(domstats, devices), std::regex{"\\{[^}]*\\}"}, "");
}

TEST(CeilometerDisk, disk_has_every_meter) {
  EXPECT_EQ(values(R"(state.state=1
      block.0.name=vda
      block.0.rd.reqs=1
      block.0.rd.bytes=2
      block.0.rd.times=3
      block.0.wr.reqs=4
      block.0.wr.bytes=5
      block.0.wr.times=6
      block.0.allocation=7
      block.0.capacity=8
      block.0.physical=4)"),
            R"(ceilometer_disk_device_read_requests 1
ceilometer_disk_device_write_requests 4
ceilometer_disk_device_read_bytes 2
ceilometer_disk_device_write_bytes 5
ceilometer_disk_device_read_latency 3
ceilometer_disk_device_write_latency 6
ceilometer_disk_device_allocation 7
ceilometer_disk_device_usage 4
ceilometer_disk_device_capacity 8
)");
}

TEST(CeilometerDisk, resource_is_the_instance_and_the_device) {
  const std::string text = exposed("state.state=1\nblock.0.name=vda\nblock.0.rd.bytes=1");
  EXPECT_THAT(text, HasSubstr("ceilometer_disk_device_read_bytes{disk=\"read\",publisher=\"ceilometer\","
                              "type=\"device\",counter=\"disk.device.read.bytes\",project=\"p1\""));
  EXPECT_THAT(text, HasSubstr(",unit=\"B\",resource=\"00000000-0000-0000-0000-000000000001-vda\",vm_instance=\""));
  EXPECT_THAT(text, HasSubstr(",resource_name=\"web:a\",server_group=\"none\""));
}

// What virDomainGetBlockInfo says of these disks, and the bulk call does not.
std::string sizes(const std::string& allocation, const std::string& physical, const std::string& disk) {
  return values("state.state=1\nblock.0.name=vda\nblock.0.allocation=" + allocation +
                    "\nblock.0.capacity=67108864\nblock.0.physical=" + physical,
                disk);
}

std::string text_of(const std::string& allocation, const std::string& usage) {
  return "ceilometer_disk_device_allocation " + allocation + "\nceilometer_disk_device_usage " + usage +
         "\nceilometer_disk_device_capacity 67108864\n";
}

constexpr char kRaw[] = "<disk type='file'><driver type='raw'/><source file='/a'/><target dev='vda'/></disk>";
constexpr char kQcow2[] = "<disk type='file'><driver type='qcow2'/><source file='/a'/><target dev='vda'/></disk>";

TEST(CeilometerDisk, sparse_raw_file_that_was_not_written_has_its_allocated_size_and_its_length) {
  EXPECT_EQ(sizes("0", "4096", kRaw), text_of("4096", "67108864"));
}

TEST(CeilometerDisk, raw_file_that_was_written_has_its_highest_offset_and_its_allocated_size) {
  EXPECT_EQ(sizes("34816", "8192", kRaw), text_of("34816", "8192"));
}

TEST(CeilometerDisk, qcow2_file_has_its_allocated_size_and_ends_at_its_highest_offset_or_later) {
  EXPECT_EQ(sizes("393216", "331776", kQcow2), text_of("331776", "393216"));
  EXPECT_EQ(sizes("0", "331776", kQcow2), text_of("331776", "331776"));
}

TEST(CeilometerDisk, block_device_that_was_not_written_has_no_allocation) {
  for (const char* format : {"raw", "qcow2"})
    EXPECT_EQ(sizes("0", "67108864",
                    std::string{"<disk type='block'><driver type='"} + format +
                        "'/><source dev='/dev/vg/a'/><target dev='vda'/></disk>"),
              text_of("0", "67108864"));
}

TEST(CeilometerDisk, length_of_a_file_that_is_more_than_the_disk_is_not_the_disk_s) {
  for (const char* part :
       {"<encryption format='luks'/>", "<slices><slice type='storage' offset='0' size='1'/></slices>"})
    EXPECT_EQ(sizes("0", "4096",
                    std::string{"<disk type='file'><driver type='raw'/><source file='/a'>"} + part +
                        "</source><target dev='vda'/></disk>"),
              text_of("4096", "4096"));
}

TEST(CeilometerDisk, network_disk_of_unknown_size_has_no_usage) {
  EXPECT_EQ(
      values("state.state=1\nblock.0.name=vda\nblock.0.allocation=7\nblock.0.capacity=8",
             "<disk type='network'><driver type='raw'/><source protocol='rbd' name='a'/><target dev='vda'/></disk>"),
      "ceilometer_disk_device_allocation 7\nceilometer_disk_device_capacity 8\n");
}

TEST(CeilometerDisk, capacity_is_never_less_than_what_the_image_takes) {
  EXPECT_THAT(values("state.state=1\nblock.0.name=vda\nblock.0.capacity=5\nblock.0.physical=9"),
              HasSubstr("ceilometer_disk_device_capacity 9\n"));
}

TEST(CeilometerDisk, empty_cdrom_is_no_disk) {
  EXPECT_THAT(
      values("state.state=1\nblock.0.name=hda\nblock.0.rd.bytes=1", "<disk device='cdrom'><target dev='hda'/></disk>"),
      IsEmpty());
}

TEST(CeilometerDisk, disk_of_every_kind_has_a_source) {
  for (const std::string source :
       {"<source protocol='rbd' name='vms/a'/>", "<source dir='/srv/drivers'/>",
        "<source type='unix' path='/run/spdk/vhost.0'/>", "<source pool='fast' volume='a'/>",
        "<source type='pci' namespace='1'><address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source>"})
    EXPECT_EQ(
        values("state.state=1\nblock.0.name=vdb\nblock.0.rd.bytes=1", "<disk>" + source + "<target dev='vdb'/></disk>"),
        "ceilometer_disk_device_read_bytes 1\n")
        << source;
}

TEST(CeilometerDisk, stopped_instance_has_no_devices_as_with_ceilometer) {
  EXPECT_THAT(values("state.state=5\nblock.0.name=vda\nblock.0.capacity=8\nblock.0.allocation=7\nblock.0.physical=8"),
              IsEmpty());
}

TEST(CeilometerDisk, image_below_the_disk_s_never_speaks_for_the_disk) {
  EXPECT_EQ(values(R"(state.state=1
      block.0.name=vda
      block.0.rd.bytes=1
      block.1.name=vda
      block.1.rd.bytes=2
      block.1.physical=3)"),
            "ceilometer_disk_device_read_bytes 1\n");
}

TEST(CeilometerDisk, domain_without_nova_gives_nothing) {
  const std::string xml = instance_xml("", kDisk);
  EXPECT_EQ(expose("ceilometer.disk", snapshot_of("Domain: 'a'\nblock.0.name=vda\nblock.0.rd.bytes=1", {{"a", xml}})),
            "");
}

}  // namespace
}  // namespace virt
