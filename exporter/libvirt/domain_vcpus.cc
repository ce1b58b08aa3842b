// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/domain_vcpus.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "exporter/stats_builder.h"

namespace virt {

std::optional<Vcpus> read_vcpus(virDomainPtr domain) {
  const int maximum = virDomainGetVcpusFlags(domain, VIR_DOMAIN_VCPU_MAXIMUM);
  if (maximum < 0) return std::nullopt;
  Vcpus vcpus{maximum, std::vector<virVcpuInfo>(static_cast<std::size_t>(maximum))};
  const int count = virDomainGetVcpus(domain, vcpus.running.data(), maximum, nullptr, 0);
  vcpus.running.resize(static_cast<std::size_t>(std::max(count, 0)));
  return vcpus;
}

Stats read_placement(virDomainPtr domain) {
  const auto vcpus = read_vcpus(domain);
  if (!vcpus) return {};
  StatsBuilder placement;
  for (const virVcpuInfo& vcpu : vcpus->running)
    if (vcpu.cpu >= 0)  // otherwise on none, or not known
      placement.add("placement." + std::to_string(vcpu.number) + ".cpu", vcpu.cpu);
  return placement.build();
}

}  // namespace virt
