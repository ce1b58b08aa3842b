// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/session.h"

#include <optional>
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

// The names in one of libvirt's lists; nothing from a driver that does not know it.
std::optional<std::unordered_set<std::string>> read_names(virConnectPtr connection, unsigned flag) {
  const auto domains = find_domains(connection, flag);
  if (!domains) return std::nullopt;
  std::unordered_set<std::string> names;
  for (const DomainHandle& domain : *domains) names.insert(virDomainGetName(domain.get()));
  return names;
}

// Of a domain that is in the list, 1, or how many snapshots it has; negative if that is not known.
int listed_value(unsigned flag, virDomainPtr domain) {
  return flag == VIR_CONNECT_LIST_DOMAINS_HAS_SNAPSHOT ? virDomainSnapshotNum(domain, 0) : 1;
}

void read_lists(virConnectPtr connection, std::vector<Reading>& readings) {
  std::vector<std::optional<std::unordered_set<std::string>>> lists;
  for (const auto& [flag, key] : kListKeys) lists.push_back(read_names(connection, flag));
  for (Reading& reading : readings) {
    std::vector<std::pair<const char*, double>> values;
    for (std::size_t i = 0; i < lists.size(); ++i) {
      if (!lists[i]) continue;
      const bool is_listed = lists[i]->count(reading.domain.name) > 0;
      const int value = is_listed ? listed_value(kListKeys[i].flag, reading.handle.get()) : 0;
      if (value >= 0) values.emplace_back(kListKeys[i].key, value);
    }
    reading.domain.stats.append(to_stats(values));
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
      has_bulk_statistics_ ? read_bulk(connection_.get(), groups & kWithoutMonitor, uuids_)
                           : read_list(connection_.get());
  const bool needs_targets = !has_bulk_statistics_ && (groups & (Group::kInterface | Group::kBlock)) != 0;
  if ((groups & Group::kXml) != 0 || needs_targets)
    facts_.fill(readings, events_->take_changed(), std::chrono::steady_clock::now());
  if (!has_bulk_statistics_)
    for (Reading& reading : readings) read_domain(reading, groups);
  if ((groups & Group::kPlacement) != 0)
    for (Reading& reading : readings)
      if (reading.domain.active) read_placement(reading.handle.get(), reading.domain.stats);
  if ((groups & Group::kLists) != 0)
    read_lists(connection_.get(), readings);
  std::vector<Domain> domains;
  domains.reserve(readings.size());
  for (Reading& reading : readings) domains.push_back(std::move(reading.domain));
  return domains;
}

Stats Session::read_silent(const std::string& uuid, Groups groups) {
  virDomainPtr domain = silent_.find_one(connection_.get(), uuid);
  if (domain == nullptr) return {};
  Stats stats = (groups & Group::kCpuTotal) != 0 ? read_cpu_time(domain) : Stats{};
  virDomainControlInfo control;
  if (virDomainGetControlInfo(domain, &control, 0) < 0) return stats;
  stats.add("control.state", control.state);
  stats.add("control.busy", static_cast<double>(control.stateTime));
  return stats;
}

std::unordered_set<std::string> Session::released(const std::unordered_set<std::string>& domains,
                                                  std::chrono::duration<double> moment) {
  std::unordered_set<std::string> released;
  for (const std::string& uuid : domains) {
    virDomainPtr domain = silent_.find_one(connection_.get(), uuid);
    virDomainControlInfo control;
    const bool is_held = domain != nullptr && virDomainGetControlInfo(domain, &control, 0) == 0 &&
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
