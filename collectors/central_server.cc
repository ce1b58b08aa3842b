// SPDX-License-Identifier: Apache-2.0
// Servers by project and state: Nova's servers, counted.
#include "collectors/central.h"

namespace virt {
namespace {

using namespace central;

constexpr Meter kTotal[] = {
    {"", "openstack_nova_total_vms", Type::kGauge, kOne, "Servers of all projects (Nova servers)."}};
constexpr Meter kServers[] = {{"", "openstack_nova_servers", Type::kGauge, kOne,
                               "Servers of a project with a status (Nova servers tenant_id, status)."}};

class ServerPollster : public CloudPollster {
 public:
  std::vector<Meters> meters() const override { return {kTotal, kServers}; }
  Needs needs() const override { return CloudList::kServers; }

  Counters get_counters(const CloudSnapshot& snapshot) const override {
    Counters counters;
    const CloudItems* const servers = snapshot.items(CloudList::kServers);
    if (servers == nullptr) return counters;
    sample_count(kTotal[0], servers, counters);
    for (const auto& [key, count] : count_by<2>(*servers, {"tenant_id", "status"}))
      counters.sample(kServers[0], count, {nullptr, {{"project_id", key[0]}, {"status", key[1]}}});
    return counters;
  }
};

REGISTER_POLLSTER(central, server, ServerPollster);

}  // namespace
}  // namespace virt
