// SPDX-License-Identifier: Apache-2.0
// libvirt's own virtual networks: "network.<n>.*".
#include "exporter/libvirt/snapshot.h"

namespace virt {
namespace {

constexpr Meter kNetwork[] = {
    {"active", "libvirt_virtual_network_active", Type::kGauge, kOne,
     "1 if the virtual network is active, else 0 (virConnectListAllNetworks ACTIVE)."},
    {"autostart", "libvirt_virtual_network_autostart", Type::kGauge, kOne,
     "1 if the virtual network starts with the host, else 0 (virConnectListAllNetworks AUTOSTART)."},
    {"persistent", "libvirt_virtual_network_persistent", Type::kGauge, kOne,
     "1 if the virtual network remains defined after it stops, 0 if it is transient (virConnectListAllNetworks "
     "PERSISTENT)."},
    {"leases", "libvirt_virtual_network_dhcp_leases", Type::kGauge, kOne,
     "DHCP leases that libvirt granted in an active virtual network (virNetworkGetDHCPLeases)."},
    {"responding", "libvirt_virtual_network_responding", Type::kGauge, kOne,
     "1 if libvirt answered for the virtual network in this scrape, 0 if it did not in time, as while a hook runs "
     "(virNetworkGetXMLDesc)."},
};

constexpr Meter kInfo[] = {
    {"", "libvirt_virtual_network_info", Type::kGauge, kOne,
     "Constant 1; labels describe the virtual network's UUID, bridge and forward mode, which is empty if isolated "
     "(network XML)."},
};

class VirtualNetworkPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override { return {kNetwork, kInfo}; }
  Needs needs() const override { return Group::kNetworks; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Record& network : snapshot.host.group("network")) {
      const auto text = [&](const char* key) { return std::string{network.text(key).value_or("")}; };
      counters.sample(kNetwork, network, {nullptr, {{"virtual_network", text("name")}}});
      if (network.number("responding") == 0.0) continue;
      counters.sample(kInfo[0], 1,
                      {nullptr,
                       {{"virtual_network", text("name")},
                        {"uuid", text("uuid")},
                        {"bridge", text("bridge")},
                        {"forward_mode", text("forward")}}});
    }
    return counters;
  }
};

REGISTER_POLLSTER(compute, virtual_network, VirtualNetworkPollster);

}  // namespace
}  // namespace virt
