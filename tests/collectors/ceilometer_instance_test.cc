// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <regex>

#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"
#include "tests/support/instance.h"

namespace virt {
namespace {

using testing::AllOf;
using testing::EndsWith;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

std::string exposed(const std::string& domstats, const std::string& metadata = nova_instance()) {
  const std::string xml = instance_xml(metadata);
  return samples_only(expose("ceilometer.instance", snapshot_of("Domain: 'a'\n" + domstats, {{"a", xml}})));
}

// Names and values only: the labels are tested with ceilometer.h.
std::string values(const std::string& domstats, const std::string& metadata = nova_instance()) {
  return std::regex_replace(exposed(domstats, metadata), std::regex{"\\{[^}]*\\}"}, "");
}

TEST(CeilometerInstance, running_instance_has_every_meter_in_ceilometer_s_units) {
  EXPECT_EQ(values(R"(state.state=1
      cpu.time=9
      vcpu.current=2
      vcpu.maximum=4
      vcpu.0.time=100
      vcpu.0.wait=1
      vcpu.3.time=200
      vcpu.3.wait=2
      balloon.current=1048576
      balloon.available=1000448
      balloon.usable=488448
      balloon.unused=1
      balloon.rss=524800
      balloon.swap_in=512
      balloon.swap_out=1024
      perf.cpu_cycles=1
      perf.instructions=2
      perf.cache_references=3
      perf.cache_misses=4)"),
            R"(ceilometer_power_state 1
ceilometer_vcpus 2
ceilometer_memory 1024
ceilometer_disk_root_size 20
ceilometer_disk_ephemeral_size 5
ceilometer_cpu 303
ceilometer_memory_available 977
ceilometer_memory_resident 512.5
ceilometer_memory_usage 500
ceilometer_memory_swap_in 0.5
ceilometer_memory_swap_out 1
ceilometer_perf_cpu_cycles 1
ceilometer_perf_instructions 2
ceilometer_perf_cache_references 3
ceilometer_perf_cache_misses 4
)");
}

TEST(CeilometerInstance, sample_says_whose_it_is) {
  EXPECT_THAT(exposed("state.state=1"),
              HasSubstr("ceilometer_power_state{power=\"00000000-0000-0000-0000-000000000001\","
                        "publisher=\"ceilometer\",type=\"state\",counter=\"power.state\",project=\"p1\","
                        "project_name=\"shop\",user=\"u1\",user_name=\"ann\","
                        "resource=\"00000000-0000-0000-0000-000000000001\",vm_instance=\""));
  EXPECT_THAT(exposed("state.state=1"), Not(HasSubstr("domain=")));
}

TEST(CeilometerInstance, both_versions_of_the_metadata_are_instances_and_none_is_no_instance) {
  EXPECT_THAT(values("state.state=1", nova_instance("1.0")), HasSubstr("ceilometer_power_state 1\n"));
  EXPECT_THAT(values("state.state=1", nova_instance("1.1")), HasSubstr("ceilometer_power_state 1\n"));
  EXPECT_THAT(values("state.state=1", ""), IsEmpty());
}

TEST(CeilometerInstance, instance_that_boots_from_a_volume_has_its_flavor_s_disks) {
  EXPECT_THAT(values("state.state=1", nova_instance("1.1", "<nova:root type='volume'/>")),
              HasSubstr("ceilometer_disk_root_size 20\nceilometer_disk_ephemeral_size 5\n"));
}

TEST(CeilometerInstance, stopped_instance_has_its_state_and_its_sizes) {
  // libvirt prints its own daemon's CPU time for it.
  EXPECT_EQ(values("state.state=5\ncpu.time=9\nballoon.maximum=2097152\nvcpu.maximum=4"),
            "ceilometer_power_state 5\nceilometer_vcpus 2\nceilometer_memory 1024\nceilometer_disk_root_size 20\n"
            "ceilometer_disk_ephemeral_size 5\n");
}

TEST(CeilometerInstance, cpu_is_the_domain_s_where_a_vcpu_lacks_a_part) {
  const std::string online =
      "state.state=1\ncpu.time=9\nvcpu.current=2\nvcpu.maximum=2\nvcpu.0.time=1\nvcpu.0.wait=1\n";
  EXPECT_THAT(values(online + "vcpu.1.time=1"), HasSubstr("ceilometer_cpu 9\n")) << "one has no wait";
  EXPECT_THAT(values(online), HasSubstr("ceilometer_cpu 9\n")) << "one is missing";
  EXPECT_THAT(values(online + "vcpu.2.time=1\nvcpu.2.wait=1"), HasSubstr("ceilometer_cpu 9\n")) << "past the maximum";
  EXPECT_THAT(values(online + "vcpu.1.time=1\nvcpu.1.wait=1"), HasSubstr("ceilometer_cpu 4\n"));
}

TEST(CeilometerInstance, cpu_is_absent_where_neither_is_known) {
  EXPECT_THAT(values("state.state=1\nvcpu.current=1\nvcpu.maximum=1"), Not(HasSubstr("ceilometer_cpu ")));
}

TEST(CeilometerInstance, memory_usage_takes_unused_where_the_guest_does_not_know_usable) {
  EXPECT_THAT(values("state.state=1\nballoon.available=4096\nballoon.unused=1024"),
              HasSubstr("ceilometer_memory_usage 3\n"));
}

TEST(CeilometerInstance, without_a_balloon_there_is_no_usage_and_no_swap) {
  EXPECT_THAT(values("state.state=1\nballoon.current=1048576\nballoon.rss=1024"),
              AllOf(HasSubstr("ceilometer_memory 1024\n"), EndsWith("ceilometer_memory_resident 1\n")));
}

TEST(CeilometerInstance, swap_needs_both_directions) {
  EXPECT_THAT(values("state.state=1\nballoon.swap_in=1"), Not(HasSubstr("_swap_")));
}

}  // namespace
}  // namespace virt
