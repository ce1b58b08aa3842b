// SPDX-License-Identifier: Apache-2.0
// libvirt's own virtual networks: "network.<n>.*".
#include "exporter/pollster.h"

namespace virt {
namespace {

constexpr Meter kNetwork[] = {
    {"active", "libvirt_virtual_network_active", Type::kGauge, kOne,
     "1 if the network is up, virConnectListAllNetworks(ACTIVE)."},
    {"autostart", "libvirt_virtual_network_autostart", Type::kGauge, kOne,
     "1 if the network starts with the host, virConnectListAllNetworks(AUTOSTART)."},
    {"persistent", "libvirt_virtual_network_persistent", Type::kGauge, kOne,
     "1 if the network has a definition that outlives its run, virConnectListAllNetworks(PERSISTENT)."},
    {"leases", "libvirt_virtual_network_dhcp_leases", Type::kGauge, kOne,
     "Addresses that libvirt's DHCP server has given to guests of an active network, virNetworkGetDHCPLeases."},
};

constexpr Meter kInfo[] = {
    {"", "libvirt_virtual_network_info", Type::kGauge, kOne,
     "Constant 1; what the network is: uuid, bridge and forward mode (empty: isolated) of its XML."},
};

class VirtualNetworkPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override { return {kNetwork, kInfo}; }
  Groups groups() const override { return Group::kNetworks; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Record& network : snapshot.host.group("network")) {
      const auto text = [&](const char* key) { return std::string{network.text(key).value_or("")}; };
      sample(kNetwork, network, {nullptr, {{"virtual_network", text("name")}}}, counters);
      sample(kInfo[0], 1,
             {nullptr,
              {{"virtual_network", text("name")},
               {"uuid", text("uuid")},
               {"bridge", text("bridge")},
               {"forward_mode", text("forward")}}},
             counters);
    }
    return counters;
  }
};

REGISTER_POLLSTER(compute, virtual_network, VirtualNetworkPollster);

}  // namespace
}  // namespace virt
