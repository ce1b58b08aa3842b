// SPDX-License-Identifier: Apache-2.0
// The host as libvirt sees it: CPUs, memory, NUMA cells, same-page merging (KSM), versions.
#include "exporter/libvirt/snapshot.h"

namespace virt {
namespace {

constexpr Meter kHostInfo[] = {
    {"", "libvirt_host_info", Type::kGauge, kOne,
     "Constant 1; labels describe the host's name, CPU model and libvirt driver (virConnectGetHostname, "
     "virNodeGetInfo, virConnectGetType)."}};
constexpr Meter kVersions[] = {
    {"", "libvirt_versions_info", Type::kGauge, kOne,
     "Constant 1; labels hold the versions of the hypervisor, of libvirtd and of the exporter's libvirt library "
     "(virConnectGetVersion, virConnectGetLibVersion, virGetVersion)."}};

constexpr Meter kNode[] = {
    {"cpus", "libvirt_host_cpus", Type::kGauge, kOne, "Number of active CPUs of the host (virNodeGetInfo)."},
    {"present", "libvirt_host_cpus_present", Type::kGauge, kOne,
     "Number of CPUs present in the host (virNodeGetCPUMap)."},
    {"online", "libvirt_host_cpus_online", Type::kGauge, kOne, "Number of online CPUs of the host (virNodeGetCPUMap)."},
    {"mhz", "libvirt_host_cpu_frequency_hertz", Type::kGauge, Unit{1e6, 1},
     "Frequency of the host's CPUs (virNodeGetInfo)."},
    {"cells", "libvirt_host_numa_cells", Type::kGauge, kOne, "Number of NUMA cells of the host (virNodeGetInfo)."},
    {"sockets", "libvirt_host_sockets_per_cell", Type::kGauge, kOne, "CPU sockets per NUMA cell (virNodeGetInfo)."},
    {"cores", "libvirt_host_cores_per_socket", Type::kGauge, kOne, "CPU cores per socket (virNodeGetInfo)."},
    {"threads", "libvirt_host_threads_per_core", Type::kGauge, kOne, "Hardware threads per CPU core (virNodeGetInfo)."},
};

constexpr Meter kCpuTime[] = {
    {"", "libvirt_host_cpu_seconds_total", Type::kCumulative, kNanoseconds,
     "Time that all CPUs of the host spent in each mode (virNodeGetCPUStats)."},
};
constexpr Meter kGuestTime[] = {
    {"guest", "libvirt_host_cpu_guest_seconds_total", Type::kCumulative, kNanoseconds,
     "Time that all CPUs of the host spent running vCPUs of guests, included in mode user; libvirt 11.8 and later "
     "(virNodeGetCPUStats)."},
};
constexpr std::string_view kModes[] = {"user", "kernel", "idle", "iowait", "intr"};

constexpr Meter kMemory[] = {
    {"total", "libvirt_host_memory_total_bytes", Type::kGauge, kKibibytes,
     "Total memory of the host (virNodeGetMemoryStats)."},
    {"free", "libvirt_host_memory_free_bytes", Type::kGauge, kKibibytes,
     "Free memory of the host (virNodeGetMemoryStats)."},
    {"buffers", "libvirt_host_memory_buffers_bytes", Type::kGauge, kKibibytes,
     "Memory of the host used for block buffers (virNodeGetMemoryStats)."},
    {"cached", "libvirt_host_memory_cached_bytes", Type::kGauge, kKibibytes,
     "Memory of the host used as page cache (virNodeGetMemoryStats)."},
    {"available", "libvirt_host_memory_available_bytes", Type::kGauge, kKibibytes,
     "Memory of the host that can be used without swapping, its MemAvailable; libvirt 12.3 and later "
     "(virNodeGetMemoryStats)."},
};

constexpr Meter kCell[] = {
    {"total", "libvirt_host_numa_memory_total_bytes", Type::kGauge, kKibibytes,
     "Total memory of the NUMA cell (virNodeGetMemoryStats)."},
    {"free", "libvirt_host_numa_memory_free_bytes", Type::kGauge, kKibibytes,
     "Free memory of the NUMA cell (virNodeGetMemoryStats)."},
};

constexpr Meter kHugePages[] = {
    {"free", "libvirt_host_huge_pages_free", Type::kGauge, kOne,
     "Free huge pages of the NUMA cell, by page size in bytes (virNodeGetFreePages)."},
};

constexpr Meter kMerging[] = {
    {"pages_to_scan", "libvirt_host_ksm_pages_to_scan", Type::kGauge, kOne,
     "Pages that KSM scans before it sleeps (virNodeGetMemoryParameters)."},
    {"sleep_millisecs", "libvirt_host_ksm_sleep_seconds", Type::kGauge, kMilliseconds,
     "Time that KSM sleeps between scans (virNodeGetMemoryParameters)."},
    {"pages_shared", "libvirt_host_ksm_pages_shared", Type::kGauge, kOne,
     "Shared pages that KSM keeps (virNodeGetMemoryParameters)."},
    {"pages_sharing", "libvirt_host_ksm_pages_sharing", Type::kGauge, kOne,
     "Pages saved because KSM shares them (virNodeGetMemoryParameters)."},
    {"pages_unshared", "libvirt_host_ksm_pages_unshared", Type::kGauge, kOne,
     "Pages that KSM scans but that are unique (virNodeGetMemoryParameters)."},
    {"pages_volatile", "libvirt_host_ksm_pages_volatile", Type::kGauge, kOne,
     "Pages that change too fast for KSM to share them (virNodeGetMemoryParameters)."},
    {"full_scans", "libvirt_host_ksm_full_scans_total", Type::kCumulative, kOne,
     "Full scans of all mergeable pages by KSM (virNodeGetMemoryParameters)."},
    {"merge_across_nodes", "libvirt_host_ksm_merge_across_nodes", Type::kGauge, kOne,
     "1 if KSM shares pages across NUMA cells, else 0 (virNodeGetMemoryParameters)."},
};

// The size of a page in bytes, of the number of KiB that is its key.
std::string page_size(const Record& pages) { return std::to_string(std::stoull(std::string{pages.index()}) * 1024); }

class HostPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override {
    return {kHostInfo, kVersions, kNode, kCpuTime, kGuestTime, kMemory, kCell, kHugePages, kMerging};
  }
  Needs needs() const override { return Group::kHost; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    const Stats& host = snapshot.host;
    if (host.text("node.driver")) sample_info(host, counters);
    counters.sample(kNode, host.record("node"), {});
    sample_cpu_time(host.record("cpu"), counters);
    counters.sample(kGuestTime, host.record("cpu"), {});
    counters.sample(kMemory, host.record("memory"), {});
    for (const Record& cell : host.group("cell")) sample_cell(cell, counters);
    counters.sample(kMerging, host.record("ksm"), {});
    return counters;
  }

