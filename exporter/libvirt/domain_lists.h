// SPDX-License-Identifier: Apache-2.0
// What libvirt keeps of domains in lists: which start with the host, which are persistent, have a managed save, or
// snapshots.
#ifndef VIRT_EXPORTER_LIBVIRT_DOMAIN_LISTS_H_
#define VIRT_EXPORTER_LIBVIRT_DOMAIN_LISTS_H_

#include <bitset>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "exporter/libvirt/domain_statistics.h"
#include "exporter/libvirt/rotation.h"
#include "exporter/threads/time.h"

namespace virt {

// Of one connection: when it is lost, nothing is known about what changed since. One thread at a time.
class DomainLists {
 public:
  // A list costs one call for all domains. Not every change of one is announced (that of an autostart is not), so
  // they are read again within `refresh`.
  explicit DomainLists(std::chrono::duration<double> refresh) : refresh_(refresh) {}

  // Adds "list.*" to each domain. A list that the driver does not know has no key.
  void add(virConnectPtr connection, std::vector<Reading>& readings, Time now);

  // Domains came, went or changed: the lists are read the next time.
  void forget() { lists_.reset(); }

 private:
  static constexpr std::size_t kNumber = 4;
  using Membership = std::bitset<kNumber>;  // a bit for each list

  struct Lists {
    bool are_complete = true;                             // false if one could not be read for now
    Membership known;                                     // those that the driver has
    std::unordered_map<std::string, Membership> domains;  // by name, of those that are in any
  };
  static Lists read(virConnectPtr connection);

  Refresh refresh_;
  std::optional<Lists> lists_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_DOMAIN_LISTS_H_
