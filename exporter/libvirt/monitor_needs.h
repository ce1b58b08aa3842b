// SPDX-License-Identifier: Apache-2.0
// What each domain's monitor is to be asked for. Each statistics group costs one or two commands to QEMU, which
// interrupt the main loop that emulates the guest's devices: so a domain is asked only for those that say something of
// it.
#ifndef VIRT_EXPORTER_LIBVIRT_MONITOR_NEEDS_H_
#define VIRT_EXPORTER_LIBVIRT_MONITOR_NEEDS_H_

#include <optional>
#include <string>
#include <vector>

#include "exporter/libvirt/per_domain.h"
#include "exporter/libvirt/rotation.h"
#include "exporter/libvirt/snapshot.h"
#include "exporter/threads/time.h"

namespace virt {

// Does no I/O. One thread at a time. Domains go by UUID.
class MonitorNeeds {
 public:
  // No event announces a measurement of the dirty rate, so within `refresh` each domain is asked whether there is one.
  explicit MonitorNeeds(Period refresh) : rotation_(refresh) {}

  // A read of `groups` begins, which found these domains: what of the groups each of them is to be asked for, in their
  // order. Until a run of a domain has answered once, that is all of them. Afterwards:
  // - kCpuTotal, if the CPU time is not among its statistics yet, its XML has monitors of its cache or energy, or halt
  //   polling is wanted;
  // - kIothread, if its XML has I/O threads;
  // - kDirtyRate, if there was a measurement when it was last asked, or it has its turn;
  // - none of these if it does not run.
  std::vector<Groups> choose(const std::vector<Domain>& domains, Groups groups, Time now);

  // The domain's monitor has given this whole answer to `asked`, since choose(). Returns what is known of the other
  // groups.
  const Stats& answered(const std::string& uuid, Groups asked, const Stats& answer);

 private:
  struct Known {
    unsigned id = 0;  // libvirt's number of the running domain
    bool has_answered = false;
    Time dirty_rate_asked{};
    std::optional<double> dirty_rate_status = {};
  };

  Groups needed(const Domain& domain, const Known& known, Groups groups) const;

  Rotation rotation_;
  PerDomain<Known> known_;
  // Of this read.
  Groups groups_ = 0;
  Time now_{};
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_MONITOR_NEEDS_H_