 private:
  static void sample_info(const Stats& host, Counters& counters) {
    const auto text = [&](const char* key) { return std::string{host.text(key).value_or("")}; };
    counters.sample(
        kHostInfo[0], 1,
        {nullptr,
         {{"hostname", text("node.hostname")}, {"cpu_model", text("node.model")}, {"driver", text("node.driver")}}});
    counters.sample(kVersions[0], 1,
                    {nullptr,
                     {{"hypervisor_running", text("version.hypervisor")},
                      {"libvirtd_running", text("version.libvirtd")},
                      {"libvirt_library", text("version.library")}}});
  }

  static void sample_cpu_time(const Record& cpu, Counters& counters) {
    for (const std::string_view mode : kModes)
      if (const auto nanoseconds = cpu.number(mode))
        counters.sample(kCpuTime[0], *nanoseconds / 1e9, {nullptr, {{"mode", mode}}});
  }

  static void sample_cell(const Record& cell, Counters& counters) {
    const Resource::LabelView id{"cell", cell.index()};
    counters.sample(kCell, cell, {nullptr, {id}});
    for (const Record& pages : cell.group("pages"))
      counters.sample(kHugePages, pages, {nullptr, {id, {"page_size_bytes", page_size(pages)}}});
  }
};

REGISTER_POLLSTER(compute, host, HostPollster);

}  // namespace
}  // namespace virt
