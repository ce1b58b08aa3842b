// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/session.h"

#include <algorithm>
#include <string_view>
#include <utility>

#include "exporter/libvirt/connect.h"
#include "exporter/libvirt/domain_placement.h"
#include "exporter/libvirt/statistics_groups.h"

namespace virt {
namespace {

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
      lists_(xml_refresh),
      autostart_once_(xml_refresh) {}

bool Session::have_changed(const std::vector<Reading>& readings) {
  const auto is_same_run = [](const Reading& reading, const auto& run) {
    return reading.domain.uuid == run.first && reading.domain.id == run.second;
  };
  const std::uint64_t events = events_->number();
  const bool had_event = std::exchange(events_seen_, events) != events;
  if (std::equal(readings.begin(), readings.end(), runs_.begin(), runs_.end(), is_same_run)) return had_event;
  runs_.clear();
  runs_.reserve(readings.size());
  for (const Reading& reading : readings) runs_.emplace_back(reading.domain.uuid, reading.domain.id);
  return true;
}

std::vector<Domain> Session::list(Groups groups) {
  const auto now = std::chrono::steady_clock::now();
  std::vector<Reading> readings = has_bulk_statistics_ ? read_bulk(connection_.get(), groups & kWithoutMonitor, uuids_)
                                                       : read_list(connection_.get());
  if ((groups & Group::kPlacement) != 0)
    for (Reading& reading : readings)
      if (reading.domain.active) read_placement(reading.handle.get(), reading.domain.stats);
  if ((groups & Group::kLists) != 0) {
    if (have_changed(readings)) lists_.forget();
    lists_.add(connection_.get(), readings, now);
    autostart_once_.add(readings, now);
  }
  std::vector<Domain> domains;
  domains.reserve(readings.size());
  for (Reading& reading : readings) domains.push_back(std::move(reading.domain));
  return domains;
}

std::vector<Domain> Session::read_each(std::vector<Domain> domains, Groups groups) {
  std::vector<std::string> uuids;
  uuids.reserve(domains.size());
  for (const Domain& domain : domains) uuids.push_back(domain.uuid);
  const auto handles = known_.find(connection_.get(), uuids);
  for (std::size_t i = 0; i < domains.size(); ++i)
    if (handles[i] != nullptr) read_domain(handles[i], groups, domains[i]);
  return domains;
}

Stats Session::read_silent(const std::string& uuid, Groups groups) {
  virDomainPtr domain = known_.find_one(connection_.get(), uuid);
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
  const std::vector<std::string> uuids{domains.begin(), domains.end()};
  const auto handles = known_.find(connection_.get(), uuids);
  for (std::size_t i = 0; i < uuids.size(); ++i) {
    virDomainPtr domain = handles[i];
    virDomainControlInfo control;
    const bool is_held = domain != nullptr && virDomainGetControlInfo(domain, &control, 0) == 0 &&
                         control.state == VIR_DOMAIN_CONTROL_OCCUPIED &&
                         std::chrono::milliseconds{control.stateTime} > moment;
    if (!is_held) released.insert(uuids[i]);
  }
  return released;
}

bool Session::is_alive() const {
  unsigned long version = 0;
  return virConnectGetLibVersion(connection_.get(), &version) == 0;
}

}  // namespace virt
