// SPDX-License-Identifier: Apache-2.0
// CPU of each domain and of each of its vCPUs: libvirt's "cpu.*" and "vcpu.*".
#include "collectors/known.h"
#include "collectors/resctrl.h"
#include "exporter/libvirt/snapshot.h"

namespace virt {
namespace {

// Of a domain that runs. libvirt prints cpu.* for domains that are shut off as well: its own daemon's.
constexpr Meter kCpu[] = {
    {"time", "libvirt_domain_info_cpu_time_seconds_total", Type::kCumulative, kNanoseconds,
     "CPU time used by the domain, including its emulator threads (libvirt cpu.time)."},
    {"user", "libvirt_domain_cpu_user_seconds_total", Type::kCumulative, kNanoseconds,
     "CPU time that the domain spent in user space (libvirt cpu.user)."},
    {"system", "libvirt_domain_cpu_system_seconds_total", Type::kCumulative, kNanoseconds,
     "CPU time that the domain spent in the kernel (libvirt cpu.system)."},
};

constexpr Meter kCacheBank[] = {
    {"bytes", "libvirt_domain_cpu_cache_occupancy_bytes", Type::kGauge, kOne,
     "Last-level cache used by the monitored vCPUs, by cache bank (libvirt cpu.cache.monitor.<n>.bank.<m>.bytes)."},
};

// libvirt 12.4 and later. The kernel counts both from when the monitor was made.
constexpr Meter kEnergyPackage[] = {
    {"core_energy", "libvirt_domain_cpu_core_energy_joules_total", Type::kCumulative, kOne,
     "Energy used by the cores of a CPU package for the monitored vCPUs (libvirt "
     "cpu.energy.monitor.<n>.pkg.<m>.core_energy)."},
    {"activity", "libvirt_domain_cpu_activity_farads_total", Type::kCumulative, kOne,
     "Frequency-independent work done by the cores of a CPU package for the monitored vCPUs (libvirt "
     "cpu.energy.monitor.<n>.pkg.<m>.activity)."},
};

constexpr Meter kVcpuCount[] = {
    {"vcpu.current", "libvirt_domain_info_virtual_cpus", Type::kGauge, kOne,
     "Online vCPUs of the domain (libvirt vcpu.current)."},
    {"vcpu.current", "libvirt_domain_vcpu_current", Type::kGauge, kOne,
     "Online vCPUs of the domain (libvirt vcpu.current)."},
    {"vcpu.maximum", "libvirt_domain_vcpu_maximum", Type::kGauge, kOne,
     "Maximum number of online vCPUs of the domain (libvirt vcpu.maximum)."},
};

constexpr Meter kEachVcpu[] = {
    {"state", "libvirt_domain_vcpu_state", Type::kGauge, kOne,
     "State of the vCPU as virVcpuState: 0 offline, 1 running, 2 blocked (libvirt vcpu.<n>.state)."},
    {"time", "libvirt_domain_vcpu_time_seconds_total", Type::kCumulative, kNanoseconds,
     "CPU time used by the vCPU (libvirt vcpu.<n>.time)."},
    {"wait", "libvirt_domain_vcpu_wait_seconds_total", Type::kCumulative, kNanoseconds,
     "Time that the vCPU waited for I/O (libvirt vcpu.<n>.wait)."},
    {"delay", "libvirt_domain_vcpu_delay_seconds_total", Type::kCumulative, kNanoseconds,
     "Time that the vCPU was runnable but waited for a host CPU, seen by the guest as steal time (libvirt "
     "vcpu.<n>.delay)."},
    {"halted", "libvirt_domain_vcpu_halted", Type::kGauge, kOne,
     "1 if the vCPU is halted, else 0 (libvirt vcpu.<n>.halted)."},
};

class CpuPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override { return {kCpu, kCacheBank, kEnergyPackage, kVcpuCount, kEachVcpu}; }
  Needs needs() const override { return Group::kState | Group::kCpuTotal | Group::kVcpu | Group::kXml; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Domain& domain : snapshot.domains) {
      sample_known(kVcpuCount, domain, counters);
      if (!domain.active) continue;
      counters.sample(kCpu, domain.stats.record("cpu"), {&domain, {}});
      sample_monitors(kCacheBank, domain, "cpu.cache.monitor", "bank", "bank", counters);
      sample_monitors(kEnergyPackage, domain, "cpu.energy.monitor", "pkg", "package", counters);
      for (const Record& vcpu : domain.stats.group("vcpu"))
        counters.sample(kEachVcpu, vcpu, {&domain, {{"vcpu", vcpu.index()}}});
    }
    return counters;
  }
};

REGISTER_POLLSTER(compute, cpu, CpuPollster);

}  // namespace
}  // namespace virt
