// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <regex>

#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"

namespace virt {
namespace {

using testing::HasSubstr;

std::string samples(std::string_view domstats, const std::map<std::string, std::string>& xml = {}) {
  return samples_only(expose("compute.disk", snapshot_of(domstats, xml)));
}

TEST(DiskPollster, counts_requests_bytes_and_times) {
  EXPECT_EQ(samples(R"(Domain: 'boot'
  state.state=1
  block.count=1
  block.0.name=vda
  block.0.path=/img/boot
  block.0.backingIndex=1
  block.0.rd.reqs=101
  block.0.rd.bytes=410112
  block.0.rd.times=6961219
  block.0.wr.reqs=50
  block.0.wr.bytes=102400
  block.0.wr.times=0
  block.0.fl.reqs=1
  block.0.fl.times=2
  block.0.errors=3
  block.0.allocation=102400
  block.0.capacity=4194304
  block.0.physical=4194305
  block.0.threshold=7)"),
            R"(libvirt_domain_block_stats_read_requests_total{domain="boot",target_device="vda"} 101
libvirt_domain_block_stats_read_bytes_total{domain="boot",target_device="vda"} 410112
libvirt_domain_block_stats_read_time_seconds_total{domain="boot",target_device="vda"} 0.006961219
libvirt_domain_block_stats_write_requests_total{domain="boot",target_device="vda"} 50
libvirt_domain_block_stats_write_bytes_total{domain="boot",target_device="vda"} 102400
libvirt_domain_block_stats_write_time_seconds_total{domain="boot",target_device="vda"} 0
libvirt_domain_block_stats_flush_requests_total{domain="boot",target_device="vda"} 1
libvirt_domain_block_stats_flush_time_seconds_total{domain="boot",target_device="vda"} 2e-09
libvirt_domain_block_stats_errors_total{domain="boot",target_device="vda"} 3
libvirt_domain_block_stats_allocation_bytes{domain="boot",target_device="vda"} 102400
libvirt_domain_block_stats_capacity_bytes{domain="boot",target_device="vda"} 4194304
libvirt_domain_block_stats_physical_bytes{domain="boot",target_device="vda"} 4194305
libvirt_domain_block_stats_write_threshold_bytes{domain="boot",target_device="vda"} 7
)");
}

TEST(DiskPollster, a_partial_record_gives_what_it_has) {
  EXPECT_EQ(samples("Domain: 'a'\nblock.count=1\nblock.0.name=vda"), "");
  EXPECT_EQ(samples("Domain: 'a'\nblock.0.rd.bytes=1"), "") << "a disk without a name cannot be told apart";
}

TEST(DiskPollster, an_empty_drive_gives_no_series_though_libvirt_prints_zeros_of_it) {
  const auto with = [](const std::string& drive) {
    return samples("Domain: 'a'\nblock.0.name=hda\nblock.0.rd.reqs=0",
                   {{"a", "<domain><devices>" + drive + "</devices></domain>"}});
  };
  EXPECT_EQ(with("<disk type='file' device='cdrom'><target dev='hda'/></disk>"), "");
  EXPECT_EQ(with("<disk type='file' device='floppy'><target dev='hda'/></disk>"), "");
  EXPECT_THAT(with("<disk type='file' device='cdrom'><source file='/iso'/><target dev='hda'/></disk>"),
              HasSubstr("read_requests_total{domain=\"a\",target_device=\"hda\"} 0\n"));
  EXPECT_THAT(with("<disk type='dir' device='floppy'><source dir='/srv/drivers'/><target dev='hda'/></disk>"),
              HasSubstr("read_requests_total{domain=\"a\",target_device=\"hda\"} 0\n"));
  EXPECT_THAT(with("<disk type='vhostuser' device='disk'><target dev='hda'/></disk>"),
              HasSubstr("read_requests_total{domain=\"a\",target_device=\"hda\"} 0\n"))
      << "a disk is never empty";
}

TEST(DiskPollster, the_xml_tells_what_a_disk_is) {
  const std::string xml =
      R"(<domain><devices><disk type='network' device='disk'><driver name='qemu' type='raw' cache='none'/>
      <source protocol='rbd' name='vms/a'><host name='10.0.0.1' port='6789'/></source><target dev='vdb' bus='virtio'/><serial>s-1</serial></disk></devices></domain>)";
  EXPECT_EQ(
      samples("Domain: 'a'", {{"a", xml}}),
      "libvirt_domain_block_stats_info{domain=\"a\",target_device=\"vdb\",disk_type=\"network\",device=\"disk\","
      "target_bus=\"virtio\",driver_name=\"qemu\",driver_type=\"raw\",driver_cache=\"none\",driver_discard=\"\","
      "source_file=\"\",source_protocol=\"rbd\",source_name=\"vms/a\",serial=\"s-1\",source_hosts=\"10.0.0.1:6789\","
      "source_pool=\"\",source_pci_address=\"\",source_namespace=\"\"} 1\n");
}

// Of each disk's info, what its source is.
std::string sources(const std::string& devices) {
  const std::string text = samples("Domain: 'a'", {{"a", "<domain><devices>" + devices + "</devices></domain>"}});
  return std::regex_replace(text, std::regex{R"re(.*target_device="(\w+)",.*(source_file=.*),serial=""(.*)\} 1)re"},
                            "$1: $2$3");
}

TEST(DiskPollster, volumes_of_one_name_are_told_apart_by_their_pool) {
  EXPECT_EQ(
      sources("<disk type='volume'><source pool='fast' volume='a'/><target dev='vda'/></disk>"
              "<disk type='volume'><source pool='slow' volume='a'/><target dev='vdb'/></disk>"),
      R"(vda: source_file="",source_protocol="",source_name="a",source_hosts="",source_pool="fast",source_pci_address="",source_namespace=""
vdb: source_file="",source_protocol="",source_name="a",source_hosts="",source_pool="slow",source_pci_address="",source_namespace=""
)");
}

TEST(DiskPollster, device_folder_and_socket_say_where_they_are) {
  EXPECT_EQ(
      sources("<disk type='nvme'><source type='pci' managed='yes' namespace='1'>"
              "<address domain='0x0000' bus='0x01' slot='0x00' function='0x0'/></source><target dev='vda'/></disk>"
              "<disk type='dir' device='floppy'><source dir='/srv/drivers'/><target dev='fda'/></disk>"
              "<disk type='vhostuser'><source type='unix' path='/run/spdk/vhost.0'/><target dev='vdb'/></disk>"),
      R"(vda: source_file="",source_protocol="",source_name="",source_hosts="",source_pool="",source_pci_address="0000:01:00.0",source_namespace="1"
fda: source_file="/srv/drivers",source_protocol="",source_name="",source_hosts="",source_pool="",source_pci_address="",source_namespace=""
vdb: source_file="/run/spdk/vhost.0",source_protocol="",source_name="",source_hosts="",source_pool="",source_pci_address="",source_namespace=""
)");
}

TEST(DiskPollster, throttling_comes_from_the_xml) {
  const std::string xml = R"(<domain><devices><disk><target dev='vda'/><iotune><read_bytes_sec>1048576</read_bytes_sec>
      <write_iops_sec>100</write_iops_sec><total_bytes_sec_max>5</total_bytes_sec_max></iotune></disk></devices></domain>)";
  const std::string text = samples("Domain: 'a'", {{"a", xml}});
  EXPECT_THAT(
      text,
      HasSubstr("libvirt_domain_block_limit_total_burst_bytes_per_second{domain=\"a\",target_device=\"vda\"} 5\n"));
  EXPECT_THAT(
      text,
      HasSubstr("libvirt_domain_block_limit_read_bytes_per_second{domain=\"a\",target_device=\"vda\"} 1048576\n"));
  EXPECT_THAT(
      text,
      HasSubstr("libvirt_domain_block_limit_write_requests_per_second{domain=\"a\",target_device=\"vda\"} 100\n"));
}

