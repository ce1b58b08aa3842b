// SPDX-License-Identifier: Apache-2.0
// Memory of each domain: libvirt's "balloon.*", which is partly what the guest reports of itself,
// "memory.bandwidth.*" and "dirtyrate.*".
#include "collectors/resctrl.h"
#include "exporter/pollster.h"

namespace virt {
namespace {

constexpr Meter kSizes[] = {
    {"current", "libvirt_domain_memory_stats_current_balloon_bytes", Type::kGauge, kKibibytes,
     "Memory that the guest has at present, balloon.current."},
    {"maximum", "libvirt_domain_memory_stats_maximum_bytes", Type::kGauge, kKibibytes,
     "Memory that the guest may have at most, balloon.maximum."},
    {"maximum", "libvirt_domain_info_maximum_memory_bytes", Type::kGauge, kKibibytes,
     "Memory that the guest may have at most, balloon.maximum."},
    {"current", "libvirt_domain_info_memory_usage_bytes", Type::kGauge, kKibibytes,
     "Memory that the guest has at present, used or not, balloon.current."},
};

constexpr Meter kReported[] = {
    {"swap_in", "libvirt_domain_memory_stats_swap_in_bytes_total", Type::kCumulative, kKibibytes,
     "Read from the guest's swap, balloon.swap_in."},
    {"swap_out", "libvirt_domain_memory_stats_swap_out_bytes_total", Type::kCumulative, kKibibytes,
     "Written to the guest's swap, balloon.swap_out."},
    {"major_fault", "libvirt_domain_memory_stats_major_fault_total", Type::kCumulative, kOne,
     "Page faults of the guest that needed the disk, balloon.major_fault."},
    {"minor_fault", "libvirt_domain_memory_stats_minor_fault_total", Type::kCumulative, kOne,
     "Page faults of the guest that did not need the disk, balloon.minor_fault."},
    {"unused", "libvirt_domain_memory_stats_unused_bytes", Type::kGauge, kKibibytes,
     "Memory that the guest leaves unused (its MemFree), balloon.unused."},
    {"available", "libvirt_domain_memory_stats_available_bytes", Type::kGauge, kKibibytes,
     "Memory that the guest sees (its MemTotal), balloon.available."},
    {"usable", "libvirt_domain_memory_stats_usable_bytes", Type::kGauge, kKibibytes,
     "Memory that the guest could use without swapping (its MemAvailable), balloon.usable."},
    {"rss", "libvirt_domain_memory_stats_rss_bytes", Type::kGauge, kKibibytes,
     "Resident memory of the domain's process on the host, balloon.rss."},
    {"disk_caches", "libvirt_domain_memory_stats_disk_caches_bytes", Type::kGauge, kKibibytes,
     "Memory of the guest that caches disks, balloon.disk_caches."},
    {"hugetlb_pgalloc", "libvirt_domain_memory_stats_hugetlb_pgalloc_total", Type::kCumulative, kOne,
     "Huge pages that the guest allocated, balloon.hugetlb_pgalloc."},
    {"hugetlb_pgfail", "libvirt_domain_memory_stats_hugetlb_pgfail_total", Type::kCumulative, kOne,
     "Huge pages that the guest could not allocate, balloon.hugetlb_pgfail."},
};

constexpr Meter kLastUpdate[] = {
    {"", "libvirt_domain_memory_stats_last_update_timestamp_seconds", Type::kGauge, kOne,
     "When the guest last reported, seconds since the epoch; absent if never, balloon.last-update."},
};

constexpr Meter kPeriod[] = {
    {"period", "libvirt_domain_memory_stats_period_seconds", Type::kGauge, kOne,
     "Time between two reports of the guest; absent if it is not asked to report, memballoon/stats/@period of the "
     "XML."},
};

constexpr Meter kBandwidth[] = {
    {"bytes.local", "libvirt_domain_memory_bandwidth_local_bytes_total", Type::kCumulative, kOne,
     "Memory traffic within the node, memory.bandwidth.monitor.<n>.node.<m>.bytes.local."},
    {"bytes.total", "libvirt_domain_memory_bandwidth_bytes_total", Type::kCumulative, kOne,
     "Memory traffic to all nodes, memory.bandwidth.monitor.<n>.node.<m>.bytes.total."},
};

// Only what somebody else measured: the exporter starts no measurement.
constexpr Meter kDirtyRate[] = {
    {"megabytes_per_second", "libvirt_domain_dirty_rate_bytes_per_second", Type::kGauge, kMebibytes,
     "Memory that the guest changes, as last measured; with a label vcpu where it was measured by vCPU, "
     "dirtyrate.megabytes_per_second, dirtyrate.vcpu.<n>.megabytes_per_second."},
    {"calc_status", "libvirt_domain_dirty_rate_calc_status_code", Type::kGauge, kOne,
     "State of the measurement: 0 never made, 1 under way, 2 done, dirtyrate.calc_status."},
};
constexpr Meter kDirtyRateTimes[] = {
    {"calc_start_time", "libvirt_domain_dirty_rate_calc_start_timestamp_seconds", Type::kGauge, kOne,
     "When the last measurement began, in seconds of the host's clock as libvirt gives it; absent if there was "
     "none, dirtyrate.calc_start_time."},
    {"calc_period", "libvirt_domain_dirty_rate_calc_period_seconds", Type::kGauge, kOne,
     "How long the last measurement took; absent if there was none, dirtyrate.calc_period."},
};
constexpr Meter kDirtyRateInfo[] = {
    {"", "libvirt_domain_dirty_rate_info", Type::kGauge, kOne,
     "Constant 1; how the last measurement was made: page-sampling, dirty-bitmap or dirty-ring; absent if there was "
     "none, dirtyrate.calc_mode."},
};

class MemoryPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override {
    return {kSizes, kReported, kLastUpdate, kPeriod, kBandwidth, kDirtyRate, kDirtyRateTimes, kDirtyRateInfo};
  }
  Groups groups() const override {
    return Group::kState | Group::kBalloon | Group::kMemory | Group::kDirtyRate | Group::kXml;
  }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Domain& domain : snapshot.domains) {
      sample_balloon(domain, counters);
      sample(kPeriod, domain.facts->balloon.all(), {&domain, {}}, counters);
      sample_monitors(kBandwidth, domain, "memory.bandwidth.monitor", "node", "node", counters);
      sample_dirty_rate(domain, counters);
    }
    return counters;
  }

 private:
  // Where the statistics of an inactive domain lack the sizes, its XML has them.
  static void sample_balloon(const Domain& domain, Counters& counters) {
    const Stats& sizes = domain.number("balloon.current") ? domain.stats : domain.facts->defaults;
    sample(kSizes, sizes.record("balloon"), {&domain, {}}, counters);
    sample(kReported, domain.stats.record("balloon"), {&domain, {}}, counters);
    const auto last_update = domain.number("balloon.last-update");
    if (last_update && *last_update > 0) sample(kLastUpdate[0], *last_update, {&domain, {}}, counters);
  }

  static void sample_dirty_rate(const Domain& domain, Counters& counters) {
    const Record rate = domain.stats.record("dirtyrate");
    sample(kDirtyRate, rate, {&domain, {}}, counters);
    if (rate.number("calc_status").value_or(0) > 0) sample_measurement(domain, rate, counters);
    for (const Record& vcpu : rate.group("vcpu"))
      sample(kDirtyRate, vcpu, {&domain, {{"vcpu", vcpu.index()}}}, counters);
  }

  static void sample_measurement(const Domain& domain, const Record& rate, Counters& counters) {
    sample(kDirtyRateTimes, rate, {&domain, {}}, counters);
    if (const auto mode = rate.text("calc_mode"))
      sample(kDirtyRateInfo[0], 1, {&domain, {{"calc_mode", *mode}}}, counters);
  }
};

REGISTER_POLLSTER(compute, memory, MemoryPollster);

}  // namespace
}  // namespace virt
