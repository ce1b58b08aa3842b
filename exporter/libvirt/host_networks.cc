// SPDX-License-Identifier: Apache-2.0
// libvirt's virtual networks: "network.<n>.*".
#include <memory>
#include <pugixml.hpp>
#include <string>

#include "exporter/libvirt/host_reader.h"
#include "exporter/libvirt/lists.h"

namespace virt {
namespace {

using Networks = Lists<virNetwork, virConnectListAllNetworks, virNetworkFree, virNetworkGetName>;

void read_leases(virNetworkPtr network, const std::string& prefix, Stats& host) {
  virNetworkDHCPLeasePtr* leases = nullptr;
  const int count = virNetworkGetDHCPLeases(network, nullptr, &leases, 0);
  const std::unique_ptr<virNetworkDHCPLeasePtr, Freer<std::free>> owner{leases};
  for (int i = 0; i < count; ++i) virNetworkDHCPLeaseFree(leases[i]);
  if (count >= 0) host.add(prefix + "leases", count);
}

void read_description(virNetworkPtr network, const std::string& prefix, Stats& host) {
  const LibvirtText xml{virNetworkGetXMLDesc(network, 0)};
  pugi::xml_document document;
  if (!xml || !document.load_string(xml.get())) return;
  const auto description = document.child("network");
  host.add(prefix + "bridge", std::string_view{description.child("bridge").attribute("name").value()});
  const auto forward = description.child("forward");  // without one it is isolated; without a mode it is NAT
  host.add(prefix + "forward", std::string_view{forward ? forward.attribute("mode").as_string("nat") : ""});
}

}  // namespace

bool read_networks(virConnectPtr connection, Stats& host) {
  const auto networks = Networks::find(connection, 0);
  if (!networks) return true;  // for all that is known
  if (networks->empty()) return false;
  const auto active = Networks::names(connection, VIR_CONNECT_LIST_NETWORKS_ACTIVE);
  const auto autostart = Networks::names(connection, VIR_CONNECT_LIST_NETWORKS_AUTOSTART);
  const auto persistent = Networks::names(connection, VIR_CONNECT_LIST_NETWORKS_PERSISTENT);
  int index = 0;
  for (const auto& network : *networks) {
    const std::string name = virNetworkGetName(network.get());
    const std::string prefix = "network." + std::to_string(index++) + ".";
    host.add(prefix + "name", std::string_view{name});
    char uuid[VIR_UUID_STRING_BUFLEN] = "";
    virNetworkGetUUIDString(network.get(), uuid);
    host.add(prefix + "uuid", std::string_view{uuid});
    host.add(prefix + "active", static_cast<double>(active.count(name)));
    host.add(prefix + "autostart", static_cast<double>(autostart.count(name)));
    host.add(prefix + "persistent", static_cast<double>(persistent.count(name)));
    if (active.count(name) > 0) read_leases(network.get(), prefix, host);
    read_description(network.get(), prefix, host);
  }
  return true;
}

}  // namespace virt
