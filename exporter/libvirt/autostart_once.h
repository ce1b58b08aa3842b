// SPDX-License-Identifier: Apache-2.0
// Which domains start at the host's next boot alone: libvirt 11.2 and later.
#ifndef VIRT_EXPORTER_LIBVIRT_AUTOSTART_ONCE_H_
#define VIRT_EXPORTER_LIBVIRT_AUTOSTART_ONCE_H_

#include <chrono>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "exporter/libvirt/rotation.h"
#include "exporter/libvirt/statistics.h"

namespace virt {

// Asks by one call for each domain, which takes no job and asks no monitor. Nothing announces a change, and no list has
// them, so the domains have their turns within a time. Of one connection. One thread at a time.
class AutostartOnce {
 public:
  using Time = Rotation::Time;
  // virDomainGetAutostartOnce.
  using Call = int (*)(virDomainPtr domain, int* autostart);

  // libvirt's, or null if the library that the process runs with has none: that need not be the one that it was
  // built with.
  static Call of_library();

  explicit AutostartOnce(std::chrono::duration<double> refresh, Call call = of_library())
      : call_(call), rotation_(refresh) {}

  // Adds "autostart.once" to each domain, and to none where libvirt does not know it. Domains that are not in
  // `readings` are forgotten.
  void add(std::vector<Reading>& readings, Time now);

 private:
  struct Known {
    std::optional<double> value;  // none: libvirt did not say
    Time asked{};
    bool present = true;
  };

  void ask(Known& known, virDomainPtr domain, Time now);

  Call call_;  // null as soon as the daemon turns out not to know it
  Rotation rotation_;
  std::unordered_map<std::string, Known> known_;  // by UUID
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_AUTOSTART_ONCE_H_