TEST(DiskPollster, limits_of_newer_libvirt_are_exported) {
  EXPECT_EQ(samples(R"(Domain: 'a'
  block.0.name=vda
  block.0.limits.request_alignment=1
  block.0.limits.discard_max=2
  block.0.limits.discard_alignment=3
  block.0.limits.write_zeroes_max=4
  block.0.limits.write_zeroes_alignment=5
  block.0.limits.transfer_optimal=6
  block.0.limits.transfer_max=7
  block.0.limits.transfer_hw_max=8
  block.0.limits.iov_max=9
  block.0.limits.iov_hw_max=10
  block.0.limits.memory_alignment_minimal=11
  block.0.limits.memory_alignment_optimal=12)"),
            R"(libvirt_domain_block_limits_request_alignment_bytes{domain="a",target_device="vda"} 1
libvirt_domain_block_limits_discard_max_bytes{domain="a",target_device="vda"} 2
libvirt_domain_block_limits_discard_alignment_bytes{domain="a",target_device="vda"} 3
libvirt_domain_block_limits_write_zeroes_max_bytes{domain="a",target_device="vda"} 4
libvirt_domain_block_limits_write_zeroes_alignment_bytes{domain="a",target_device="vda"} 5
libvirt_domain_block_limits_transfer_optimal_bytes{domain="a",target_device="vda"} 6
libvirt_domain_block_limits_transfer_max_bytes{domain="a",target_device="vda"} 7
libvirt_domain_block_limits_transfer_hardware_max_bytes{domain="a",target_device="vda"} 8
libvirt_domain_block_limits_iov_max{domain="a",target_device="vda"} 9
libvirt_domain_block_limits_iov_hardware_max{domain="a",target_device="vda"} 10
libvirt_domain_block_limits_memory_alignment_minimal_bytes{domain="a",target_device="vda"} 11
libvirt_domain_block_limits_memory_alignment_optimal_bytes{domain="a",target_device="vda"} 12
)");
}

