// SPDX-License-Identifier: Apache-2.0
// A connection over which the monitors of some domains are asked.
#ifndef VIRT_EXPORTER_LIBVIRT_MONITOR_CONNECTION_H_
#define VIRT_EXPORTER_LIBVIRT_MONITOR_CONNECTION_H_

#include <string>
#include <utility>
#include <vector>

#include "exporter/libvirt/domain_statistics.h"

namespace virt {

// What a domain's monitor is asked for.
struct WantedOfMonitor {
  std::string uuid;
  Groups groups;
};

// One call at a time: until libvirt 10, several threads that wait on one connection may lose an answer, or
// crash. What a connection keeps is thereby one thread's at a time.
class MonitorConnection {
 public:
  explicit MonitorConnection(std::string uri) : uri_(std::move(uri)) {}

  // What each of these domains' groups say of it, in their order. Neighbours with the same groups are asked by one
  // call. A domain whose monitor is held by another call answers at once, in part. Connects the first time. May hang.
  // Throws LibvirtError.
  Answers read(const std::vector<WantedOfMonitor>& wanted);
  // After an error: the connection is dead.
  bool is_lost() const { return connection_ && virConnectIsAlive(connection_.get()) != 1; }

 private:
  const std::string uri_;
  Connection connection_;
  KnownDomains domains_;  // of the connection
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_MONITOR_CONNECTION_H_
