// SPDX-License-Identifier: Apache-2.0
// Monitoring groups of the kernel's resctrl: libvirt's "cpu.cache.monitor.<n>.*", "cpu.energy.monitor.<n>.*" and
// "memory.bandwidth.monitor.<n>.*".
#ifndef VIRT_EXPORTER_COLLECTORS_RESCTRL_H_
#define VIRT_EXPORTER_COLLECTORS_RESCTRL_H_

#include <string>
#include <string_view>

#include "exporter/libvirt/snapshot.h"

namespace virt {

// The name that libvirt gives to this run of the domain: what a host name may hold of the domain's, 64 characters in
// all, and of dots and dashes in a row the first.
inline std::string machine_name(const Domain& domain) {
  constexpr std::size_t kLongest = 64;
  std::string name = "qemu-" + std::to_string(domain.id) + "-";
  bool after_separator = true;
  for (const char c : domain.name) {
    if (name.size() == kLongest) break;
    const bool is_separator = c == '.' || c == '-';
    const bool is_alphanumeric = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
    if (is_separator ? after_separator : !is_alphanumeric) continue;
    name += c;
    after_separator = is_separator;
  }
  name.erase(name.find_last_not_of("-.") + 1);
  return name;
}

// libvirt 12.8 and later put the machine name before the monitor's, or in its place where it is the whole domain's.
// Without it the label stays the same when the domain is started again.
inline std::string_view monitor_name(const Domain& domain, const Record& monitor) {
  std::string_view name = monitor.text("name").value_or(monitor.index());
  const std::string machine = machine_name(domain);
  if (name == machine) return "";
  if (name.starts_with(machine + "-")) name.remove_prefix(machine.size() + 1);
  return name;
}

// The number of a bank, a node or a package, as the kernel has it.
inline std::string resctrl_id(const Record& part) {
  const auto id = part.number("id");
  return id ? std::to_string(static_cast<long long>(*id)) : std::string{part.index()};
}

// Samples each `part` ("bank") of each monitor of `monitors` ("cpu.cache.monitor"); `label` tells the parts apart.
inline void sample_monitors(Meters meters, const Domain& domain, std::string_view monitors, std::string_view part,
                            LabelName label, Counters& counters) {
  for (const Record& monitor : domain.stats.group(monitors))
    for (const Record& record : monitor.group(part))
      counters.sample(meters, record,
                      {&domain,
                       {{"monitor", monitor_name(domain, monitor)},
                        {"vcpus", monitor.text("vcpus").value_or("")},
                        {label, resctrl_id(record)}}});
}

}  // namespace virt

#endif  // VIRT_EXPORTER_COLLECTORS_RESCTRL_H_
