// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_NAMED_THINGS_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_NAMED_THINGS_H_

#include <memory>
#include <utility>
#include <vector>

#include "exporter/libvirt/named_connection.h"
#include "exporter/stats_builder.h"

namespace virt {

// What a connection of this kind reads of test:///default when the list is asked for, in the order in which it comes;
// or, with each asked for by itself, of those of its list.
template <typename Kind>
Stats read_all(bool each_alone = false) {
  NamedConnection<Kind> connection{"test:///default", std::make_shared<Numbers>()};
  connection.open();
  StatsBuilder stats;
  for (WantedNamed& wanted : connection.read({}).more) {
    if (each_alone) wanted.listed.reset();
    stats.append(connection.read(std::move(wanted)).found->stats);
  }
  return stats.build();
}

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_NAMED_THINGS_H_
