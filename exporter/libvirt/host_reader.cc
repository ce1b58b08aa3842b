// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/host_reader.h"

namespace virt {

Stats HostReader::read(Groups groups) {
  Stats host;
  if ((groups & Group::kHost) != 0) {
    if (!topology_) topology_ = read_topology(connection_);
    read_node(connection_, *topology_, host);
  }
  if ((groups & Group::kPools) != 0) read_pools(connection_, host);
  if ((groups & Group::kNetworks) != 0) read_networks(connection_, host);
  return host;
}

}  // namespace virt
