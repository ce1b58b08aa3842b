// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/domain_placement.h"

#include <string>
#include <vector>

namespace virt {

void read_placement(virDomainPtr domain, Stats& stats) {
  const int maximum = virDomainGetVcpusFlags(domain, VIR_DOMAIN_VCPU_MAXIMUM);
  if (maximum < 0) return;
  std::vector<virVcpuInfo> vcpus(static_cast<std::size_t>(maximum));
  const int count = virDomainGetVcpus(domain, vcpus.data(), maximum, nullptr, 0);
  Stats placement;
  for (int i = 0; i < count; ++i) {
    const virVcpuInfo& vcpu = vcpus[static_cast<std::size_t>(i)];
    if (vcpu.cpu < 0) continue;  // none, or not known
    placement.add("placement." + std::to_string(vcpu.number) + ".cpu", vcpu.cpu);
  }
  placement.share_keys();
  stats.append(placement);
}

}  // namespace virt
