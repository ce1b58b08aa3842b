// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/domain_lists.h"

#include <iterator>
#include <utility>

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

// False if one could not be read for now.
bool DomainLists::read(virConnectPtr connection) {
  bool is_complete = true;
  lists_.clear();
  for (const auto& [flag, key] : kLists) {
    auto& names = lists_.emplace_back();
    const auto domains = find_domains(connection, flag);
    if (!domains) {
      is_complete = is_complete && virGetLastErrorCode() == VIR_ERR_NO_SUPPORT;
      continue;
    }
    names.emplace();
    for (const DomainHandle& domain : *domains) names->insert(virDomainGetName(domain.get()));
  }
  return is_complete;
}

void DomainLists::add(virConnectPtr connection, std::vector<Reading>& readings, Refresh::Time now) {
  if (refresh_.is_due(now) || lists_.empty() || !is_complete_) is_complete_ = read(connection);
  for (Reading& reading : readings) {
    std::vector<std::pair<const char*, double>> values;
    for (std::size_t i = 0; i < std::size(kLists); ++i) {
      if (!lists_[i]) continue;
      const bool is_listed = lists_[i]->count(reading.domain.name) > 0;
      const int value = is_listed ? listed_value(kLists[i].flag, reading.handle.get()) : 0;
      if (value >= 0) values.emplace_back(kLists[i].key, value);
    }
    reading.domain.stats.append(to_stats(values));
  }
}

}  // namespace virt
