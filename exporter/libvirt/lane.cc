// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/lane.h"

#include "exporter/libvirt/connect.h"

namespace virt {

StatisticsByUuid Lane::read(const std::vector<std::string>& uuids, Groups groups) {
  if (!connection_) connection_ = connect(uri_);
  StatisticsByUuid answer;
  for (Statistics& domain : read_batch(domains_.find(connection_.get(), uuids), groups)) {
    std::string uuid = domain.uuid;
    answer.emplace(std::move(uuid), std::move(domain));
  }
  return answer;
}

}  // namespace virt
