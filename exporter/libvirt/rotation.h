// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_LIBVIRT_ROTATION_H_
#define VIRT_EXPORTER_LIBVIRT_ROTATION_H_

#include <chrono>
#include <cstddef>

namespace virt {

// How many of `count` have their turn now, the last turn having been an `interval` ago, so that everything that changes
// is seen within `refresh`: those whose turn is longest ago must be taken first.
std::size_t turn(std::size_t count, std::chrono::duration<double> interval, std::chrono::duration<double> refresh);

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_ROTATION_H_
