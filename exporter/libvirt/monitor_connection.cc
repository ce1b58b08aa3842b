// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/monitor_connection.h"

#include <algorithm>
#include <functional>
#include <iterator>

#include "exporter/libvirt/connection.h"

namespace virt {

Answers MonitorConnection::read(const std::vector<WantedOfMonitor>& wanted) {
  if (!connection_) connection_ = open_connection(uri_);
  Answers answers;
  for (auto first = wanted.begin(); first != wanted.end();) {
    const auto is_other = [groups = first->groups](const WantedOfMonitor& one) { return one.groups != groups; };
    const auto end = std::find_if(first, wanted.end(), is_other);
    std::vector<std::string> uuids;
    std::transform(first, end, std::back_inserter(uuids), std::mem_fn(&WantedOfMonitor::uuid));
    Answers some = read_batch(domains_.find(connection_.get(), uuids), first->groups);
    answers.insert(answers.end(), std::make_move_iterator(some.begin()), std::make_move_iterator(some.end()));
    first = end;
  }
  for (std::size_t i = 0; i < wanted.size(); ++i)
    if (!answers[i]) domains_.forget(wanted[i].uuid);
  return answers;
}

}  // namespace virt
