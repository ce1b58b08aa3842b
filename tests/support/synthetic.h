// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_SYNTHETIC_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_SYNTHETIC_H_

#include <cstddef>

#include "exporter/libvirt/snapshot.h"

namespace virt {

// A host with `count` running domains of 4 vCPUs, 2 disks and 1 network interface each, with the keys that
// libvirt gives for them and with Nova's metadata.
Snapshot synthetic_snapshot(std::size_t count);

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_SYNTHETIC_H_
