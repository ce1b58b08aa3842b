// SPDX-License-Identifier: Apache-2.0
// Statistics of all domains in one call; for drivers that have it: QEMU.
#include <algorithm>
#include <memory>

#include "exporter/libvirt/statistics.h"

namespace virt {
namespace {

constexpr struct {
  Groups group;
  unsigned libvirt;
} kGroups[] = {
    {Group::kState, VIR_DOMAIN_STATS_STATE},
    {Group::kCpuTotal, VIR_DOMAIN_STATS_CPU_TOTAL},
    {Group::kBalloon, VIR_DOMAIN_STATS_BALLOON},
    {Group::kVcpu, VIR_DOMAIN_STATS_VCPU},
    {Group::kInterface, VIR_DOMAIN_STATS_INTERFACE},
    {Group::kBlock, VIR_DOMAIN_STATS_BLOCK},
    {Group::kPerf, VIR_DOMAIN_STATS_PERF},
    {Group::kIothread, VIR_DOMAIN_STATS_IOTHREAD},
    {Group::kMemory, VIR_DOMAIN_STATS_MEMORY},
    {Group::kDirtyRate, VIR_DOMAIN_STATS_DIRTYRATE},
    {Group::kVm, VIR_DOMAIN_STATS_VM},
};

constexpr std::size_t kMoreKeys = 8;  // which are added later: of lists, of what responds

unsigned libvirt_groups(Groups groups) {
  unsigned flags = 0;
  for (const auto& [group, libvirt] : kGroups)
    if ((groups & group) != 0) flags |= libvirt;
  return flags;
}

unsigned libvirt_flags(Groups groups) {
  const bool backing_chain = (groups & Group::kBackingChain) != 0;
  return VIR_CONNECT_GET_ALL_DOMAINS_STATS_NOWAIT | (backing_chain ? VIR_CONNECT_GET_ALL_DOMAINS_STATS_BACKING : 0u);
}

using Records = std::unique_ptr<virDomainStatsRecordPtr, Freer<virDomainStatsRecordListFree>>;

Reading to_reading(const virDomainStatsRecord& record) {
  Reading reading;
  virDomainRef(record.dom);  // the list of records frees its own reference
  reading.handle.reset(record.dom);
  reading.domain = identify(record.dom);
  reading.domain.stats = to_stats(record.params, record.nparams);
  return reading;
}

bool is_measured(const Stats& stats) {
  if (stats.number("balloon.rss")) return true;
  const auto disks = stats.group("block");
  return std::any_of(disks.begin(), disks.end(), [](const Record& disk) { return disk.number("rd.reqs").has_value(); });
}

// Every call with a handle prints its UUID for libvirt's log, whether that is written or not: so no more than needed.
Statistics to_statistics(const virDomainStatsRecord& record) {
  Statistics domain{uuid_of(record.dom), true, to_stats(record.params, record.nparams)};
  domain.is_whole = is_measured(domain.stats) || !is_active(record.dom);
  return domain;
}

// `records` belongs to it now.
template <typename Converted>
std::vector<Converted> convert(virDomainStatsRecordPtr* records, int count,
                               Converted (*convert_one)(const virDomainStatsRecord&)) {
  if (count < 0) throw LibvirtError("cannot read the domains' statistics");
  const Records owner{records};
  std::vector<Converted> converted;
  converted.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) converted.push_back(convert_one(*records[i]));
  return converted;
}

}  // namespace

Stats to_stats(virTypedParameterPtr parameters, int count) {
  Stats stats;
  constexpr std::size_t kUsualSize = 24;  // of a key
  const std::size_t keys = static_cast<std::size_t>(count) + kMoreKeys;
  stats.reserve(keys, keys * kUsualSize);
  for (int i = 0; i < count; ++i) {
    const virTypedParameter& parameter = parameters[i];
    switch (parameter.type) {
      case VIR_TYPED_PARAM_INT: stats.add(parameter.field, parameter.value.i); break;
      case VIR_TYPED_PARAM_UINT: stats.add(parameter.field, parameter.value.ui); break;
      case VIR_TYPED_PARAM_LLONG: stats.add(parameter.field, static_cast<double>(parameter.value.l)); break;
      case VIR_TYPED_PARAM_ULLONG: stats.add(parameter.field, static_cast<double>(parameter.value.ul)); break;
      case VIR_TYPED_PARAM_DOUBLE: stats.add(parameter.field, parameter.value.d); break;
      case VIR_TYPED_PARAM_BOOLEAN: stats.add(parameter.field, parameter.value.b != 0 ? 1.0 : 0.0); break;
      case VIR_TYPED_PARAM_STRING: stats.add(parameter.field, std::string_view{parameter.value.s}); break;
      default: break;
    }
  }
  return stats;
}

std::vector<Reading> read_bulk(virConnectPtr connection, Groups groups) {
  virDomainStatsRecordPtr* records = nullptr;
  const int count =
      virConnectGetAllDomainStats(connection, libvirt_groups(groups | Group::kState), &records, libvirt_flags(groups));
  return convert(records, count, to_reading);
}

std::vector<Statistics> read_batch(std::vector<virDomainPtr> domains, Groups groups) {
  if (domains.empty()) return {};
  domains.push_back(nullptr);
  virDomainStatsRecordPtr* records = nullptr;
  const int count = virDomainListGetStats(domains.data(), libvirt_groups(groups), &records, libvirt_flags(groups));
  return convert(records, count, to_statistics);
}

}  // namespace virt
