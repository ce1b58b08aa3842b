// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"

namespace virt {
namespace {

std::string samples(const std::string& domstats) {
  return samples_only(expose("compute.perf", snapshot_of("Domain: 'a'\n" + domstats)));
}

// All of libvirt's events, in its order (VIR_PERF_PARAM_*).
TEST(PerfPollster, events_are_counters_clocks_seconds_and_cache_and_bandwidth_bytes) {
  EXPECT_EQ(samples(R"(perf.cmt=1
      perf.mbmt=2
      perf.mbml=3
      perf.cache_misses=4
      perf.cache_references=5
      perf.instructions=6
      perf.cpu_cycles=7
      perf.branch_instructions=8
      perf.branch_misses=9
      perf.bus_cycles=10
      perf.stalled_cycles_frontend=11
      perf.stalled_cycles_backend=12
      perf.ref_cpu_cycles=13
      perf.cpu_clock=14000000000
      perf.task_clock=15000000000
      perf.page_faults=16
      perf.context_switches=17
      perf.cpu_migrations=18
      perf.page_faults_min=19
      perf.page_faults_maj=20
      perf.alignment_faults=21
      perf.emulation_faults=22)"),
            R"(libvirt_domain_perf_cache_misses_total{domain="a"} 4
libvirt_domain_perf_cache_references_total{domain="a"} 5
libvirt_domain_perf_instructions_total{domain="a"} 6
libvirt_domain_perf_cpu_cycles_total{domain="a"} 7
libvirt_domain_perf_branch_instructions_total{domain="a"} 8
libvirt_domain_perf_branch_misses_total{domain="a"} 9
libvirt_domain_perf_bus_cycles_total{domain="a"} 10
libvirt_domain_perf_stalled_cycles_frontend_total{domain="a"} 11
libvirt_domain_perf_stalled_cycles_backend_total{domain="a"} 12
libvirt_domain_perf_ref_cpu_cycles_total{domain="a"} 13
libvirt_domain_perf_page_faults_total{domain="a"} 16
libvirt_domain_perf_context_switches_total{domain="a"} 17
libvirt_domain_perf_cpu_migrations_total{domain="a"} 18
libvirt_domain_perf_page_faults_min_total{domain="a"} 19
libvirt_domain_perf_page_faults_maj_total{domain="a"} 20
libvirt_domain_perf_alignment_faults_total{domain="a"} 21
libvirt_domain_perf_emulation_faults_total{domain="a"} 22
libvirt_domain_perf_cpu_clock_seconds_total{domain="a"} 14
libvirt_domain_perf_task_clock_seconds_total{domain="a"} 15
libvirt_domain_perf_cmt_bytes{domain="a"} 1
libvirt_domain_perf_mbmt_bytes{domain="a"} 2
libvirt_domain_perf_mbml_bytes{domain="a"} 3
)");
}

TEST(PerfPollster, domain_without_events_has_none) { EXPECT_EQ(samples("state.state=1"), ""); }

}  // namespace
}  // namespace virt
