// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/rotation.h"

#include <algorithm>
#include <cmath>

namespace virt {

std::size_t turn(std::size_t count, std::size_t due, Period interval, Period refresh) {
  const double share = std::min(1.0, interval / refresh);
  return std::max(due, static_cast<std::size_t>(std::ceil(static_cast<double>(count) * share)));
}

}  // namespace virt
