// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/placement.h"

#include <string>
#include <vector>

namespace virt {

void read_placement(virDomainPtr domain, Stats& stats) {
  const int maximum = virDomainGetVcpusFlags(domain, VIR_DOMAIN_VCPU_MAXIMUM);
  if (maximum < 0) return;
  std::vector<virVcpuInfo> vcpus(static_cast<std::size_t>(maximum));
  const int count = virDomainGetVcpus(domain, vcpus.data(), maximum, nullptr, 0);
  for (int i = 0; i < count; ++i) {
    const virVcpuInfo& vcpu = vcpus[static_cast<std::size_t>(i)];
    if (vcpu.cpu >= 0) stats.add("placement." + std::to_string(vcpu.number) + ".cpu", vcpu.cpu);  // < 0: none, unknown
  }
}

}  // namespace virt
