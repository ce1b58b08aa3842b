// SPDX-License-Identifier: Apache-2.0
// What libvirt says of the host itself: its CPUs and memory, storage pools, virtual networks. No call here takes a
// domain's job or asks a monitor; a driver that does not know one of them leaves its keys out.
#ifndef VIRT_EXPORTER_LIBVIRT_HOST_READER_H_
#define VIRT_EXPORTER_LIBVIRT_HOST_READER_H_

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "exporter/libvirt/handles.h"
#include "exporter/pollster.h"
#include "exporter/snapshot.h"

namespace virt {

// The host's NUMA cells and the sizes of its memory pages in KiB, the smallest first. They do not change while it is
// up, and libvirt gathers its capabilities anew each time it is asked.
struct Topology {
  std::vector<int> cells;
  std::vector<unsigned> page_sizes;
};
Topology read_topology(virConnectPtr connection);

// Each adds its part of Snapshot::host.
void read_node(virConnectPtr connection, const Topology& topology, Stats& host);
// Asks for what libvirt knows already: it never has a pool refreshed.
void read_pools(virConnectPtr connection, Stats& host);
void read_networks(virConnectPtr connection, Stats& host);

// Reads the host over a connection of its own: libvirt waits for a pool that another has locked, while it is refreshed
// for example. One thread at a time.
class HostReader {
 public:
  // Connects on the first read, and again if the connection was lost.
  explicit HostReader(std::string uri) : uri_(std::move(uri)) {}

  // Those of kHost, kPools and kNetworks that `groups` has. May hang; throws LibvirtError.
  Stats read(Groups groups);

 private:
  const std::string uri_;
  Connection connection_;
  std::optional<Topology> topology_;  // of the connection
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_HOST_READER_H_
