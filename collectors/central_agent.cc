// SPDX-License-Identifier: Apache-2.0
// Whether the services on the nodes are alive: Neutron's agents, Nova's and Cinder's os-services.
#include "collectors/central.h"

namespace virt {
namespace {

using namespace central;

constexpr Meter kNeutron[] = {
    {"", "openstack_neutron_agent_state", Type::kGauge, kOne,
     "1 if the agent is alive, else 0; adminState is up or down (Neutron agents alive, admin_state_up)."}};
constexpr Meter kNova[] = {
    {"", "openstack_nova_agent_state", Type::kGauge, kOne,
     "1 if the service is up, else 0; adminState is enabled or disabled (Nova os-services state, status)."}};
constexpr Meter kCinder[] = {
    {"", "openstack_cinder_agent_state", Type::kGauge, kOne,
     "1 if the service is up, else 0; adminState is enabled or disabled (Cinder os-services state, status)."}};

class AgentPollster : public CloudPollster {
 public:
  std::vector<Meters> meters() const override { return {kNeutron, kNova, kCinder}; }
  Needs needs() const override {
    return CloudList::kNetworkAgents | CloudList::kComputeServices | CloudList::kVolumeServices;
  }

  Counters get_counters(const CloudSnapshot& snapshot) const override {
    Counters counters;
    if (const CloudItems* const agents = snapshot.items(CloudList::kNetworkAgents))
      for (const Stats& agent : *agents) sample_agent(agent, counters);
    if (const CloudItems* const services = snapshot.items(CloudList::kComputeServices))
      for (const Stats& service : *services) sample_service(kNova[0], "id", nova_id(service), service, counters);
    if (const CloudItems* const services = snapshot.items(CloudList::kVolumeServices))  // they have no id
      for (const Stats& service : *services) sample_service(kCinder[0], "uuid", "", service, counters);
    return counters;
  }

 private:
  static void sample_agent(const Stats& agent, Counters& counters) {
    const auto alive = agent.number("alive"), admin_up = agent.number("admin_state_up");
    if (!alive) return;
    counters.sample(kNeutron[0], *alive,
                    {nullptr,
                     {{"id", text(agent, "id")},
                      {"hostname", text(agent, "host")},
                      {"service", text(agent, "binary")},
                      {"adminState", !admin_up        ? ""
                                     : *admin_up != 0 ? "up"
                                                      : "down"},
                      {"availability_zone", text(agent, "availability_zone")}}});
  }

  // Before microversion 2.53 it was a number.
  static std::string nova_id(const Stats& service) {
    const std::string number = number_text(service, "id");
    return number.empty() ? std::string{text(service, "id")} : number;
  }

  static void sample_service(const Meter& meter, LabelName id_label, std::string_view id, const Stats& service,
                             Counters& counters) {
    counters.sample(meter, text(service, "state") == "up" ? 1 : 0,
                    {nullptr,
                     {{id_label, id},
                      {"hostname", text(service, "host")},
                      {"service", text(service, "binary")},
                      {"adminState", text(service, "status")},
                      {"zone", text(service, "zone")},
                      {"disabledReason", text(service, "disabled_reason")}}});
  }
};

REGISTER_POLLSTER(central, agent, AgentPollster);

}  // namespace
}  // namespace virt
