// SPDX-License-Identifier: Apache-2.0
// What Nova knows of its hosts' capacity: os-hypervisors, with the zone and the aggregates of each host.
#include <set>

#include "collectors/central.h"

namespace virt {
namespace {

using namespace central;

constexpr Meter kHypervisor[] = {
    {"running_vms", "openstack_nova_running_vms", Type::kGauge, kOne,
     "Servers on the host that are not deleted (Nova os-hypervisors running_vms)."},
    {"current_workload", "openstack_nova_current_workload", Type::kGauge, kOne,
     "Servers on the host that are being built, migrated or resized (Nova os-hypervisors current_workload)."},
    {"vcpus", "openstack_nova_vcpus_available", Type::kGauge, kOne,
     "CPUs of the host that Nova may use, without overcommit (Nova os-hypervisors vcpus)."},
    {"vcpus_used", "openstack_nova_vcpus_used", Type::kGauge, kOne,
     "vCPUs of the servers on the host (Nova os-hypervisors vcpus_used)."},
    {"memory_mb", "openstack_nova_memory_available_bytes", Type::kGauge, kMebibytes,
     "Memory of the host, without overcommit (Nova os-hypervisors memory_mb)."},
    {"memory_mb_used", "openstack_nova_memory_used_bytes", Type::kGauge, kMebibytes,
     "Memory of the servers on the host, and what is reserved (Nova os-hypervisors memory_mb_used)."},
    {"local_gb", "openstack_nova_local_storage_available_bytes", Type::kGauge, kGibibytes,
     "Size of the host's storage for servers (Nova os-hypervisors local_gb)."},
    {"local_gb_used", "openstack_nova_local_storage_used_bytes", Type::kGauge, kGibibytes,
     "Sizes of the disks of the servers on the host (Nova os-hypervisors local_gb_used)."},
    {"free_disk_gb", "openstack_nova_free_disk_bytes", Type::kGauge, kGibibytes,
     "Storage of the host that is not promised to servers (Nova os-hypervisors free_disk_gb)."},
};
constexpr Meter kAggregate[] = {
    {"", "openstack_nova_aggregate_hosts", Type::kGauge, kOne, "Hosts of the aggregate (Nova os-aggregates hosts)."}};
constexpr Meter kZones[] = {
    {"", "openstack_nova_availability_zones", Type::kGauge, kOne, "Availability zones (Nova os-availability-zone)."}};

struct Host {
  std::string zone;
  std::set<std::string> aggregates;

  std::string aggregates_text() const {
    std::string text;
    for (const std::string& aggregate : aggregates) text += (text.empty() ? "" : ",") + aggregate;
    return text;
  }
};
using Hosts = std::map<std::string, Host, std::less<>>;

// An aggregate whose only metadata is its zone is there for the zone's sake.
bool is_only_a_zone(const Stats& aggregate) {
  return !text(aggregate, "availability_zone").empty() && aggregate.number("metadata.#") == 1.0;
}

Hosts read_aggregates(const CloudItems& aggregates) {
  Hosts hosts;
  for (const Stats& aggregate : aggregates)
    for (const std::string& name : hosts_of(aggregate)) {
      const std::string_view zone = text(aggregate, "availability_zone");
      Host& host = hosts[name];
      if (!zone.empty()) host.zone = zone;
      if (!is_only_a_zone(aggregate)) host.aggregates.emplace(text(aggregate, "name"));
    }
  return hosts;
}

class HypervisorPollster : public CloudPollster {
 public:
  std::vector<Meters> meters() const override { return {kHypervisor, kAggregate, kZones}; }
  Needs needs() const override { return CloudList::kHypervisors | CloudList::kAggregates | CloudList::kZones; }

  Counters get_counters(const CloudSnapshot& snapshot) const override {
    Counters counters;
    const CloudItems* const aggregates = snapshot.items(CloudList::kAggregates);
    const CloudItems* const hypervisors = snapshot.items(CloudList::kHypervisors);
    const Hosts hosts = aggregates != nullptr ? read_aggregates(*aggregates) : Hosts{};
    // Without their aggregates they would be other series.
    if (hypervisors != nullptr && aggregates != nullptr)
      for (const Stats& hypervisor : *hypervisors) sample_hypervisor(hypervisor, hosts, counters);
    if (aggregates != nullptr)
      for (const Stats& aggregate : *aggregates) sample_aggregate(aggregate, counters);
    sample_count(kZones[0], snapshot.items(CloudList::kZones), counters);
    return counters;
  }

 private:
  static void sample_hypervisor(const Stats& hypervisor, const Hosts& hosts, Counters& counters) {
    const auto host = hosts.find(text(hypervisor, "service.host"));
    const Host known = host != hosts.end() ? host->second : Host{};
    const std::string aggregates = known.aggregates_text();
    counters.sample(kHypervisor, hypervisor.all(),
                    {nullptr,
                     {{"hostname", text(hypervisor, "hypervisor_hostname")},
                      {"availability_zone", known.zone},
                      {"aggregates", aggregates}}});
  }

  static void sample_aggregate(const Stats& aggregate, Counters& counters) {
    counters.sample(
        kAggregate[0], static_cast<double>(hosts_of(aggregate).size()),
        {nullptr,
         {{"aggregate", text(aggregate, "name")}, {"availability_zone", text(aggregate, "availability_zone")}}});
  }
};

REGISTER_POLLSTER(central, hypervisor, HypervisorPollster);

}  // namespace
}  // namespace virt
