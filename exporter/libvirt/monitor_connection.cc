// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/monitor_connection.h"

#include "exporter/libvirt/connection.h"

namespace virt {

Answers MonitorConnection::read(const std::vector<std::string>& uuids, Groups groups) {
  if (!connection_) connection_ = open_connection(uri_);
  Answers answers = read_batch(domains_.find(connection_.get(), uuids), groups);
  for (std::size_t i = 0; i < uuids.size(); ++i)
    if (!answers[i]) domains_.forget(uuids[i]);
  return answers;
}

}  // namespace virt