TEST(DiskPollster, latency_bins_become_cumulative_buckets) {
  EXPECT_EQ(samples(R"(Domain: 'a'
  block.0.name=vda
  block.0.latency_histogram.read.bin.count=3
  block.0.latency_histogram.read.bin.0.start=0
  block.0.latency_histogram.read.bin.0.value=5
  block.0.latency_histogram.read.bin.1.start=10000
  block.0.latency_histogram.read.bin.1.value=2
  block.0.latency_histogram.read.bin.2.start=100000
  block.0.latency_histogram.read.bin.2.value=1)"),
            R"(libvirt_domain_block_stats_read_latency_seconds_bucket{domain="a",target_device="vda",le="1e-05"} 5
libvirt_domain_block_stats_read_latency_seconds_bucket{domain="a",target_device="vda",le="0.0001"} 7
libvirt_domain_block_stats_read_latency_seconds_bucket{domain="a",target_device="vda",le="+Inf"} 8
libvirt_domain_block_stats_read_latency_seconds_count{domain="a",target_device="vda"} 8
)");
}

TEST(DiskPollster, each_kind_of_request_has_its_latencies_by_disk) {
  EXPECT_EQ(samples(R"(Domain: 'a'
  block.0.name=vda
  block.0.latency_histogram.write.bin.0.start=0
  block.0.latency_histogram.write.bin.0.value=1
  block.0.latency_histogram.flush.bin.0.start=0
  block.0.latency_histogram.flush.bin.0.value=2
  block.0.latency_histogram.zone_append.bin.0.start=0
  block.0.latency_histogram.zone_append.bin.0.value=3
  block.1.name=vdb
  block.1.latency_histogram.write.bin.0.start=0
  block.1.latency_histogram.write.bin.0.value=4)"),
            R"(libvirt_domain_block_stats_write_latency_seconds_bucket{domain="a",target_device="vda",le="+Inf"} 1
libvirt_domain_block_stats_write_latency_seconds_count{domain="a",target_device="vda"} 1
libvirt_domain_block_stats_write_latency_seconds_bucket{domain="a",target_device="vdb",le="+Inf"} 4
libvirt_domain_block_stats_write_latency_seconds_count{domain="a",target_device="vdb"} 4
libvirt_domain_block_stats_flush_latency_seconds_bucket{domain="a",target_device="vda",le="+Inf"} 2
libvirt_domain_block_stats_flush_latency_seconds_count{domain="a",target_device="vda"} 2
libvirt_domain_block_stats_zone_append_latency_seconds_bucket{domain="a",target_device="vda",le="+Inf"} 3
libvirt_domain_block_stats_zone_append_latency_seconds_count{domain="a",target_device="vda"} 3
)");
}

