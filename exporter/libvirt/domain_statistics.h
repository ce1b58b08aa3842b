// SPDX-License-Identifier: Apache-2.0
// A domain's statistics, from whichever calls its driver has: the same keys either way.
#ifndef VIRT_EXPORTER_LIBVIRT_DOMAIN_STATISTICS_H_
#define VIRT_EXPORTER_LIBVIRT_DOMAIN_STATISTICS_H_

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "exporter/libvirt/handles.h"
#include "exporter/libvirt/snapshot.h"

namespace virt {

// A domain as it is being read.
struct Reading {
  std::shared_ptr<virDomain> handle;
  Domain domain;
};

// Who the domain is, and whether it runs; no call.
Domain identify(virDomainPtr handle, KnownUuids& uuids);
bool is_active(virDomainPtr handle);

// libvirt's typed parameters, key by key. Its keys are shared.
Stats to_stats(virTypedParameterPtr parameters, int count);
// The same of a few numbers under keys of ours.
Stats to_stats(const std::vector<std::pair<const char*, double>>& numbers);

// All domains in one call (virConnectGetAllDomainStats, NOWAIT), with the statistics groups of `groups`.
std::vector<Reading> read_bulk(virConnectPtr connection, Groups groups, KnownUuids& uuids);

// The same of these domains alone; those that are null, or vanished, are left out.
std::vector<Reading> read_some(const std::vector<virDomainPtr>& domains, Groups groups, KnownUuids& uuids);

// What a call for some domains said of one of them.
struct Statistics {
  bool is_whole;  // false: another call holds the domain's monitor, and there is nothing here that is measured
  Stats stats;
};

using Answers = std::vector<std::optional<Statistics>>;

// These domains in one call (virDomainListGetStats, NOWAIT), with kBalloon or kBlock among `groups`, by which a whole
// answer is known. Gives an answer for each in their order; none where it vanished, or is null. Hangs for as long as
// the monitor of one of them does.
Answers read_batch(const std::vector<virDomainPtr>& domains, Groups groups);

// "cpu.time", "cpu.user" and "cpu.system" from virDomainGetCPUStats, as the bulk call has them; empty without control
// groups. Takes no job.
Stats read_cpu_times(virDomainPtr domain);

// The CPU time of a domain whose monitor is silent: as read_cpu_times(), or without control groups "cpu.time" alone,
// from virDomainGetInfo. Neither takes a job.
Stats read_cpu_time(virDomainPtr domain);

// All domains, for drivers without bulk statistics; the statistics follow from read_domain.
std::vector<Reading> read_list(virConnectPtr connection);

// Adds to the statistics of one domain what libvirt's calls for single domains say, under the keys of the bulk call.
// What the driver does not know is absent. Devices are asked by the targets in its facts.
void read_domain(virDomainPtr handle, Groups groups, Domain& domain);

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_DOMAIN_STATISTICS_H_
