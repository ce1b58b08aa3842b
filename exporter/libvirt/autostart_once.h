// SPDX-License-Identifier: Apache-2.0
// Which domains start at the host's next boot, and then not again. libvirt knows it since 11.2.
#ifndef VIRT_EXPORTER_LIBVIRT_AUTOSTART_ONCE_H_
#define VIRT_EXPORTER_LIBVIRT_AUTOSTART_ONCE_H_

#include <chrono>
#include <optional>
#include <vector>

#include "exporter/libvirt/domain_statistics.h"
#include "exporter/libvirt/per_domain.h"
#include "exporter/libvirt/rotation.h"
#include "exporter/threads/time.h"

namespace virt {

// Asks by one call for each domain, which takes no job and asks no monitor. There is no event when it changes, and no
// list of the domains for which it is set, so each domain is asked once within a time. For one connection. One thread
// at a time.
class AutostartOnce {
 public:
  // virDomainGetAutostartOnce.
  using Call = int (*)(virDomainPtr domain, int* autostart);

  // libvirt's, or null if the library that the process runs with does not have it: it may be an older one than the
  // process was built with.
  static Call of_library();

  explicit AutostartOnce(std::chrono::duration<double> refresh, Call call = of_library())
      : call_(call), rotation_(refresh) {}

  // Adds "autostart.once" to each domain; to none if libvirt is too old to know it. What is known of domains that are
  // not in `readings` is dropped.
  void add(std::vector<Reading>& readings, Time now);

 private:
  struct Known {
    std::optional<bool> is_set;  // nothing: the call failed
    Time asked{};
  };

  void ask(Known& known, virDomainPtr domain, Time now);

  Call call_;  // null as soon as the daemon turns out not to know it
  Rotation rotation_;
  PerDomain<Known> known_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_AUTOSTART_ONCE_H_
