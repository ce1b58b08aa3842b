// SPDX-License-Identifier: Apache-2.0
// What libvirt as a source says of itself: whether it is up, when it was read, and what its reads leave behind.
#ifndef VIRT_EXPORTER_LIBVIRT_ABOUT_H_
#define VIRT_EXPORTER_LIBVIRT_ABOUT_H_

#include <vector>

#include "exporter/libvirt/snapshot.h"

namespace virt {

// Any thread.
class AboutLibvirt : public Pollster {
 public:
  std::vector<Meters> meters() const override;
  Needs needs() const override { return 0; }
  Counters get_counters(const Snapshot& snapshot) const override;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_ABOUT_H_
