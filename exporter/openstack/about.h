// SPDX-License-Identifier: Apache-2.0
// What OpenStack as a source says of itself: which services answer, how each list fared, and what the token sees.
#ifndef VIRT_EXPORTER_OPENSTACK_ABOUT_H_
#define VIRT_EXPORTER_OPENSTACK_ABOUT_H_

#include <vector>

#include "exporter/openstack/snapshot.h"

namespace virt {

// Any thread.
class AboutOpenstack : public CloudPollster {
 public:
  std::vector<Meters> meters() const override;
  Needs needs() const override { return 0; }
  Counters get_counters(const CloudSnapshot& snapshot) const override;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_OPENSTACK_ABOUT_H_
