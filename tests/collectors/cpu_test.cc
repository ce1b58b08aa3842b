// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"

namespace virt {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string samples(std::string_view domstats, const std::map<std::string, std::string>& xml = {}) {
  return samples_only(expose("compute.cpu", snapshot_of(domstats, xml)));
}

TEST(CpuPollster, nanoseconds_become_seconds) {
  EXPECT_EQ(samples(R"(Domain: 'a'
  state.state=1
  cpu.time=6490000001
  cpu.user=5350000000
  cpu.system=1140000000
  cpu.cache.monitor.count=0
  vcpu.current=1
  vcpu.maximum=1
  vcpu.0.state=1
  vcpu.0.time=5770000000
  vcpu.0.wait=0
  vcpu.0.delay=396267620
  vcpu.0.halted=no)"),
            R"(libvirt_domain_info_virtual_cpus{domain="a"} 1
libvirt_domain_vcpu_current{domain="a"} 1
libvirt_domain_vcpu_maximum{domain="a"} 1
libvirt_domain_info_cpu_time_seconds_total{domain="a"} 6.490000001
libvirt_domain_cpu_user_seconds_total{domain="a"} 5.35
libvirt_domain_cpu_system_seconds_total{domain="a"} 1.14
libvirt_domain_vcpu_state{domain="a",vcpu="0"} 1
libvirt_domain_vcpu_time_seconds_total{domain="a",vcpu="0"} 5.77
libvirt_domain_vcpu_wait_seconds_total{domain="a",vcpu="0"} 0
libvirt_domain_vcpu_delay_seconds_total{domain="a",vcpu="0"} 0.39626762
libvirt_domain_vcpu_halted{domain="a",vcpu="0"} 0
)");
}

TEST(CpuPollster, vcpu_numbers_may_have_holes) {
  const std::string text = samples("Domain: 'a'\nstate.state=1\nvcpu.0.state=1\nvcpu.2.state=1\nvcpu.11.state=2");
  EXPECT_EQ(text, R"(libvirt_domain_vcpu_state{domain="a",vcpu="0"} 1
libvirt_domain_vcpu_state{domain="a",vcpu="2"} 1
libvirt_domain_vcpu_state{domain="a",vcpu="11"} 2
)");
}

// libvirt reads its own daemon's CPU time where there is no process of the domain.
TEST(CpuPollster, a_stopped_domain_has_no_cpu_time) {
  EXPECT_EQ(samples("Domain: 'a'\nstate.state=5\ncpu.time=1610000000\ncpu.user=61\nvcpu.current=2\nvcpu.maximum=4"),
            R"(libvirt_domain_info_virtual_cpus{domain="a"} 2
libvirt_domain_vcpu_current{domain="a"} 2
libvirt_domain_vcpu_maximum{domain="a"} 4
)");
}

TEST(CpuPollster, a_stopped_domain_without_statistics_has_its_vcpus_from_the_xml) {
  EXPECT_EQ(samples("Domain: 'a'\nstate.state=5", {{"a", "<domain><vcpu current='1'>2</vcpu></domain>"}}),
            R"(libvirt_domain_info_virtual_cpus{domain="a"} 1
libvirt_domain_vcpu_current{domain="a"} 1
libvirt_domain_vcpu_maximum{domain="a"} 2
)");
}

TEST(CpuPollster, number_of_vcpus_that_the_statistics_lack_is_the_xml_s) {
  EXPECT_EQ(
      samples("Domain: 'a'\nstate.state=5\nvcpu.current=2", {{"a", "<domain><vcpu current='1'>3</vcpu></domain>"}}),
      R"(libvirt_domain_info_virtual_cpus{domain="a"} 2
libvirt_domain_vcpu_current{domain="a"} 2
libvirt_domain_vcpu_maximum{domain="a"} 3
)");
}

TEST(CpuPollster, cache_occupancy_is_told_by_monitor_and_bank) {
  const std::string text = samples(R"(Domain: 'a'
  state.state=1
  cpu.cache.monitor.count=1
  cpu.cache.monitor.0.name=vcpus_0-1
  cpu.cache.monitor.0.vcpus=0-1
  cpu.cache.monitor.0.bank.count=2
  cpu.cache.monitor.0.bank.0.id=0
  cpu.cache.monitor.0.bank.0.bytes=65536
  cpu.cache.monitor.0.bank.1.id=3
  cpu.cache.monitor.0.bank.1.bytes=131072)");
  EXPECT_EQ(text, R"(libvirt_domain_cpu_cache_occupancy_bytes{domain="a",monitor="vcpus_0-1",vcpus="0-1",bank="0"} 65536
libvirt_domain_cpu_cache_occupancy_bytes{domain="a",monitor="vcpus_0-1",vcpus="0-1",bank="3"} 131072
)");
}

TEST(CpuPollster, energy_is_told_by_monitor_and_package) {
  EXPECT_EQ(
      samples(R"(Domain: 'vm1'
  state.state=1
  cpu.energy.monitor.count=1
  cpu.energy.monitor.0.name=vcpus_0-3
  cpu.energy.monitor.0.vcpus=0-3
  cpu.energy.monitor.0.pkg.count=2
  cpu.energy.monitor.0.pkg.0.id=0
  cpu.energy.monitor.0.pkg.0.core_energy=100.25
  cpu.energy.monitor.0.pkg.0.activity=1234.5
  cpu.energy.monitor.0.pkg.1.id=3
  cpu.energy.monitor.0.pkg.1.core_energy=200.5)"),
      R"(libvirt_domain_cpu_core_energy_joules_total{domain="vm1",monitor="vcpus_0-3",vcpus="0-3",package="0"} 100.25
libvirt_domain_cpu_core_energy_joules_total{domain="vm1",monitor="vcpus_0-3",vcpus="0-3",package="3"} 200.5
libvirt_domain_cpu_activity_farads_total{domain="vm1",monitor="vcpus_0-3",vcpus="0-3",package="0"} 1234.5
)");
}

// The label "monitor" of the 3rd run of a domain, of a monitor that libvirt gives this name.
std::string monitor_label(const std::string& domain, const std::string& name) {
  Snapshot snapshot = snapshot_of("Domain: '" + domain + "'\nstate.state=1\ncpu.cache.monitor.0.name=" + name +
                                  "\ncpu.cache.monitor.0.bank.0.bytes=1");
  snapshot.domains.at(0).id = 3;
  const std::string text = samples_only(expose("compute.cpu", snapshot)), label = "monitor=\"";
  const auto start = text.find(label) + label.size();
  return text.substr(start, text.find('"', start) - start);
}

TEST(CpuPollster, monitor_is_called_the_same_in_each_run_of_the_domain) {
  EXPECT_EQ(monitor_label("plain", "vcpus_0"), "vcpus_0") << "up to libvirt 12.7";
  EXPECT_EQ(monitor_label("plain", "qemu-3-plain-vcpus_0"), "vcpus_0");
  EXPECT_EQ(monitor_label("plain", "qemu-3-plain"), "") << "the whole domain";
  EXPECT_EQ(monitor_label(".My_vm--1.-", "qemu-3-Myvm-1-vcpus_0-3,7"), "vcpus_0-3,7") << "as libvirt cleans names";
  EXPECT_EQ(monitor_label(std::string(70, 'x'), "qemu-3-" + std::string(57, 'x') + "-vcpus_0"), "vcpus_0");
}

TEST(CpuPollster, name_that_begins_otherwise_is_the_monitor_s) {
  for (const char* name :
       {"qemu-30-plain-vcpus_0", "qemu-3-plainer-vcpus_0", "qemu-2-plain-vcpus_0", "3-plain-vcpus_0"})
    EXPECT_EQ(monitor_label("plain", name), name);
}

TEST(CpuPollster, a_partial_record_never_becomes_a_zero) {
  const std::string text = samples("Domain: 'a'\nstate.state=1\ncpu.time=5000000000\nvcpu.0.state=1");
  EXPECT_THAT(text, HasSubstr("cpu_time_seconds_total{domain=\"a\"} 5\n"));
  EXPECT_THAT(text, Not(HasSubstr("cpu_user")));
  EXPECT_THAT(text, Not(HasSubstr("vcpu_time")));
  EXPECT_THAT(text, Not(HasSubstr("virtual_cpus")));
}

}  // namespace
}  // namespace virt
