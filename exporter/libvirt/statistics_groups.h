// SPDX-License-Identifier: Apache-2.0
// Which of libvirt's statistics groups a pollster's groups are, and what it takes to read them.
#ifndef VIRT_EXPORTER_LIBVIRT_STATISTICS_GROUPS_H_
#define VIRT_EXPORTER_LIBVIRT_STATISTICS_GROUPS_H_

#include <libvirt/libvirt.h>

#include <limits>

#include "exporter/libvirt/snapshot.h"

namespace virt {

struct StatisticsGroup {
  unsigned libvirt = 0;       // one of virDomainStatsTypes; 0: not among libvirt's statistics
  bool asks_monitor = false;  // takes the domain's job, and asks QEMU: waits where the guest is frozen
  bool is_witness = false;    // has numbers that are missing if libvirt, told not to wait, did not ask QEMU
};

// A new group that has no line here does not compile (-Wswitch).
constexpr StatisticsGroup statistics_group(Group::One group) {
  switch (group) {
    case Group::kState: return {VIR_DOMAIN_STATS_STATE};
    case Group::kCpuTotal: return {.libvirt = VIR_DOMAIN_STATS_CPU_TOTAL, .asks_monitor = true};
    case Group::kBalloon: return {.libvirt = VIR_DOMAIN_STATS_BALLOON, .asks_monitor = true, .is_witness = true};
    case Group::kVcpu: return {.libvirt = VIR_DOMAIN_STATS_VCPU, .asks_monitor = true};
    case Group::kInterface: return {VIR_DOMAIN_STATS_INTERFACE};
    case Group::kBlock: return {.libvirt = VIR_DOMAIN_STATS_BLOCK, .asks_monitor = true, .is_witness = true};
    case Group::kPerf: return {VIR_DOMAIN_STATS_PERF};
    case Group::kIothread: return {.libvirt = VIR_DOMAIN_STATS_IOTHREAD, .asks_monitor = true};
    case Group::kMemory: return {VIR_DOMAIN_STATS_MEMORY};
    case Group::kDirtyRate: return {.libvirt = VIR_DOMAIN_STATS_DIRTYRATE, .asks_monitor = true};
    case Group::kVm: return {.libvirt = VIR_DOMAIN_STATS_VM, .asks_monitor = true};
    case Group::kXml:
    case Group::kLists:
    case Group::kJobs:
    case Group::kPlacement:
    case Group::kHost:
    case Group::kPools:
    case Group::kNetworks:
    case Group::kBackingChain:
    case Group::kHaltPolling: break;
  }
  return {};
}

// The groups for which `condition` holds.
template <typename Condition>
constexpr Groups groups_where(Condition condition) {
  Groups groups = 0;
  for (int bit = 0; bit < std::numeric_limits<Groups>::digits; ++bit)
    if (condition(statistics_group(static_cast<Group::One>(Groups{1} << bit)))) groups |= Groups{1} << bit;
  return groups;
}

inline constexpr Groups kOfMonitors = groups_where([](StatisticsGroup group) { return group.asks_monitor; });
inline constexpr Groups kWithoutMonitor =
    groups_where([](StatisticsGroup group) { return group.libvirt != 0 && !group.asks_monitor; });
inline constexpr Groups kWitnesses = groups_where([](StatisticsGroup group) { return group.is_witness; });

// The flags of virDomainStatsTypes for `groups`.
constexpr unsigned libvirt_groups(Groups groups) {
  unsigned flags = 0;
  for (int bit = 0; bit < std::numeric_limits<Groups>::digits; ++bit)
    if ((groups >> bit & 1) != 0) flags |= statistics_group(static_cast<Group::One>(Groups{1} << bit)).libvirt;
  return flags;
}

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_STATISTICS_GROUPS_H_
