// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/snapshot.h"

#include <algorithm>

namespace virt {

const std::shared_ptr<const DomainFacts>& DomainFacts::none() {
  static const auto& none = *new std::shared_ptr<const DomainFacts>(std::make_shared<const DomainFacts>());
  return none;  // never destroyed, as threads may outlive main()
}

const Disk* DomainFacts::disk(std::string_view target) const {
  const auto found = std::find_if(disks.begin(), disks.end(), [&](const Disk& disk) { return disk.target == target; });
  return found == disks.end() ? nullptr : &*found;
}

}  // namespace virt
