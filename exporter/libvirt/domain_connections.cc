// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/domain_connections.h"

#include <algorithm>
#include <deque>
#include <string_view>

#include "exporter/libvirt/connection.h"
#include "exporter/libvirt/domain_vcpus.h"
#include "exporter/libvirt/statistics_groups.h"
#include "exporter/stats_builder.h"

namespace virt {
namespace {

bool is_qemu(virConnectPtr connection) {
  const char* driver = virConnectGetType(connection);
  return driver != nullptr && std::string_view{driver} == "QEMU";
}

std::vector<Domain> without_handles(std::vector<Reading> readings) {
  std::vector<Domain> domains;
  domains.reserve(readings.size());
  for (Reading& reading : readings) domains.push_back(std::move(reading.domain));
  return domains;
}

}  // namespace

// ---- DomainExtras ------------------------------------------------------------------------------------------

bool DomainExtras::have_changed(std::uint64_t events, const std::vector<Reading>& readings) {
  const auto is_same_run = [](const Reading& reading, const auto& run) {
    return reading.domain.uuid == run.first && reading.domain.id == run.second;
  };
  const bool had_event = std::exchange(events_seen_, events) != events;
  if (std::equal(readings.begin(), readings.end(), runs_.begin(), runs_.end(), is_same_run)) return had_event;
  runs_.clear();
  runs_.reserve(readings.size());
  for (const Reading& reading : readings) runs_.emplace_back(reading.domain.uuid, reading.domain.id);
  return true;
}

// libvirt logs an error where the host has no control groups, so of each run it is asked no more than once then.
void DomainExtras::add_cpu_times(std::vector<Reading>& readings) {
  for (Reading& reading : readings) {
    Domain& domain = reading.domain;
    unsigned& run = without_cpu_times_.keep(domain.uuid);
    if (!domain.active || run == domain.id) continue;
    const Stats times = read_cpu_times(reading.handle.get());
    if (times.empty()) run = domain.id;
    extend(domain.stats, times);
  }
  without_cpu_times_.forget_others();
}

void DomainExtras::add(virConnectPtr connection, Groups groups, std::uint64_t events, std::vector<Reading>& readings) {
  const auto now = std::chrono::steady_clock::now();
  if ((groups & Group::kPlacement) != 0)
    for (Reading& reading : readings)
      if (reading.domain.active) extend(reading.domain.stats, read_placement(reading.handle.get()));
  if ((groups & (Group::kCpuTotal | Group::kHaltPolling)) == Group::kCpuTotal) add_cpu_times(readings);
  if ((groups & Group::kLists) == 0) return;
  if (have_changed(events, readings)) lists_.forget();
  lists_.add(connection, readings, now);
  autostart_once_.add(readings, now);
}

// ---- DomainConnection --------------------------------------------------------------------------------------------

DomainConnection::DomainConnection(std::string uri, std::chrono::duration<double> refresh,
                                   std::shared_ptr<EventFeed> feed, std::shared_ptr<CallKind> connecting)
    : uri_(std::move(uri)), feed_(std::move(feed)), connecting_(std::move(connecting)), extras_(refresh) {}

DomainConnection::~DomainConnection() {
  if (!listener_) return;
  listener_.reset();
  feed_->is_taken = false;
}

void DomainConnection::open() {
  if (!connection_) {
    const TimedCall timed{*connecting_};
    connection_ = open_connection(uri_);
    has_bulk_statistics_ = is_qemu(connection_.get());
  }
  if (!listener_ && !feed_->is_taken.exchange(true)) listener_.emplace(connection_.get(), feed_->events);
}

std::vector<Domain> DomainConnection::list(Groups groups) {
  virConnectPtr connection = connection_.get();
  const std::uint64_t events = feed_->events->number();
  std::vector<Reading> readings =
      has_bulk_statistics_ ? read_bulk(connection, groups & kWithoutMonitor, uuids_) : read_list(connection);
  // Where domains are read one by one, so is their CPU time.
  extras_.add(connection, has_bulk_statistics_ ? groups : groups & ~Group::kCpuTotal, events, readings);
  return without_handles(std::move(readings));
}

Reply<WantedDomains, FoundDomains> DomainConnection::read(Wanted wanted) {
  if (!wanted.one) return {FoundDomains{wanted.groups, list(wanted.groups), true, has_bulk_statistics_}};
  if (virDomainPtr handle = known_.find_one(connection_.get(), wanted.one->uuid))
    read_domain(handle, wanted.groups, *wanted.one);
  FoundDomains found{wanted.groups, {}, false, has_bulk_statistics_};
  found.domains.push_back(*std::move(wanted.one));
  return {std::move(found)};
}

// ---- NamedDomainsConnection --------------------------------------------------------------------------------------

void NamedDomainsConnection::open() {
  if (!keep_open(uri_, connection_)) return;
  known_.clear();
  uuids_ = {};
  extras_.emplace(refresh_);
}

Reply<WantedOfDomains, std::vector<Domain>> NamedDomainsConnection::read(const Wanted& wanted) {
  virConnectPtr connection = connection_.get();
  const std::uint64_t events = feed_->events->number();
  std::vector<Reading> readings =
      read_some(known_.find(connection, wanted.uuids), wanted.groups & kWithoutMonitor, uuids_);
  extras_->add(connection, wanted.groups, events, readings);
  return {without_handles(std::move(readings))};
}

// ---- StateConnection ---------------------------------------------------------------------------------------------

HandleConnection HandleConnections::take() {
  const std::lock_guard lock{mutex_};
  if (spare_.empty()) return {};
  std::iter_swap(std::max_element(spare_.begin(), spare_.end(),
                                  [](const auto& a, const auto& b) { return a.handles.size() < b.handles.size(); }),
                 spare_.end() - 1);
  HandleConnection taken = std::move(spare_.back());
  spare_.pop_back();
  return taken;
}

std::vector<HandleConnection> HandleConnections::take_all() {
  const std::lock_guard lock{mutex_};
  return std::exchange(spare_, {});
}

void HandleConnections::give_back(HandleConnection connection) {
  const std::lock_guard lock{mutex_};
  if (spare_.size() < count_) spare_.push_back(std::move(connection));
}

StateConnection::~StateConnection() {
  if (own_) connections_->give_back(*std::move(own_));
}

void StateConnection::open() {
  if (!own_) own_ = connections_->take();
  if (keep_open(uri_, own_->connection)) own_->handles.clear();
}

void StateConnection::list() {
  open();
  auto domains = find_domains(own_->connection.get(), 0);
  if (!domains) throw LibvirtError("cannot list domains");
  own_->handles.clear();
  for (DomainHandle& domain : *domains) own_->handles.emplace(uuid_of(domain.get()), std::move(domain));
}

void StateConnection::list_all() {
  std::deque<StateConnection> others;  // which are given back, however this ends
  for (HandleConnection& other : connections_->take_all()) others.emplace_back(uri_, connections_, std::move(other));
  list();
  for (StateConnection& other : others) other.list();
}

Reply<StateConnection::Wanted, FoundState> StateConnection::read(const Wanted& wanted) {
  if (wanted.uuid.empty()) {
    list_all();
    return {FoundState{}};
  }
  const auto handle = own_->handles.find(wanted.uuid);
  if (handle == own_->handles.end()) return {};
  KnownUuids uuids;
  FoundState found{wanted.uuid, {}};
  for (Reading& reading : read_some({handle->second.get()}, Group::kState, uuids))
    found.domain = std::move(reading.domain);
  return {std::move(found)};
}

// ---- SilentConnection --------------------------------------------------------------------------------------------

void SilentConnection::open() {
  if (keep_open(uri_, connection_)) known_.clear();
}

Reply<WantedSilent, FoundSilent> SilentConnection::read(const Wanted& wanted) {
  FoundSilent found{wanted.uuid, {}, {}};
  virDomainPtr domain = known_.find_one(connection_.get(), wanted.uuid);
  if (domain == nullptr) return {std::move(found)};
  if ((wanted.groups & Group::kCpuTotal) != 0) found.stats = read_cpu_time(domain);
  virDomainControlInfo control;
  if (virDomainGetControlInfo(domain, &control, 0) < 0) return {std::move(found)};
  const auto busy = static_cast<double>(control.stateTime);
  extend(found.stats, to_stats({{"control.state", control.state}, {"control.busy", busy}}));
  if (control.state == VIR_DOMAIN_CONTROL_OCCUPIED) found.held = std::chrono::milliseconds{control.stateTime};
  return {std::move(found)};
}

}  // namespace virt
