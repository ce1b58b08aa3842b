// SPDX-License-Identifier: Apache-2.0
// A pollster from outside the exporter's tree: how long each domain has been up at least.
#include <algorithm>
#include <optional>

#include "exporter/libvirt/snapshot.h"

namespace acme {
namespace {

constexpr virt::Meter kMeters[] = {
    {"", "acme_domain_uptime_at_least_seconds", virt::Type::kGauge, virt::kOne,
     "Minimum uptime of the domain, the CPU time of its busiest vCPU (libvirt vcpu.<n>.time)."},
};

class UptimePollster : public virt::Pollster {
 public:
  std::vector<virt::Meters> meters() const override { return {kMeters}; }
  virt::Needs needs() const override { return virt::Group::kVcpu; }

  virt::Counters get_counters(const virt::Snapshot& snapshot) const override {
    virt::Counters counters;
    for (const virt::Domain& domain : snapshot.domains)
      if (const auto nanoseconds = busiest_vcpu(domain); domain.active && nanoseconds)
        counters.sample(kMeters[0], *nanoseconds / 1e9, {&domain, {}});
    return counters;
  }

 private:
  static std::optional<double> busiest_vcpu(const virt::Domain& domain) {
    std::optional<double> busiest;
    for (const virt::Record& vcpu : domain.stats.group("vcpu")) busiest = std::max(busiest, vcpu.number("time"));
    return busiest;
  }
};

REGISTER_POLLSTER(acme, uptime, UptimePollster);

}  // namespace
}  // namespace acme
