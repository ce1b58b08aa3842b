// SPDX-License-Identifier: Apache-2.0
// On which of the host's CPUs the vCPUs of a domain run.
#ifndef VIRT_EXPORTER_LIBVIRT_DOMAIN_PLACEMENT_H_
#define VIRT_EXPORTER_LIBVIRT_DOMAIN_PLACEMENT_H_

#include <libvirt/libvirt.h>

#include "exporter/libvirt/snapshot.h"

namespace virt {

// Adds "placement.<n>.cpu" for each vCPU that is on a CPU; nothing for a domain that does not run. One call, which
// takes no job and asks no monitor.
void read_placement(virDomainPtr domain, Stats& stats);

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_DOMAIN_PLACEMENT_H_
