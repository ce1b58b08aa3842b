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

// What does not change while a connection lasts, and is asked for once: each call wakes several threads, here and in
// libvirtd, which gathers its capabilities anew each time.
struct HostConstants {
  std::vector<int> cells;                                                       // of NUMA
  std::vector<unsigned> page_sizes;                                             // in KiB, the smallest first
  Stats stats;                                                                  // name, driver and versions
  int cpu_times = 0, memory_sizes = 0, cell_sizes = 0, merging_parameters = 0;  // how many numbers libvirt has of each
};
HostConstants read_constants(virConnectPtr connection);

// Each adds its part of Snapshot::host.
void read_node(virConnectPtr connection, const HostConstants& constants, Stats& host);
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
  std::optional<HostConstants> constants_;  // of the connection
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_HOST_READER_H_
