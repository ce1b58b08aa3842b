// SPDX-License-Identifier: Apache-2.0
// Floating IPs, which the agent of 2012 read from the network manager: Neutron's floatingips.
#include "collectors/central.h"

namespace virt {
namespace {

using namespace central;

constexpr Meter kCount[] = {
    {"", "openstack_neutron_floating_ips", Type::kGauge, kOne, "Floating IPs of all projects (Neutron floatingips)."}};
constexpr Meter kNotActive[] = {
    {"", "openstack_neutron_floating_ips_associated_not_active", Type::kGauge, kOne,
     "Floating IPs that belong to a port and are not ACTIVE (Neutron floatingips port_id, status)."}};
constexpr Meter kByStatus[] = {
    {"", "openstack_neutron_floating_ips_by_status", Type::kGauge, kOne,
     "Floating IPs of a project in an external network with a status (Neutron floatingips)."}};
constexpr Meter kOneIp[] = {{"", "openstack_neutron_floating_ip", Type::kGauge, kOne,
                             "Constant 1; labels describe the floating IP (Neutron floatingips)."}};

class FloatingIpPollster : public CloudPollster {
 public:
  std::vector<Meters> meters() const override { return {kCount, kNotActive, kByStatus, kOneIp}; }
  Needs needs() const override { return CloudList::kFloatingIps; }

  Counters get_counters(const CloudSnapshot& snapshot) const override {
    Counters counters;
    const CloudItems* const ips = snapshot.items(CloudList::kFloatingIps);
    if (ips == nullptr) return counters;
    sample_count(kCount[0], ips, counters);
    const auto is_stuck = [](const Stats& ip) {
      return !text(ip, "port_id").empty() && text(ip, "status") != "ACTIVE";
    };
    counters.sample(kNotActive[0], count_if(*ips, is_stuck), {});
    for (const auto& [key, count] : count_by<3>(*ips, {"floating_network_id", "project_id", "status"}))
      counters.sample(kByStatus[0], count,
                      {nullptr, {{"floating_network_id", key[0]}, {"project_id", key[1]}, {"status", key[2]}}});
    for (const Stats& ip : *ips) sample_one(ip, counters);
    return counters;
  }

 private:
  static void sample_one(const Stats& ip, Counters& counters) {
    counters.sample(kOneIp[0], 1,
                    {nullptr,
                     {{"id", text(ip, "id")},
                      {"floating_network_id", text(ip, "floating_network_id")},
                      {"router_id", text(ip, "router_id")},
                      {"status", text(ip, "status")},
                      {"project_id", text(ip, "project_id")},
                      {"floating_ip_address", text(ip, "floating_ip_address")}}});
  }
};

REGISTER_POLLSTER(central, floatingip, FloatingIpPollster);

}  // namespace
}  // namespace virt
