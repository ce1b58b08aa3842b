// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/virtual_networks.h"

#include <algorithm>
#include <memory>
#include <pugixml.hpp>

namespace virt {
namespace {

void read_leases(virNetworkPtr network, const std::string& prefix, StatsBuilder& stats) {
  virNetworkDHCPLeasePtr* leases = nullptr;
  const int count = virNetworkGetDHCPLeases(network, nullptr, &leases, 0);
  const std::unique_ptr<virNetworkDHCPLeasePtr, Freer<std::free>> owner{leases};
  for (int i = 0; i < count; ++i) virNetworkDHCPLeaseFree(leases[i]);
  if (count >= 0) stats.add(prefix + "leases", count);
}

void read_description(virNetworkPtr network, const std::string& prefix, StatsBuilder& stats) {
  const LibvirtText xml{virNetworkGetXMLDesc(network, 0)};
  pugi::xml_document document;
  if (!xml || !document.load_string(xml.get())) return;
  const auto description = document.child("network");
  stats.add(prefix + "bridge", std::string_view{description.child("bridge").attribute("name").value()});
  const auto forward = description.child("forward");  // without one it is isolated; without a mode it is NAT
  stats.add(prefix + "forward", std::string_view{forward ? forward.attribute("mode").as_string("nat") : ""});
}

}  // namespace

std::vector<std::pair<VirtualNetworks::Handle, ListedFacts>> VirtualNetworks::list(virConnectPtr connection) {
  static constexpr Flag kFlags[] = {{VIR_CONNECT_LIST_NETWORKS_ACTIVE, "active"},
                                    {VIR_CONNECT_LIST_NETWORKS_AUTOSTART, "autostart"},
                                    {VIR_CONNECT_LIST_NETWORKS_PERSISTENT, "persistent"}};
  return all(connection, kFlags);
}

ListedFacts VirtualNetworks::facts(virNetworkPtr network) {
  ListedFacts facts;
  add_fact("active", virNetworkIsActive(network), facts);
  int autostart = 0;
  add_fact("autostart", virNetworkGetAutostart(network, &autostart) < 0 ? -1 : autostart, facts);
  add_fact("persistent", virNetworkIsPersistent(network), facts);
  return facts;
}

void VirtualNetworks::read(virNetworkPtr network, const ListedFacts& facts, const std::string& prefix,
                           StatsBuilder& stats) {
  const bool is_off = std::find(facts.begin(), facts.end(), ListedFacts::value_type{"active", false}) != facts.end();
  if (!is_off) read_leases(network, prefix, stats);
  read_description(network, prefix, stats);
}

}  // namespace virt
