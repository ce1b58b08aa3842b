// SPDX-License-Identifier: Apache-2.0
// Networks, their subnets and how many of their addresses are taken, and security groups: Neutron's lists of them.
#include "collectors/central.h"

namespace virt {
namespace {

using namespace central;

constexpr Meter kCounts[] = {
    {"", "openstack_neutron_networks", Type::kGauge, kOne, "Networks of all projects (Neutron networks)."},
    {"", "openstack_neutron_subnets", Type::kGauge, kOne, "Subnets of all projects (Neutron subnets)."},
    {"", "openstack_neutron_security_groups", Type::kGauge, kOne,
     "Security groups of all projects (Neutron security-groups)."},
};
constexpr Meter kNetwork[] = {
    {"", "openstack_neutron_network", Type::kGauge, kOne,
     "Status of the network: 0 ACTIVE, 1 BUILD, 2 DOWN, 3 ERROR, -1 another one; labels describe it (Neutron networks "
     "status)."}};
constexpr Meter kSubnet[] = {
    {"", "openstack_neutron_subnet", Type::kGauge, kOne, "Constant 1; labels describe the subnet (Neutron subnets)."}};
constexpr Meter kAddresses[] = {
    {"total_ips", "openstack_neutron_network_ip_availabilities_total", Type::kGauge, kOne,
     "Addresses of the subnet's allocation pools (Neutron network-ip-availabilities total_ips)."},
    {"used_ips", "openstack_neutron_network_ip_availabilities_used", Type::kGauge, kOne,
     "Addresses of the subnet that are taken (Neutron network-ip-availabilities used_ips)."},
};

double status_code(std::string_view status) {
  constexpr std::string_view kStatuses[] = {"ACTIVE", "BUILD", "DOWN", "ERROR"};
  for (std::size_t i = 0; i < std::size(kStatuses); ++i)
    if (kStatuses[i] == status) return static_cast<double>(i);
  return -1;
}

class CloudNetworkPollster : public CloudPollster {
 public:
  std::vector<Meters> meters() const override { return {kCounts, kNetwork, kSubnet, kAddresses}; }
  Needs needs() const override {
    return CloudList::kNetworks | CloudList::kSubnets | CloudList::kSecurityGroups | CloudList::kIpAvailabilities;
  }

  Counters get_counters(const CloudSnapshot& snapshot) const override {
    Counters counters;
    const CloudItems *networks = snapshot.items(CloudList::kNetworks), *subnets = snapshot.items(CloudList::kSubnets),
                     *addresses = snapshot.items(CloudList::kIpAvailabilities);
    sample_count(kCounts[0], networks, counters);
    sample_count(kCounts[1], subnets, counters);
    sample_count(kCounts[2], snapshot.items(CloudList::kSecurityGroups), counters);
    for_each(networks, [&](const Stats& network) { sample_network(network, counters); });
    for_each(subnets, [&](const Stats& subnet) { sample_subnet(subnet, counters); });
    for_each(addresses, [&](const Stats& network) { sample_addresses(network, counters); });
    return counters;
  }

 private:
  template <typename Use>
  static void for_each(const CloudItems* items, Use use) {
    if (items != nullptr)
      for (const Stats& item : *items) use(item);
  }

  static void sample_network(const Stats& network, Counters& counters) {
    const std::string segment = number_text(network, "provider:segmentation_id"), mtu = number_text(network, "mtu");
    counters.sample(kNetwork[0], status_code(text(network, "status")),
                    {nullptr,
                     {{"id", text(network, "id")},
                      {"tenant_id", text(network, "project_id")},
                      {"status", text(network, "status")},
                      {"name", text(network, "name")},
                      {"is_shared", flag_text(network, "shared")},
                      {"is_external", flag_text(network, "router:external")},
                      {"provider_network_type", text(network, "provider:network_type")},
                      {"provider_physical_network", text(network, "provider:physical_network")},
                      {"provider_segmentation_id", segment},
                      {"mtu", mtu}}});
  }

  static void sample_subnet(const Stats& subnet, Counters& counters) {
    counters.sample(kSubnet[0], 1,
                    {nullptr,
                     {{"id", text(subnet, "id")},
                      {"tenant_id", text(subnet, "project_id")},
                      {"name", text(subnet, "name")},
                      {"network_id", text(subnet, "network_id")},
                      {"cidr", text(subnet, "cidr")},
                      {"gateway_ip", text(subnet, "gateway_ip")},
                      {"enable_dhcp", flag_text(subnet, "enable_dhcp")}}});
  }

  static void sample_addresses(const Stats& network, Counters& counters) {
    for (const Record& subnet : network.group("subnet_ip_availability")) {
      const std::string version = number_text(subnet, "ip_version");
      counters.sample(kAddresses, subnet,
                      {nullptr,
                       {{"network_id", text(network, "network_id")},
                        {"network_name", text(network, "network_name")},
                        {"ip_version", version},
                        {"cidr", subnet.text("cidr").value_or("")},
                        {"subnet_name", subnet.text("subnet_name").value_or("")},
                        {"project_id", text(network, "project_id")}}});
    }
  }
};

REGISTER_POLLSTER(central, network, CloudNetworkPollster);

}  // namespace
}  // namespace virt
