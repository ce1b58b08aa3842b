// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/rotation.h"

#include <cmath>

namespace virt {

// What had its turn just before it changed has the next one after refresh − interval, so that the one that sees the
// change comes within refresh.
std::size_t turn(std::size_t count, std::chrono::duration<double> interval, std::chrono::duration<double> refresh) {
  if (2 * interval >= refresh) return count;
  return static_cast<std::size_t>(std::ceil(static_cast<double>(count) * (interval / (refresh - interval))));
}

}  // namespace virt
