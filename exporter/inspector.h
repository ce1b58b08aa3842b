// SPDX-License-Identifier: Apache-2.0
// The one way to what the hypervisor knows.
#ifndef VIRT_EXPORTER_INSPECTOR_H_
#define VIRT_EXPORTER_INSPECTOR_H_

#include <chrono>

#include "exporter/pollster.h"
#include "exporter/snapshot.h"

namespace virt {

using Deadline = std::chrono::steady_clock::time_point;

// Real: LibvirtInspector. In tests: made from the text of `virsh domstats`.
class Inspector {
 public:
  virtual ~Inspector() = default;
  // Reads what `groups` ask for, and returns by `deadline` with what could be had. Throws
  // std::runtime_error where the hypervisor cannot be reached; the next call tries again. Called by one
  // thread at a time.
  virtual Snapshot inspect(Groups groups, Deadline deadline) = 0;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_INSPECTOR_H_