TEST(DiskPollster, histogram_that_lacks_a_part_is_absent_and_not_guessed) {
  EXPECT_EQ(samples(R"(Domain: 'a'
  block.0.name=vda
  block.0.latency_histogram.read.bin.0.start=0
  block.0.latency_histogram.read.bin.0.value=5
  block.0.latency_histogram.read.bin.1.start=10000)"),
            "");
}

TEST(DiskPollster, timed_groups_are_told_by_their_interval) {
  EXPECT_EQ(
      samples(R"(Domain: 'a'
  block.0.name=vda
  block.0.timed_group.count=2
  block.0.timed_group.0.interval=10
  block.0.timed_group.0.rd_latency_min=1000
  block.0.timed_group.0.rd_latency_max=3000000
  block.0.timed_group.0.rd_latency_avg=2000
  block.0.timed_group.0.wr_latency_min=4000
  block.0.timed_group.0.flush_latency_max=5000
  block.0.timed_group.0.zone_append_latency_avg=6000
  block.0.timed_group.0.rd_queue_depth_avg=0.5
  block.0.timed_group.0.wr_queue_depth_avg=1.5
  block.0.timed_group.1.interval=60
  block.0.timed_group.1.rd_latency_min=7000)"),
      R"(libvirt_domain_block_timed_read_latency_minimum_seconds{domain="a",target_device="vda",interval_seconds="10"} 1e-06
libvirt_domain_block_timed_read_latency_minimum_seconds{domain="a",target_device="vda",interval_seconds="60"} 7e-06
libvirt_domain_block_timed_read_latency_maximum_seconds{domain="a",target_device="vda",interval_seconds="10"} 0.003
libvirt_domain_block_timed_read_latency_average_seconds{domain="a",target_device="vda",interval_seconds="10"} 2e-06
libvirt_domain_block_timed_write_latency_minimum_seconds{domain="a",target_device="vda",interval_seconds="10"} 4e-06
libvirt_domain_block_timed_flush_latency_maximum_seconds{domain="a",target_device="vda",interval_seconds="10"} 5e-06
libvirt_domain_block_timed_zone_append_latency_average_seconds{domain="a",target_device="vda",interval_seconds="10"} 6e-06
libvirt_domain_block_timed_read_queue_depth_average{domain="a",target_device="vda",interval_seconds="10"} 0.5
libvirt_domain_block_timed_write_queue_depth_average{domain="a",target_device="vda",interval_seconds="10"} 1.5
)");
}

TEST(DiskPollster, length_of_bursts_and_size_of_requests_come_from_the_xml) {
  const std::string xml = R"(<domain><devices><disk><target dev='vda'/><iotune>
      <read_bytes_sec_max_length>60</read_bytes_sec_max_length><total_iops_sec_max_length>30</total_iops_sec_max_length>
      <size_iops_sec>4096</size_iops_sec></iotune></disk></devices></domain>)";
  const std::string text = samples("Domain: 'a'", {{"a", xml}}), where = "{domain=\"a\",target_device=\"vda\"} ";
  EXPECT_THAT(text, HasSubstr("libvirt_domain_block_limit_read_burst_bytes_seconds" + where + "60\n"));
  EXPECT_THAT(text, HasSubstr("libvirt_domain_block_limit_total_burst_requests_seconds" + where + "30\n"));
  EXPECT_THAT(text, HasSubstr("libvirt_domain_block_limit_request_size_bytes" + where + "4096\n"));
}

}  // namespace
}  // namespace virt
