// SPDX-License-Identifier: Apache-2.0
// Ceilometer's vocabulary, for the pollsters of the namespace `ceilometer`: its meters, units and resource ids, and the
// labels of its own Prometheus exporter, which dashboards, Watcher, Heat and recording rules know by heart. So names
// end in no unit and counters not in _total.
#ifndef VIRT_EXPORTER_COLLECTORS_CEILOMETER_H_
#define VIRT_EXPORTER_COLLECTORS_CEILOMETER_H_

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/libvirt/snapshot.h"

namespace virt::ceilometer {

// A row of a table: the family with libvirt's key and the way from libvirt's unit to Ceilometer's, and what Ceilometer
// calls meter and unit.
struct Row {
  consteval Row(Meter row, Literal full_name, Literal its_unit)
      : meter(row), name(full_name), unit(its_unit), label(full_name.substr(0, full_name.find('.'))) {}

  Meter meter;
  Literal name;     // "disk.device.read.bytes"
  Literal unit;     // "B"; "" = none
  LabelName label;  // that of the resource's device: the first part of the name
};

inline constexpr Unit kMebibytesOfKibibytes{1, 1024};

// What a pollster of these rows declares.
std::vector<Meters> meters_of(std::span<const Row> rows);

// What a sample is about: Ceilometer's resource id, and the second part of the label resource_name.
struct Source {
  std::string id, name;
};

// An instance of Nova's and what the labels of all its samples have in common. Lives no longer than the domain, which
// must have Nova's metadata.
class Instance {
 public:
  // `host` is Nova's name of the hypervisor's host.
  Instance(const Domain& domain, std::string_view host);

  // The instance itself: most meters are about it.
  const Source& source() const { return source_; }

  // Adds a Counter for each of `rows` whose key `record` has.
  void sample(std::span<const Row> rows, const Record& record, const Source& source, Counters& counters) const;
  // Adds one Counter of a value that is in Ceilometer's unit already.
  void sample(const Row& row, double volume, const Source& source, Counters& counters) const;

 private:
  Resource resource(const Row& row, const Source& source) const;

  const Nova& nova_;
  const Source source_;
  const std::string vm_instance_;  // what Nova's API calls hostId
};

}  // namespace virt::ceilometer

#endif  // VIRT_EXPORTER_COLLECTORS_CEILOMETER_H_
