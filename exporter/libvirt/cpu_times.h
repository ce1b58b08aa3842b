// SPDX-License-Identifier: Apache-2.0
// The CPU time of a domain that falls silent comes from another call than before, which may know it in
// coarser steps: what is kept here lets it never go back.
#ifndef VIRT_EXPORTER_LIBVIRT_CPU_TIMES_H_
#define VIRT_EXPORTER_LIBVIRT_CPU_TIMES_H_

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "exporter/snapshot.h"

namespace virt {

// One thread at a time.
class CpuTimes {
 public:
  // Remembers what these domains say of themselves, and nothing of any other.
  void remember(const std::vector<Domain>& domains) {
    for (auto& [uuid, known] : known_) known.present = false;
    for (const Domain& domain : domains)
      if (const auto time = domain.number("cpu.time")) known_[domain.uuid] = {domain.id, *time, true};
    std::erase_if(known_, [](const auto& entry) { return !entry.second.present; });
  }

  // The later of `time` and what is known of this run of the domain.
  double not_before(const Domain& domain, double time) const {
    const auto known = known_.find(domain.uuid);
    return known == known_.end() || known->second.id != domain.id ? time : std::max(time, known->second.time);
  }

 private:
  struct Known {
    unsigned id;
    double time;  // ns
    bool present;
  };
  std::unordered_map<std::string, Known> known_;  // by UUID
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_CPU_TIMES_H_
