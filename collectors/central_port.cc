// SPDX-License-Identifier: Apache-2.0
// Ports, which are too many for a series each: Neutron's ports, counted.
#include "collectors/central.h"

namespace virt {
namespace {

using namespace central;

constexpr Meter kCounts[] = {
    {"", "openstack_neutron_ports", Type::kGauge, kOne, "Ports of all projects (Neutron ports)."},
    {"", "openstack_neutron_ports_no_ips", Type::kGauge, kOne,
     "ACTIVE ports without an address (Neutron ports status, fixed_ips)."},
    {"", "openstack_neutron_ports_lb_not_active", Type::kGauge, kOne,
     "Ports of neutron-lbaas load balancers that are not ACTIVE (Neutron ports device_owner, status)."},
};
constexpr Meter kByState[] = {
    {"", "openstack_neutron_ports_by_state", Type::kGauge, kOne,
     "Ports of a network with an owner, a status and a type of binding, such as binding_failed (Neutron ports)."}};

class PortPollster : public CloudPollster {
 public:
  std::vector<Meters> meters() const override { return {kCounts, kByState}; }
  Needs needs() const override { return CloudList::kPorts; }

  Counters get_counters(const CloudSnapshot& snapshot) const override {
    Counters counters;
    const CloudItems* const ports = snapshot.items(CloudList::kPorts);
    if (ports == nullptr) return counters;
    const auto is_active = [](const Stats& port) { return text(port, "status") == "ACTIVE"; };
    sample_count(kCounts[0], ports, counters);
    counters.sample(
        kCounts[1],
        count_if(*ports, [&](const Stats& port) { return is_active(port) && port.number("fixed_ips.#") == 0.0; }), {});
    counters.sample(kCounts[2],
                    count_if(*ports,
                             [&](const Stats& port) {
                               return text(port, "device_owner") == "neutron:LOADBALANCERV2" && !is_active(port);
                             }),
                    {});
    for (const auto& [key, count] : count_by<4>(*ports, {"network_id", "device_owner", "status", "binding:vif_type"}))
      counters.sample(
          kByState[0], count,
          {nullptr,
           {{"network_id", key[0]}, {"device_owner", key[1]}, {"status", key[2]}, {"binding_vif_type", key[3]}}});
    return counters;
  }
};

REGISTER_POLLSTER(central, port, PortPollster);

}  // namespace
}  // namespace virt
