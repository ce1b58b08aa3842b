// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"

namespace virt {
namespace {

std::string samples(const std::string& host) {
  return samples_only(expose("compute.host", snapshot_of("Host:\n" + host)));
}

TEST(HostPollster, host_and_versions_are_told) {
  EXPECT_EQ(samples(R"(node.hostname=h1
      node.driver=QEMU
      node.model=x86_64
      version.hypervisor=7.2.22
      version.libvirtd=9.0.0
      version.library=9.0.1)"),
            R"(libvirt_host_info{hostname="h1",cpu_model="x86_64",driver="QEMU"} 1
libvirt_versions_info{hypervisor_running="7.2.22",libvirtd_running="9.0.0",libvirt_library="9.0.1"} 1
)");
}

TEST(HostPollster, cpus_are_counted_and_their_time_is_told_by_mode) {
  EXPECT_EQ(samples(R"(node.cpus=2
      node.present=4
      node.online=3
      node.mhz=2445
      node.cells=1
      node.sockets=1
      node.cores=2
      node.threads=1
      cpu.user=1000000000
      cpu.kernel=2000000000
      cpu.idle=3000000000
      cpu.iowait=4000000000
      cpu.intr=5000000000
      cpu.utilization=50)"),
            R"(libvirt_host_cpus 2
libvirt_host_cpus_present 4
libvirt_host_cpus_online 3
libvirt_host_cpu_frequency_hertz 2445000000
libvirt_host_numa_cells 1
libvirt_host_sockets_per_cell 1
libvirt_host_cores_per_socket 2
libvirt_host_threads_per_core 1
libvirt_host_cpu_seconds_total{mode="user"} 1
libvirt_host_cpu_seconds_total{mode="kernel"} 2
libvirt_host_cpu_seconds_total{mode="idle"} 3
libvirt_host_cpu_seconds_total{mode="iowait"} 4
libvirt_host_cpu_seconds_total{mode="intr"} 5
)");
}

// libvirt adds it to the time in mode user, so a sum over modes would count it twice.
TEST(HostPollster, time_of_guests_is_not_a_mode_of_its_own) {
  EXPECT_EQ(samples("cpu.user=12000000000\ncpu.guest=5600000000"),
            "libvirt_host_cpu_seconds_total{mode=\"user\"} 12\n"
            "libvirt_host_cpu_guest_seconds_total 5.6\n");
}

TEST(HostPollster, memory_is_told_for_the_host_and_for_each_cell) {
  EXPECT_EQ(samples(R"(memory.total=8
      memory.free=4
      memory.buffers=1
      memory.cached=2
      memory.available=5
      cell.0.total=6
      cell.0.free=3
      cell.0.pages.2048.free=7
      cell.0.pages.1048576.free=0
      cell.2.free=1)"),
            R"(libvirt_host_memory_total_bytes 8192
libvirt_host_memory_free_bytes 4096
libvirt_host_memory_buffers_bytes 1024
libvirt_host_memory_cached_bytes 2048
libvirt_host_memory_available_bytes 5120
libvirt_host_numa_memory_total_bytes{cell="0"} 6144
libvirt_host_numa_memory_free_bytes{cell="0"} 3072
libvirt_host_numa_memory_free_bytes{cell="2"} 1024
libvirt_host_huge_pages_free{cell="0",page_size_bytes="2097152"} 7
libvirt_host_huge_pages_free{cell="0",page_size_bytes="1073741824"} 0
)");
}

TEST(HostPollster, merging_is_told) {
  EXPECT_EQ(samples(R"(ksm.pages_to_scan=100
      ksm.sleep_millisecs=20
      ksm.pages_shared=1
      ksm.pages_sharing=2
      ksm.pages_unshared=3
      ksm.pages_volatile=4
      ksm.full_scans=5
      ksm.merge_across_nodes=1)"),
            R"(libvirt_host_ksm_pages_to_scan 100
libvirt_host_ksm_sleep_seconds 0.02
libvirt_host_ksm_pages_shared 1
libvirt_host_ksm_pages_sharing 2
libvirt_host_ksm_pages_unshared 3
libvirt_host_ksm_pages_volatile 4
libvirt_host_ksm_full_scans_total 5
libvirt_host_ksm_merge_across_nodes 1
)");
}

TEST(HostPollster, host_that_was_not_read_is_absent) { EXPECT_EQ(expose("compute.host", Snapshot{}), ""); }

}  // namespace
}  // namespace virt
