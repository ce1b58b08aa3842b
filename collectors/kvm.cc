// SPDX-License-Identifier: Apache-2.0
// What KVM counts of each domain and of each of its vCPUs: libvirt's "vcpu.<n>.*.sum", ".cur" and ".max", "vm.*", and
// halt polling. About forty series for each vCPU, and commands to each guest's monitor, so it is off by default.
#include "exporter/libvirt/snapshot.h"

namespace virt {
namespace {

constexpr Meter kHaltPolling[] = {
    {"haltpoll.success.time", "libvirt_domain_cpu_haltpoll_success_seconds_total", Type::kCumulative, kNanoseconds,
     "Time spent on halt polling that found work (libvirt cpu.haltpoll.success.time)."},
    {"haltpoll.fail.time", "libvirt_domain_cpu_haltpoll_fail_seconds_total", Type::kCumulative, kNanoseconds,
     "Time spent on halt polling that found no work (libvirt cpu.haltpoll.fail.time)."},
};

// A statistic of KVM is a sum, a current value or a peak, by its name.
constexpr Meter kEachVcpu[] = {
    {"*.max", "libvirt_domain_vcpu_kvm_*", Type::kGauge, kOne,
     "Current or peak value that KVM keeps for the vCPU (libvirt vcpu.<n>.*.cur, vcpu.<n>.*.max)."},
    {"*.sum", "libvirt_domain_vcpu_kvm_*_total", Type::kCumulative, kOne,
     "KVM counter of the vCPU (libvirt vcpu.<n>.*.sum)."},
    {"*.cur", "libvirt_domain_vcpu_kvm_*", Type::kGauge, kOne,
     "Current or peak value that KVM keeps for the vCPU (libvirt vcpu.<n>.*.cur, vcpu.<n>.*.max)."},
};

constexpr Meter kDomain[] = {
    {"*.max", "libvirt_domain_kvm_*", Type::kGauge, kOne,
     "Current or peak value that KVM keeps for the domain (libvirt vm.*.cur, vm.*.max)."},
    {"*.sum", "libvirt_domain_kvm_*_total", Type::kCumulative, kOne, "KVM counter of the domain (libvirt vm.*.sum)."},
    {"*.cur", "libvirt_domain_kvm_*", Type::kGauge, kOne,
     "Current or peak value that KVM keeps for the domain (libvirt vm.*.cur, vm.*.max)."},
};

class KvmPollster : public Pollster {
 public:
  bool on_by_default() const override { return false; }
  std::vector<Meters> meters() const override { return {kHaltPolling, kEachVcpu, kDomain}; }
  Needs needs() const override {
    return Group::kState | Group::kCpuTotal | Group::kHaltPolling | Group::kVcpu | Group::kVm;
  }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Domain& domain : snapshot.domains) {
      if (!domain.active) continue;
      counters.sample(kHaltPolling, domain.stats.record("cpu"), {&domain, {}});
      for (const Record& vcpu : domain.stats.group("vcpu"))
        counters.sample(kEachVcpu, vcpu, {&domain, {{"vcpu", vcpu.index()}}});
      counters.sample(kDomain, domain.stats.record("vm"), {&domain, {}});
    }
    return counters;
  }
};

REGISTER_POLLSTER(compute, kvm, KvmPollster);

}  // namespace
}  // namespace virt
