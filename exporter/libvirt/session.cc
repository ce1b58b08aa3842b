// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/session.h"

#include <string_view>
#include <utility>

#include "exporter/libvirt/connect.h"
#include "exporter/libvirt/placement.h"
#include "exporter/libvirt/statistics.h"

namespace virt {
namespace {

constexpr Groups kWithoutMonitor = Group::kState | Group::kInterface | Group::kPerf | Group::kMemory;

// What libvirt keeps in lists costs one call for all domains.
constexpr struct {
  unsigned flag;
  const char* key;
} kListKeys[] = {
    {VIR_CONNECT_LIST_DOMAINS_AUTOSTART, "list.autostart"},
    {VIR_CONNECT_LIST_DOMAINS_PERSISTENT, "list.persistent"},
    {VIR_CONNECT_LIST_DOMAINS_MANAGEDSAVE, "list.managed_save"},
    {VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT, "list.snapshots"},
};

// The value for a domain that is in the list: 1, or how many snapshots it has.
int listed_value(unsigned flag, virDomainPtr domain) {
  return flag == VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT ? virDomainSnapshotNum(domain, 0) : 1;
}

// A driver that does not know one of the lists leaves its key out.
void read_list_key(virConnectPtr connection, unsigned flag, const char* key, std::vector<Reading>& readings) {
  const auto domains = find_domains(connection, flag);
  if (!domains) return;
  std::unordered_set<std::string> listed;
  for (const DomainHandle& domain : *domains) listed.insert(uuid_of(domain.get()));
  for (Reading& reading : readings) {
    const int value = listed.count(reading.domain.uuid) > 0 ? listed_value(flag, reading.handle.get()) : 0;
    if (value >= 0) reading.domain.stats.add(key, value);
  }
}

bool is_qemu(virConnectPtr connection) {
  const char* driver = virConnectGetType(connection);
  return driver != nullptr && std::string_view{driver} == "QEMU";
}

}  // namespace

Session::Session(const std::string& uri, std::chrono::duration<double> xml_refresh, std::shared_ptr<Events> events)
    : connection_(connect(uri)),
      events_(std::move(events)),
      listener_(connection_.get(), events_),
      has_bulk_statistics_(is_qemu(connection_.get())),
      facts_(xml_refresh) {
  events_->take_changed();  // nothing is kept yet that could be outdated
}

std::vector<Domain> Session::list(Groups groups) {
  std::vector<Reading> readings =
      has_bulk_statistics_ ? read_bulk(connection_.get(), groups & kWithoutMonitor) : read_list(connection_.get());
  const bool needs_targets = !has_bulk_statistics_ && (groups & (Group::kInterface | Group::kBlock)) != 0;
  if ((groups & Group::kXml) != 0 || needs_targets)
    facts_.fill(readings, events_->take_changed(), std::chrono::steady_clock::now());
  if (!has_bulk_statistics_)
    for (Reading& reading : readings) read_domain(reading, groups);
  if ((groups & Group::kPlacement) != 0)
    for (Reading& reading : readings)
      if (reading.domain.active) read_placement(reading.handle.get(), reading.domain.stats);
  if ((groups & Group::kLists) != 0)
    for (const auto& [flag, key] : kListKeys) read_list_key(connection_.get(), flag, key, readings);
  std::vector<Domain> domains;
  handles_.clear();
  for (Reading& reading : readings) {
    handles_.emplace(reading.domain.uuid, std::move(reading.handle));
    domains.push_back(std::move(reading.domain));
  }
  return domains;
}

Stats Session::read_silent(const std::string& uuid, Groups groups) const {
  const auto handle = handles_.find(uuid);
  if (handle == handles_.end()) return {};
  virDomainPtr domain = handle->second.get();
  Stats stats = (groups & Group::kCpuTotal) != 0 ? read_cpu_time(domain) : Stats{};
  virDomainControlInfo control;
  if (virDomainGetControlInfo(domain, &control, 0) < 0) return stats;
  stats.add("control.state", control.state);
  stats.add("control.busy", static_cast<double>(control.stateTime));
  return stats;
}

std::unordered_set<std::string> Session::released(const std::unordered_set<std::string>& domains,
                                                  std::chrono::duration<double> moment) const {
  std::unordered_set<std::string> released;
  for (const std::string& uuid : domains) {
    const auto handle = handles_.find(uuid);
    virDomainControlInfo control;
    const bool is_held = handle != handles_.end() && virDomainGetControlInfo(handle->second.get(), &control, 0) == 0 &&
                         control.state == VIR_DOMAIN_CONTROL_OCCUPIED &&
                         std::chrono::milliseconds{control.stateTime} > moment;
    if (!is_held) released.insert(uuid);
  }
  return released;
}

bool Session::is_alive() const {
  unsigned long version = 0;
  return virConnectGetLibVersion(connection_.get(), &version) == 0;
}

}  // namespace virt
