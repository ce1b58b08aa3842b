// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/lane.h"

#include "exporter/libvirt/connect.h"

namespace virt {

virDomainPtr Lane::find(const std::string& uuid) {
  const auto known = handles_.find(uuid);
  if (known != handles_.end()) return known->second.get();
  virDomainPtr domain = virDomainLookupByUUIDString(connection_.get(), uuid.c_str());
  if (domain != nullptr) handles_.emplace(uuid, domain);
  return domain;
}

Readings Lane::read(const std::vector<std::string>& uuids, Groups groups) {
  if (!connection_) connection_ = connect(uri_);
  std::vector<virDomainPtr> domains;
  for (const std::string& uuid : uuids)
    if (virDomainPtr domain = find(uuid)) domains.push_back(domain);  // else it vanished
  Readings readings;
  for (Reading& reading : read_batch(std::move(domains), groups)) {
    std::string uuid = reading.domain.uuid;
    readings.emplace(std::move(uuid), std::move(reading));
  }
  return readings;
}

void Lane::retain(const std::unordered_set<std::string>& uuids) {
  std::erase_if(handles_, [&](const auto& entry) { return uuids.count(entry.first) == 0; });
}

}  // namespace virt
