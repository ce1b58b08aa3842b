// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_COLLECTORS_KNOWN_H_
#define VIRT_EXPORTER_COLLECTORS_KNOWN_H_

#include "exporter/libvirt/snapshot.h"

namespace virt {

// Samples each of `meters`, whose keys are complete ("vcpu.maximum"), from the domain's statistics, or from its XML
// where the statistics lack that key: drivers leave out some of them, and those of a domain that is shut off most.
inline void sample_known(Meters meters, const Domain& domain, Counters& counters) {
  for (const Meter& meter : meters) counters.sample(Meters{&meter, 1}, domain.known(meter.key).all(), {&domain, {}});
}

}  // namespace virt

#endif  // VIRT_EXPORTER_COLLECTORS_KNOWN_H_
