// SPDX-License-Identifier: Apache-2.0
// How many more servers of each flavor fit: what Placement's inventories leave, by the hosts that Nova would choose
// from.
#include <algorithm>
#include <cmath>
#include <limits>
#include <set>

#include "collectors/central.h"

namespace virt {
namespace {

using namespace central;

constexpr Meter kCloud[] = {
    {"", "openstack_placement_flavor_capacity", Type::kGauge, kOne,
     "How many more servers of the flavor fit on hosts whose nova-compute is up and enabled, by vCPUs, memory and "
     "disk. Absent for flavors that ask for traits or other resources (Placement inventories, usages)."}};
constexpr Meter kAggregate[] = {
    {"", "openstack_placement_aggregate_flavor_capacity", Type::kGauge, kOne,
     "As openstack_placement_flavor_capacity, on the hosts of the aggregate (Placement inventories, usages)."}};

// What a server of a flavor takes of each resource.
using Need = std::array<std::pair<std::string_view, double>, 3>;

// Nothing where vCPUs, memory and disk are not all that the flavor asks for.
std::optional<Need> need_of(const Stats& flavor) {
  const auto amount = [&](std::string_view key) { return flavor.number(key).value_or(0); };
  const Record specs = flavor.record("extra_specs");
  for (const std::string_view special : {"resources*", "trait*", "hw:cpu_p*", "hw:mem_page_*"})
    if (specs.has(special)) return std::nullopt;
  if (!flavor.number("vcpus") || !flavor.number("ram") || !flavor.number("disk")) return std::nullopt;
  const double disk = amount("disk") + amount("OS-FLV-EXT-DATA:ephemeral") + std::ceil(amount("swap") / 1024);
  return Need{{{"VCPU", amount("vcpus")}, {"MEMORY_MB", amount("ram")}, {"DISK_GB", disk}}};
}

// Placement's own rule.
double fits(const Stats& provider, std::string_view resource, double amount) {
  const Record inventory = provider.record("inventories").record(resource);
  const auto total = inventory.number("total");
  if (!total || amount > inventory.number("max_unit").value_or(*total)) return 0;
  const double room =
      (*total - inventory.number("reserved").value_or(0)) * inventory.number("allocation_ratio").value_or(1);
  const double used = provider.record("usages").number(resource).value_or(0);
  return std::max(0.0, std::floor((room - used) / amount));
}

double fits(const Stats& provider, const Need& need) {
  double servers = std::numeric_limits<double>::infinity();
  for (const auto& [resource, amount] : need)
    if (amount > 0) servers = std::min(servers, fits(provider, resource, amount));
  return std::isfinite(servers) ? servers : 0;
}

// The providers that are hosts on which Nova starts servers, by the names that aggregates have for them.
using Hosts = std::map<std::string_view, const Stats*>;

Hosts usable_hosts(const CloudItems& providers, const CloudItems& hypervisors, const CloudItems& services) {
  std::set<std::string_view> usable;
  for (const Stats& service : services)
    if (text(service, "binary") == "nova-compute" && text(service, "state") == "up" &&
        text(service, "status") == "enabled")
      usable.insert(text(service, "host"));
  std::map<std::string_view, std::string_view> hosts;  // by the names of hypervisors, which are those of providers
  for (const Stats& hypervisor : hypervisors)
    hosts[text(hypervisor, "hypervisor_hostname")] = text(hypervisor, "service.host");
  Hosts found;
  for (const Stats& provider : providers)
    if (const auto host = hosts.find(text(provider, "name")); host != hosts.end() && usable.count(host->second) > 0)
      found[host->second] = &provider;
  return found;
}

struct Aggregate {
  std::string_view name, zone;
  std::vector<const Stats*> providers;  // of its hosts that are usable
};

std::vector<Aggregate> read_aggregates(const CloudItems& aggregates, const Hosts& hosts) {
  std::vector<Aggregate> found;
  for (const Stats& aggregate : aggregates) {
    Aggregate& one = found.emplace_back(Aggregate{text(aggregate, "name"), text(aggregate, "availability_zone"), {}});
    for (const std::string& name : hosts_of(aggregate))
      if (const auto host = hosts.find(name); host != hosts.end()) one.providers.push_back(host->second);
  }
  return found;
}

class CapacityPollster : public CloudPollster {
 public:
  std::vector<Meters> meters() const override { return {kCloud, kAggregate}; }
  Needs needs() const override {
    return CloudList::kResourceProviders | CloudList::kFlavors | CloudList::kHypervisors | CloudList::kComputeServices |
           CloudList::kAggregates;
  }

  Counters get_counters(const CloudSnapshot& snapshot) const override {
    Counters counters;
    const CloudItems *providers = snapshot.items(CloudList::kResourceProviders),
                     *flavors = snapshot.items(CloudList::kFlavors),
                     *hypervisors = snapshot.items(CloudList::kHypervisors),
                     *services = snapshot.items(CloudList::kComputeServices),
                     *aggregates = snapshot.items(CloudList::kAggregates);
    if (!providers || !flavors || !hypervisors || !services || !aggregates) return counters;
    const Hosts hosts = usable_hosts(*providers, *hypervisors, *services);
    const std::vector<Aggregate> groups = read_aggregates(*aggregates, hosts);
    for (const Stats& flavor : *flavors)
      if (const auto need = need_of(flavor)) sample_flavor(flavor, *need, hosts, groups, counters);
    return counters;
  }

 private:
  static void sample_flavor(const Stats& flavor, const Need& need, const Hosts& hosts,
                            const std::vector<Aggregate>& aggregates, Counters& counters) {
    const std::string_view id = text(flavor, "id"), name = text(flavor, "name");
    std::map<const Stats*, double> on_host;
    double on_all = 0;
    for (const auto& [host, provider] : hosts) on_all += on_host[provider] = fits(*provider, need);
    counters.sample(kCloud[0], on_all, {nullptr, {{"flavor_id", id}, {"flavor_name", name}}});
    for (const Aggregate& aggregate : aggregates) {
      double on_those = 0;
      for (const Stats* provider : aggregate.providers) on_those += on_host[provider];
      counters.sample(kAggregate[0], on_those,
                      {nullptr,
                       {{"aggregate", aggregate.name},
                        {"availability_zone", aggregate.zone},
                        {"flavor_id", id},
                        {"flavor_name", name}}});
    }
  }
};

REGISTER_POLLSTER(central, capacity, CapacityPollster);

}  // namespace
}  // namespace virt
