// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/domain_lists.h"

#include <iterator>
#include <utility>

#include "exporter/stats_builder.h"

namespace virt {
namespace {

constexpr struct {
  unsigned flag;
  const char* key;
} kLists[] = {
    {VIR_CONNECT_LIST_DOMAINS_AUTOSTART, "list.autostart"},
    {VIR_CONNECT_LIST_DOMAINS_PERSISTENT, "list.persistent"},
    {VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE, "list.managed_save"},
    {VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT, "list.snapshots"},
};

// Of a domain that is in the list: 1, or how many snapshots it has; negative if that is not known.
int listed_value(unsigned flag, virDomainPtr domain) {
  return flag == VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT ? virDomainSnapshotNum(domain, 0) : 1;
}

}  // namespace

DomainLists::Lists DomainLists::read(virConnectPtr connection) {
  static_assert(std::size(kLists) == kNumber);
  Lists lists;
  for (std::size_t i = 0; i < kNumber; ++i) {
    const auto domains = find_domains(connection, kLists[i].flag);
    if (!domains) {
      lists.are_complete = lists.are_complete && virGetLastErrorCode() == VIR_ERR_NO_SUPPORT;
      continue;
    }
    lists.known.set(i);
    for (const DomainHandle& domain : *domains) lists.domains[virDomainGetName(domain.get())].set(i);
  }
  return lists;
}

void DomainLists::add(virConnectPtr connection, std::vector<Reading>& readings, Time now) {
  if (refresh_.is_due(now) || !lists_ || !lists_->are_complete) lists_ = read(connection);
  for (Reading& reading : readings) {
    const auto found = lists_->domains.find(reading.domain.name);
    const Membership in = found != lists_->domains.end() ? found->second : Membership{};
    std::vector<std::pair<const char*, double>> values;
    for (std::size_t i = 0; i < kNumber; ++i) {
      if (!lists_->known[i]) continue;
      const int value = in[i] ? listed_value(kLists[i].flag, reading.handle.get()) : 0;
      if (value >= 0) values.emplace_back(kLists[i].key, value);
    }
    extend(reading.domain.stats, to_stats(values));
  }
}

}  // namespace virt
