// SPDX-License-Identifier: Apache-2.0
// Which run of an active domain this is: libvirt gives each start a number.
#include "exporter/libvirt/snapshot.h"

namespace virt {
namespace {

constexpr Meter kRun[] = {
    {"", "libvirt_domain_id", Type::kGauge, kOne,
     "libvirt's ID of the active domain, a new one after each start; QEMU's log and cgroup are named after it "
     "(virDomainGetID)."},
};

class RunPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override { return {kRun}; }
  Needs needs() const override { return Group::kState; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Domain& domain : snapshot.domains)
      if (domain.active) counters.sample(kRun[0], domain.id, {&domain, {}});
    return counters;
  }
};

REGISTER_POLLSTER(compute, run, RunPollster);

}  // namespace
}  // namespace virt
