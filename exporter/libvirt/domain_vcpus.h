// SPDX-License-Identifier: Apache-2.0
// The vCPUs of a domain, and on which of the host's CPUs they run.
#ifndef VIRT_EXPORTER_LIBVIRT_DOMAIN_VCPUS_H_
#define VIRT_EXPORTER_LIBVIRT_DOMAIN_VCPUS_H_

#include <libvirt/libvirt.h>

#include <optional>
#include <vector>

#include "exporter/libvirt/snapshot.h"

namespace virt {

struct Vcpus {
  int maximum = 0;
  std::vector<virVcpuInfo> running;  // none of a domain that does not run
};

// Nothing if libvirt does not know. Takes no job and asks no monitor.
std::optional<Vcpus> read_vcpus(virDomainPtr domain);

// "placement.<n>.cpu" for each vCPU that is on a CPU; nothing for a domain that does not run. As read_vcpus().
Stats read_placement(virDomainPtr domain);

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_DOMAIN_VCPUS_H_
