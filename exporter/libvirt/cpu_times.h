// SPDX-License-Identifier: Apache-2.0
// The CPU time of a domain that falls silent comes from another call than before, which may know it in
// coarser steps: what is kept here lets it never go back.
#ifndef VIRT_EXPORTER_LIBVIRT_CPU_TIMES_H_
#define VIRT_EXPORTER_LIBVIRT_CPU_TIMES_H_

#include <algorithm>
#include <vector>

#include "exporter/libvirt/per_domain.h"
#include "exporter/libvirt/snapshot.h"

namespace virt {

// One thread at a time.
class CpuTimes {
 public:
  // Remembers what these domains say of themselves, and nothing of any other.
  void remember(const std::vector<Domain>& domains) {
    for (const Domain& domain : domains)
      if (const auto time = domain.number("cpu.time")) known_.keep(domain.uuid) = {domain.id, *time};
    known_.forget_others();
  }

  // The later of `time` and what is known of this run of the domain.
  double not_before(const Domain& domain, double time) const {
    const Known* known = known_.find(domain.uuid);
    return known == nullptr || known->id != domain.id ? time : std::max(time, known->time);
  }

 private:
  struct Known {
    unsigned id;
    double time;  // ns
  };
  PerDomain<Known> known_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_CPU_TIMES_H_
