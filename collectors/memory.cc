// SPDX-License-Identifier: Apache-2.0
// Memory of each domain: libvirt's "balloon.*", which is partly what the guest reports of itself,
// "memory.bandwidth.*" and "dirtyrate.*".
#include "collectors/known.h"
#include "collectors/resctrl.h"
#include "exporter/libvirt/snapshot.h"

namespace virt {
namespace {

constexpr Meter kSizes[] = {
    {"balloon.current", "libvirt_domain_memory_stats_current_balloon_bytes", Type::kGauge, kKibibytes,
     "Memory currently assigned to the guest (libvirt balloon.current)."},
    {"balloon.maximum", "libvirt_domain_memory_stats_maximum_bytes", Type::kGauge, kKibibytes,
     "Maximum memory that can be assigned to the guest (libvirt balloon.maximum)."},
    {"balloon.maximum", "libvirt_domain_info_maximum_memory_bytes", Type::kGauge, kKibibytes,
     "Maximum memory that can be assigned to the guest (libvirt balloon.maximum)."},
    {"balloon.current", "libvirt_domain_info_memory_usage_bytes", Type::kGauge, kKibibytes,
     "Memory currently assigned to the guest, whether or not the guest uses it (libvirt balloon.current)."},
};

constexpr Meter kReported[] = {
    {"swap_in", "libvirt_domain_memory_stats_swap_in_bytes_total", Type::kCumulative, kKibibytes,
     "Bytes that the guest read from its swap space (libvirt balloon.swap_in)."},
    {"swap_out", "libvirt_domain_memory_stats_swap_out_bytes_total", Type::kCumulative, kKibibytes,
     "Bytes that the guest wrote to its swap space (libvirt balloon.swap_out)."},
    {"major_fault", "libvirt_domain_memory_stats_major_fault_total", Type::kCumulative, kOne,
     "Page faults of the guest that required disk I/O (libvirt balloon.major_fault)."},
    {"minor_fault", "libvirt_domain_memory_stats_minor_fault_total", Type::kCumulative, kOne,
     "Page faults of the guest that required no disk I/O (libvirt balloon.minor_fault)."},
    {"unused", "libvirt_domain_memory_stats_unused_bytes", Type::kGauge, kKibibytes,
     "Memory that the guest does not use at all, its MemFree (libvirt balloon.unused)."},
    {"available", "libvirt_domain_memory_stats_available_bytes", Type::kGauge, kKibibytes,
     "Memory as the guest sees it, its MemTotal (libvirt balloon.available)."},
    {"usable", "libvirt_domain_memory_stats_usable_bytes", Type::kGauge, kKibibytes,
     "Memory that the guest can use without swapping, its MemAvailable (libvirt balloon.usable)."},
    {"rss", "libvirt_domain_memory_stats_rss_bytes", Type::kGauge, kKibibytes,
     "Resident memory of the domain's process on the host (libvirt balloon.rss)."},
    {"disk_caches", "libvirt_domain_memory_stats_disk_caches_bytes", Type::kGauge, kKibibytes,
     "Memory that the guest uses to cache disks (libvirt balloon.disk_caches)."},
    {"hugetlb_pgalloc", "libvirt_domain_memory_stats_hugetlb_pgalloc_total", Type::kCumulative, kOne,
     "Huge page allocations of the guest that succeeded (libvirt balloon.hugetlb_pgalloc)."},
    {"hugetlb_pgfail", "libvirt_domain_memory_stats_hugetlb_pgfail_total", Type::kCumulative, kOne,
     "Huge page allocations of the guest that failed (libvirt balloon.hugetlb_pgfail)."},
};

constexpr Meter kLastUpdate[] = {
    {"", "libvirt_domain_memory_stats_last_update_timestamp_seconds", Type::kGauge, kOne,
     "Unix time of the guest's last report, absent if it never reported (libvirt balloon.last-update)."},
};

constexpr Meter kPeriod[] = {
    {"period", "libvirt_domain_memory_stats_period_seconds", Type::kGauge, kOne,
     "Interval between the guest's reports, absent if none are requested (domain XML memballoon/stats/@period)."},
};

constexpr Meter kBandwidth[] = {
    {"bytes.local", "libvirt_domain_memory_bandwidth_local_bytes_total", Type::kCumulative, kOne,
     "Memory traffic within the NUMA node (libvirt memory.bandwidth.monitor.<n>.node.<m>.bytes.local)."},
    {"bytes.total", "libvirt_domain_memory_bandwidth_bytes_total", Type::kCumulative, kOne,
     "Memory traffic to all NUMA nodes (libvirt memory.bandwidth.monitor.<n>.node.<m>.bytes.total)."},
};

// Only what somebody else measured: the exporter starts no measurement.
constexpr Meter kDirtyRate[] = {
    {"megabytes_per_second", "libvirt_domain_dirty_rate_bytes_per_second", Type::kGauge, kMebibytes,
     "Rate at which the guest dirties memory, from the last measurement; by vCPU if it was measured that way (libvirt "
     "dirtyrate.megabytes_per_second, dirtyrate.vcpu.<n>.megabytes_per_second)."},
    {"calc_status", "libvirt_domain_dirty_rate_calc_status_code", Type::kGauge, kOne,
     "Status of the dirty rate measurement: 0 not started, 1 measuring, 2 measured (libvirt dirtyrate.calc_status)."},
};
constexpr Meter kDirtyRateTimes[] = {
    {"calc_start_time", "libvirt_domain_dirty_rate_calc_start_timestamp_seconds", Type::kGauge, kOne,
     "Start of the last dirty rate measurement, in seconds of the host's clock as libvirt reports it; absent if there "
     "was none (libvirt dirtyrate.calc_start_time)."},
    {"calc_period", "libvirt_domain_dirty_rate_calc_period_seconds", Type::kGauge, kOne,
     "Duration of the last dirty rate measurement, absent if there was none (libvirt dirtyrate.calc_period)."},
};
constexpr Meter kDirtyRateInfo[] = {
    {"", "libvirt_domain_dirty_rate_info", Type::kGauge, kOne,
     "Constant 1; label describes the mode of the last dirty rate measurement: page-sampling, dirty-bitmap or "
     "dirty-ring; absent if there was none (libvirt dirtyrate.calc_mode)."},
};

class MemoryPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override {
    return {kSizes, kReported, kLastUpdate, kPeriod, kBandwidth, kDirtyRate, kDirtyRateTimes, kDirtyRateInfo};
  }
  Needs needs() const override {
    return Group::kState | Group::kBalloon | Group::kMemory | Group::kDirtyRate | Group::kXml;
  }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Domain& domain : snapshot.domains) {
      sample_balloon(domain, counters);
      counters.sample(kPeriod, domain.facts->balloon.all(), {&domain, {}});
      sample_monitors(kBandwidth, domain, "memory.bandwidth.monitor", "node", "node", counters);
      sample_dirty_rate(domain, counters);
    }
    return counters;
  }

 private:
  static void sample_balloon(const Domain& domain, Counters& counters) {
    sample_known(kSizes, domain, counters);
    counters.sample(kReported, domain.stats.record("balloon"), {&domain, {}});
    const auto last_update = domain.number("balloon.last-update");
    if (last_update && *last_update > 0) counters.sample(kLastUpdate[0], *last_update, {&domain, {}});
  }

  static void sample_dirty_rate(const Domain& domain, Counters& counters) {
    const Record rate = domain.stats.record("dirtyrate");
    counters.sample(kDirtyRate, rate, {&domain, {}});
    if (rate.number("calc_status").value_or(0) > 0) sample_measurement(domain, rate, counters);
    for (const Record& vcpu : rate.group("vcpu"))
      counters.sample(kDirtyRate, vcpu, {&domain, {{"vcpu", vcpu.index()}}});
  }

  static void sample_measurement(const Domain& domain, const Record& rate, Counters& counters) {
    counters.sample(kDirtyRateTimes, rate, {&domain, {}});
    if (const auto mode = rate.text("calc_mode"))
      counters.sample(kDirtyRateInfo[0], 1, {&domain, {{"calc_mode", *mode}}});
  }
};

REGISTER_POLLSTER(compute, memory, MemoryPollster);

}  // namespace
}  // namespace virt
