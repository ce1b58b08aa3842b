// SPDX-License-Identifier: Apache-2.0
// The one way to what the hypervisor knows.
#ifndef VIRT_EXPORTER_INSPECTOR_H_
#define VIRT_EXPORTER_INSPECTOR_H_

#include "exporter/pollster.h"
#include "exporter/snapshot.h"
#include "exporter/waiters.h"

namespace virt {

// Real: LibvirtInspector. In tests: made from the text of `virsh domstats`.
class Inspector {
 public:
  virtual ~Inspector() = default;
  // Reads what `groups` ask for, and returns by waiters.end() with what could be had; scrapes that cannot wait
  // so long it answers on the way, with what it knows by then. Throws std::runtime_error where the hypervisor cannot
  // be reached; the next call tries again. Called by one thread at a time.
  virtual Snapshot inspect(Groups groups, Waiters& waiters) = 0;
  // Has a read that is under way look at its waiters again: there are more, or they are in a hurry. Any
  // thread.
  virtual void wake() = 0;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_INSPECTOR_H_
