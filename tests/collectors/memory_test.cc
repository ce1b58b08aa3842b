// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"

namespace virt {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string samples(std::string_view domstats, const std::map<std::string, std::string>& xml = {}) {
  return samples_only(expose("compute.memory", snapshot_of(domstats, xml)));
}

TEST(MemoryPollster, kibibytes_become_bytes) {
  EXPECT_EQ(samples(R"(Domain: 'linux'
  state.state=1
  balloon.current=131072
  balloon.maximum=262144
  balloon.swap_in=1
  balloon.swap_out=2
  balloon.major_fault=3
  balloon.minor_fault=682
  balloon.unused=66336
  balloon.available=94788
  balloon.usable=71952
  balloon.last-update=1795373440
  balloon.disk_caches=2488
  balloon.hugetlb_pgalloc=4
  balloon.hugetlb_pgfail=5
  balloon.rss=231040)"),
            R"(libvirt_domain_memory_stats_current_balloon_bytes{domain="linux"} 134217728
libvirt_domain_memory_stats_maximum_bytes{domain="linux"} 268435456
libvirt_domain_info_maximum_memory_bytes{domain="linux"} 268435456
libvirt_domain_info_memory_usage_bytes{domain="linux"} 134217728
libvirt_domain_memory_stats_swap_in_bytes_total{domain="linux"} 1024
libvirt_domain_memory_stats_swap_out_bytes_total{domain="linux"} 2048
libvirt_domain_memory_stats_major_fault_total{domain="linux"} 3
libvirt_domain_memory_stats_minor_fault_total{domain="linux"} 682
libvirt_domain_memory_stats_unused_bytes{domain="linux"} 67928064
libvirt_domain_memory_stats_available_bytes{domain="linux"} 97062912
libvirt_domain_memory_stats_usable_bytes{domain="linux"} 73678848
libvirt_domain_memory_stats_rss_bytes{domain="linux"} 236584960
libvirt_domain_memory_stats_disk_caches_bytes{domain="linux"} 2547712
libvirt_domain_memory_stats_hugetlb_pgalloc_total{domain="linux"} 4
libvirt_domain_memory_stats_hugetlb_pgfail_total{domain="linux"} 5
libvirt_domain_memory_stats_last_update_timestamp_seconds{domain="linux"} 1795373440
)");
}

TEST(MemoryPollster, a_guest_that_never_reported_has_no_last_update) {
  EXPECT_EQ(samples("Domain: 'a'\nstate.state=1\nballoon.last-update=0\nballoon.rss=1"),
            "libvirt_domain_memory_stats_rss_bytes{domain=\"a\"} 1024\n");
}

TEST(MemoryPollster, the_period_says_whether_the_guest_is_asked) {
  const std::string xml = "<domain><devices><memballoon><stats period='10'/></memballoon></devices></domain>";
  EXPECT_EQ(samples("Domain: 'a'\nstate.state=1", {{"a", xml}}),
            "libvirt_domain_memory_stats_period_seconds{domain=\"a\"} 10\n");
  EXPECT_EQ(samples("Domain: 'a'\nstate.state=1", {{"a", "<domain/>"}}), "");
}

TEST(MemoryPollster, a_stopped_domain_without_statistics_has_its_sizes_from_the_xml) {
  const std::string xml = "<domain><memory unit='KiB'>4</memory><currentMemory unit='KiB'>2</currentMemory></domain>";
  EXPECT_EQ(samples("Domain: 'a'\nstate.state=5", {{"a", xml}}),
            R"(libvirt_domain_memory_stats_current_balloon_bytes{domain="a"} 2048
libvirt_domain_memory_stats_maximum_bytes{domain="a"} 4096
libvirt_domain_info_maximum_memory_bytes{domain="a"} 4096
libvirt_domain_info_memory_usage_bytes{domain="a"} 2048
)");
}

TEST(MemoryPollster, size_that_the_statistics_lack_is_the_xml_s) {
  const std::string xml = "<domain><memory unit='KiB'>4</memory><currentMemory unit='KiB'>2</currentMemory></domain>";
  const std::string text = samples("Domain: 'a'\nstate.state=1\nballoon.current=3", {{"a", xml}});
  EXPECT_THAT(text, HasSubstr("libvirt_domain_memory_stats_current_balloon_bytes{domain=\"a\"} 3072\n"));
  EXPECT_THAT(text, HasSubstr("libvirt_domain_memory_stats_maximum_bytes{domain=\"a\"} 4096\n"));
}

TEST(MemoryPollster, bandwidth_is_told_by_monitor_and_node) {
  EXPECT_EQ(samples(R"(Domain: 'a'
  memory.bandwidth.monitor.count=1
  memory.bandwidth.monitor.0.name=vcpus_0
  memory.bandwidth.monitor.0.vcpus=0
  memory.bandwidth.monitor.0.node.count=1
  memory.bandwidth.monitor.0.node.0.id=2
  memory.bandwidth.monitor.0.node.0.bytes.local=10
  memory.bandwidth.monitor.0.node.0.bytes.total=30)"),
            R"(libvirt_domain_memory_bandwidth_local_bytes_total{domain="a",monitor="vcpus_0",vcpus="0",node="2"} 10
libvirt_domain_memory_bandwidth_bytes_total{domain="a",monitor="vcpus_0",vcpus="0",node="2"} 30
)");
}

TEST(MemoryPollster, a_measured_dirty_rate_is_exported) {
  EXPECT_EQ(samples(R"(Domain: 'a'
  dirtyrate.calc_status=2
  dirtyrate.calc_start_time=1000
  dirtyrate.calc_period=1
  dirtyrate.megabytes_per_second=3
  dirtyrate.calc_mode=dirty-ring
  dirtyrate.vcpu.0.megabytes_per_second=2)"),
            R"(libvirt_domain_dirty_rate_bytes_per_second{domain="a"} 3145728
libvirt_domain_dirty_rate_bytes_per_second{domain="a",vcpu="0"} 2097152
libvirt_domain_dirty_rate_calc_status_code{domain="a"} 2
libvirt_domain_dirty_rate_calc_start_timestamp_seconds{domain="a"} 1000
libvirt_domain_dirty_rate_calc_period_seconds{domain="a"} 1
libvirt_domain_dirty_rate_info{domain="a",calc_mode="dirty-ring"} 1
)");
}

TEST(MemoryPollster, a_dirty_rate_that_was_never_measured_has_neither_times_nor_a_mode) {
  const std::string text = samples(
      "Domain: 'a'\ndirtyrate.calc_status=0\ndirtyrate.calc_start_time=0\ndirtyrate.calc_period=0\n"
      "dirtyrate.calc_mode=page-sampling");
  EXPECT_THAT(text, HasSubstr("calc_status_code{domain=\"a\"} 0\n"));
  EXPECT_THAT(text, Not(HasSubstr("calc_start")));
  EXPECT_THAT(text, Not(HasSubstr("calc_period")));
  EXPECT_THAT(text, Not(HasSubstr("calc_mode")));
}

}  // namespace
}  // namespace virt
