// SPDX-License-Identifier: Apache-2.0
// Performance events of the host's CPUs, counted for each domain where its XML or `virsh perf` enables them: "perf.*".
#include "exporter/libvirt/snapshot.h"

namespace virt {
namespace {

constexpr Meter kEvents[] = {
    {"cache_misses", "libvirt_domain_perf_cache_misses_total", Type::kCumulative, kOne,
     "Last-level cache misses of the domain (libvirt perf.cache_misses)."},
    {"cache_references", "libvirt_domain_perf_cache_references_total", Type::kCumulative, kOne,
     "Last-level cache accesses of the domain (libvirt perf.cache_references)."},
    {"instructions", "libvirt_domain_perf_instructions_total", Type::kCumulative, kOne,
     "Instructions executed by the domain (libvirt perf.instructions)."},
    {"cpu_cycles", "libvirt_domain_perf_cpu_cycles_total", Type::kCumulative, kOne,
     "CPU cycles used by the domain, affected by frequency scaling (libvirt perf.cpu_cycles)."},
    {"branch_instructions", "libvirt_domain_perf_branch_instructions_total", Type::kCumulative, kOne,
     "Branch instructions executed by the domain (libvirt perf.branch_instructions)."},
    {"branch_misses", "libvirt_domain_perf_branch_misses_total", Type::kCumulative, kOne,
     "Mispredicted branches of the domain (libvirt perf.branch_misses)."},
    {"bus_cycles", "libvirt_domain_perf_bus_cycles_total", Type::kCumulative, kOne,
     "Bus cycles used by the domain (libvirt perf.bus_cycles)."},
    {"stalled_cycles_frontend", "libvirt_domain_perf_stalled_cycles_frontend_total", Type::kCumulative, kOne,
     "Cycles in which the CPU's front end was stalled (libvirt perf.stalled_cycles_frontend)."},
    {"stalled_cycles_backend", "libvirt_domain_perf_stalled_cycles_backend_total", Type::kCumulative, kOne,
     "Cycles in which the CPU's back end was stalled (libvirt perf.stalled_cycles_backend)."},
    {"ref_cpu_cycles", "libvirt_domain_perf_ref_cpu_cycles_total", Type::kCumulative, kOne,
     "CPU cycles used by the domain at the reference frequency (libvirt perf.ref_cpu_cycles)."},
    {"page_faults", "libvirt_domain_perf_page_faults_total", Type::kCumulative, kOne,
     "Page faults of the domain's process (libvirt perf.page_faults)."},
    {"context_switches", "libvirt_domain_perf_context_switches_total", Type::kCumulative, kOne,
     "Context switches of the domain's process (libvirt perf.context_switches)."},
    {"cpu_migrations", "libvirt_domain_perf_cpu_migrations_total", Type::kCumulative, kOne,
     "Migrations of the domain's process to another CPU (libvirt perf.cpu_migrations)."},
    {"page_faults_min", "libvirt_domain_perf_page_faults_min_total", Type::kCumulative, kOne,
     "Page faults of the domain's process that required no disk I/O (libvirt perf.page_faults_min)."},
    {"page_faults_maj", "libvirt_domain_perf_page_faults_maj_total", Type::kCumulative, kOne,
     "Page faults of the domain's process that required disk I/O (libvirt perf.page_faults_maj)."},
    {"alignment_faults", "libvirt_domain_perf_alignment_faults_total", Type::kCumulative, kOne,
     "Alignment faults of the domain's process (libvirt perf.alignment_faults)."},
    {"emulation_faults", "libvirt_domain_perf_emulation_faults_total", Type::kCumulative, kOne,
     "Emulation faults of the domain's process (libvirt perf.emulation_faults)."},
    {"cpu_clock", "libvirt_domain_perf_cpu_clock_seconds_total", Type::kCumulative, kNanoseconds,
     "Time measured by the CPU clock event (libvirt perf.cpu_clock)."},
    {"task_clock", "libvirt_domain_perf_task_clock_seconds_total", Type::kCumulative, kNanoseconds,
     "Time that the domain's process ran (libvirt perf.task_clock)."},
    {"cmt", "libvirt_domain_perf_cmt_bytes", Type::kGauge, kOne,
     "Last-level cache used by the domain (libvirt perf.cmt)."},
    {"mbmt", "libvirt_domain_perf_mbmt_bytes", Type::kGauge, kOne,
     "Data sent between one level of cache and the next, to any memory (libvirt perf.mbmt)."},
    {"mbml", "libvirt_domain_perf_mbml_bytes", Type::kGauge, kOne,
     "Data sent between one level of cache and the next, to the memory of the same socket (libvirt perf.mbml)."},
};

class PerfPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override { return {kEvents}; }
  Needs needs() const override { return Group::kState | Group::kPerf; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Domain& domain : snapshot.domains) counters.sample(kEvents, domain.stats.record("perf"), {&domain, {}});
    return counters;
  }
};

REGISTER_POLLSTER(compute, perf, PerfPollster);

}  // namespace
}  // namespace virt
