// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/lane.h"

#include <algorithm>

#include "exporter/libvirt/connect.h"

namespace virt {

// One call for all is quicker than one for each that is new, and cheaper for libvirtd.
void Lane::find_all() {
  auto domains = find_domains(connection_.get(), 0);
  if (!domains) throw LibvirtError("cannot list the domains");
  for (DomainHandle& domain : *domains) {
    std::string uuid = uuid_of(domain.get());
    handles_.insert_or_assign(std::move(uuid), std::move(domain));
  }
}

Readings Lane::read(const std::vector<std::string>& uuids, Groups groups) {
  if (!connection_) connection_ = connect(uri_);
  const auto is_known = [this](const std::string& uuid) { return handles_.count(uuid) > 0; };
  if (!std::all_of(uuids.begin(), uuids.end(), is_known)) find_all();
  std::vector<virDomainPtr> domains;
  for (const std::string& uuid : uuids)
    if (const auto found = handles_.find(uuid); found != handles_.end()) domains.push_back(found->second.get());
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
