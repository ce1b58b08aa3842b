// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/host_reader.h"

#include "exporter/libvirt/connect.h"

namespace virt {

Stats HostReader::read(Groups groups) {
  if (!connection_ || virConnectIsAlive(connection_.get()) != 1) {
    constants_.reset();
    connection_ = connect(uri_);
  }
  Stats host;
  if ((groups & Group::kHost) != 0) {
    if (!constants_) constants_ = read_constants(connection_.get());
    read_node(connection_.get(), *constants_, host);
  }
  if ((groups & Group::kPools) != 0) read_pools(connection_.get(), host);
  if ((groups & Group::kNetworks) != 0) read_networks(connection_.get(), host);
  return host;
}

}  // namespace virt
