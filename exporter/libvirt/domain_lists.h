// SPDX-License-Identifier: Apache-2.0
// What libvirt keeps of domains in lists: which start with the host, which are persistent, have a managed save, or
// snapshots.
#ifndef VIRT_EXPORTER_LIBVIRT_DOMAIN_LISTS_H_
#define VIRT_EXPORTER_LIBVIRT_DOMAIN_LISTS_H_

#include <chrono>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "exporter/libvirt/rotation.h"
#include "exporter/libvirt/statistics.h"

namespace virt {

// Of one connection: when it is lost, nothing is known about what changed since. One thread at a time.
class DomainLists {
 public:
  // A list costs one call for all domains. Not every change of one is announced (that of an autostart is not), so
  // they are read again within `refresh`.
  explicit DomainLists(std::chrono::duration<double> refresh) : refresh_(refresh) {}

  // Adds "list.*" to each domain. A list that the driver does not know has no key.
  void add(virConnectPtr connection, std::vector<Reading>& readings, Refresh::Time now);

  // Domains came, went or changed: the lists are read the next time.
  void forget() { lists_.clear(); }

 private:
  using Names = std::unordered_set<std::string>;

  bool read(virConnectPtr connection);

  Refresh refresh_;
  bool is_complete_ = false;
  std::vector<std::optional<Names>> lists_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_DOMAIN_LISTS_H_
