// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/lane.h"

#include "exporter/libvirt/connect.h"

namespace virt {

Answers Lane::read(const std::vector<std::string>& uuids, Groups groups) {
  if (!connection_) connection_ = connect(uri_);
  return read_batch(domains_.find(connection_.get(), uuids), groups);
}

}  // namespace virt
