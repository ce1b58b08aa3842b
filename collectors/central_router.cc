// SPDX-License-Identifier: Apache-2.0
// Routers: Neutron's routers.
#include "collectors/central.h"

namespace virt {
namespace {

using namespace central;

constexpr Meter kCount[] = {
    {"", "openstack_neutron_routers", Type::kGauge, kOne, "Routers of all projects (Neutron routers)."}};
constexpr Meter kNotActive[] = {{"", "openstack_neutron_routers_not_active", Type::kGauge, kOne,
                                 "Routers that are not ACTIVE (Neutron routers status)."}};
constexpr Meter kRouter[] = {
    {"", "openstack_neutron_router", Type::kGauge, kOne, "Constant 1; labels describe the router (Neutron routers)."}};

class RouterPollster : public CloudPollster {
 public:
  std::vector<Meters> meters() const override { return {kCount, kNotActive, kRouter}; }
  Needs needs() const override { return CloudList::kRouters; }

  Counters get_counters(const CloudSnapshot& snapshot) const override {
    Counters counters;
    const CloudItems* const routers = snapshot.items(CloudList::kRouters);
    if (routers == nullptr) return counters;
    sample_count(kCount[0], routers, counters);
    counters.sample(kNotActive[0],
                    count_if(*routers, [](const Stats& router) { return text(router, "status") != "ACTIVE"; }), {});
    for (const Stats& router : *routers)
      counters.sample(kRouter[0], 1,
                      {nullptr,
                       {{"id", text(router, "id")},
                        {"name", text(router, "name")},
                        {"project_id", text(router, "project_id")},
                        {"admin_state_up", flag_text(router, "admin_state_up")},
                        {"status", text(router, "status")},
                        {"external_network_id", text(router, "external_gateway_info.network_id")}}});
    return counters;
  }
};

REGISTER_POLLSTER(central, router, RouterPollster);

}  // namespace
}  // namespace virt
