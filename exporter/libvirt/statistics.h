// SPDX-License-Identifier: Apache-2.0
// A domain's statistics, from whichever calls its driver has: the same keys either way.
#ifndef VIRT_EXPORTER_LIBVIRT_STATISTICS_H_
#define VIRT_EXPORTER_LIBVIRT_STATISTICS_H_

#include <vector>

#include "exporter/libvirt/handles.h"
#include "exporter/pollster.h"
#include "exporter/snapshot.h"

namespace virt {

// A domain as it is being read.
struct Reading {
  DomainHandle handle;
  Domain domain;
};

// libvirt's typed parameters, key by key.
Stats to_stats(virTypedParameterPtr parameters, int count);

// All domains in one call (virConnectGetAllDomainStats, NOWAIT), with the statistics groups of `groups`, and with the
// images of the disks' backing chains if they are wanted.
std::vector<Reading> read_bulk(virConnectPtr connection, Groups groups, bool backing_chain = false);

// All domains, for drivers without bulk statistics; the statistics follow from read_domain.
std::vector<Reading> read_list(virConnectPtr connection);

// Fills the statistics of one domain from libvirt's per-domain calls, under the keys of the bulk call.
// What the driver does not know is absent. Devices are asked by the targets in its facts.
void read_domain(Reading& reading, Groups groups);

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_STATISTICS_H_
