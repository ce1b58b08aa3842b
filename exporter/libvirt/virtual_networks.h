// SPDX-License-Identifier: Apache-2.0
// libvirt's virtual networks: "network.<n>.*".
#ifndef VIRT_EXPORTER_LIBVIRT_VIRTUAL_NETWORKS_H_
#define VIRT_EXPORTER_LIBVIRT_VIRTUAL_NETWORKS_H_

#include <string>
#include <utility>
#include <vector>

#include "exporter/libvirt/lists.h"
#include "exporter/libvirt/named_connection.h"

namespace virt {

// See NamedConnection.
struct VirtualNetworks
    : Lists<virNetwork, virConnectListAllNetworks, virNetworkFree, virNetworkGetName, virNetworkGetUUIDString> {
  static constexpr char kPrefix[] = "network.";
  // NOLINTNEXTLINE(readability-identifier-naming): called like a function
  static constexpr auto find_by_uuid = virNetworkLookupByUUIDString;

  static std::vector<std::pair<Handle, ListedFacts>> list(virConnectPtr connection);
  static ListedFacts facts(virNetworkPtr network);
  static void read(virNetworkPtr network, const ListedFacts& facts, const std::string& prefix, StatsBuilder& stats);
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_VIRTUAL_NETWORKS_H_
