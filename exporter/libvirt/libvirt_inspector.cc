// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/libvirt_inspector.h"

#include <unistd.h>

#include <algorithm>
#include <optional>
#include <string_view>
#include <unordered_set>
#include <utility>

#include "exporter/libvirt/connect.h"
#include "exporter/libvirt/facts_cache.h"
#include "exporter/libvirt/host_reader.h"
#include "exporter/libvirt/jobs.h"
#include "exporter/libvirt/placement.h"
#include "exporter/libvirt/statistics.h"

namespace virt {
namespace {

std::string host_name() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  return name;
}

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

class LibvirtInspector : public Inspector {
 public:
  explicit LibvirtInspector(LibvirtOptions options) : options_(std::move(options)), facts_(options_.xml_refresh) {
    check_uri(options_.uri);
  }

  // A connection that died since the last read shows it at the first call on it; then a new one is tried
  // at once, so that a restart of libvirtd between two scrapes costs no scrape.
  Snapshot inspect(Groups groups, Deadline) override {
    const bool connected = connection_ != nullptr;
    try {
      return read(groups);
    } catch (const std::exception&) {
      disconnect();
      if (!connected) throw;
    }
    try {
      return read(groups);
    } catch (const std::exception&) {
      disconnect();
      throw;
    }
  }

 private:
  void disconnect() {
    connection_.reset();
    facts_.clear();
    host_.reset();
  }

  void ensure_connected() {
    if (connection_) return;
    connection_ = connect(options_.uri);
    const char* driver = virConnectGetType(connection_.get());
    bulk_ = driver != nullptr && std::string_view{driver} == "QEMU";
    host_.emplace(connection_.get());
    ++connects_;
  }

  Snapshot read(Groups groups) {
    ensure_connected();
    std::vector<Reading> readings =
        bulk_ ? read_bulk(connection_.get(), groups, options_.backing_chain) : read_list(connection_.get());
    const bool needs_targets = !bulk_ && (groups & (Group::kInterface | Group::kBlock)) != 0;
    if ((groups & Group::kXml) != 0 || needs_targets) facts_.fill(readings, std::chrono::steady_clock::now());
    if (!bulk_)
      for (Reading& reading : readings) read_domain(reading, groups);
    if ((groups & Group::kLists) != 0)
      for (const auto& [flag, key] : kListKeys) read_list_key(connection_.get(), flag, key, readings);
    if ((groups & Group::kPlacement) != 0)
      for (Reading& reading : readings)
        if (reading.domain.active) read_placement(reading.handle.get(), reading.domain.stats);
    Snapshot snapshot = to_snapshot(std::move(readings), groups);
    snapshot.host = host_->read(groups);
    return snapshot;
  }

  void read_jobs(std::vector<Domain>& domains) {
    for (const std::string& uuid : jobs_.choose(domains, std::chrono::steady_clock::now())) {
      const DomainHandle handle{virDomainLookupByUUIDString(connection_.get(), uuid.c_str())};
      const auto domain =
          std::find_if(domains.begin(), domains.end(), [&](const Domain& candidate) { return candidate.uuid == uuid; });
      if (handle) jobs_.answered(uuid, read_job(handle.get(), domain->stats));
    }
  }

  Snapshot to_snapshot(std::vector<Reading> readings, Groups groups) {
    Snapshot snapshot;
    snapshot.up = true;
    snapshot.source = options_.host_name.empty() ? host_name() : options_.host_name;
    snapshot.timestamp = std::chrono::system_clock::now();
    snapshot.reconnects = connects_ - 1;
    snapshot.domains.reserve(readings.size());
    for (Reading& reading : readings) snapshot.domains.push_back(std::move(reading.domain));
    if ((groups & Group::kJobs) != 0) read_jobs(snapshot.domains);
    return snapshot;
  }

  const LibvirtOptions options_;
  Connection connection_;
  bool bulk_ = false;  // the driver of this connection has bulk statistics
  std::uint64_t connects_ = 0;
  FactsCache facts_;
  JobRotation jobs_{options_.xml_refresh};
  std::optional<HostReader> host_;  // of this connection
};

}  // namespace

std::unique_ptr<Inspector> make_libvirt_inspector(LibvirtOptions options) {
  return std::make_unique<LibvirtInspector>(std::move(options));
}

std::string libvirt_library_version() {
  unsigned long version = 0;
  virGetVersion(&version, nullptr, nullptr);
  return std::to_string(version / 1000000) + "." + std::to_string(version / 1000 % 1000) + "." +
         std::to_string(version % 1000);
}

}  // namespace virt
