// SPDX-License-Identifier: Apache-2.0
// What libvirt tells unasked: domains that started, stopped, crashed, were changed …
#ifndef VIRT_EXPORTER_LIBVIRT_EVENTS_H_
#define VIRT_EXPORTER_LIBVIRT_EVENTS_H_

#include <libvirt/libvirt.h>

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "exporter/libvirt/snapshot.h"

namespace virt {

// Counts events since the exporter started, over all connections, and remembers whose XML they outdate.
// Any thread.
class Events {
 public:
  // Counts an event from 0 with each of these details, so that the first one can be seen to happen. What is counted
  // already goes on.
  void begin(const std::string& event, const std::vector<std::string>& details);

  // A domain's event; its XML is outdated.
  void add(const std::string& uuid, const std::string& event, const std::string& detail);

  // The UUIDs of domains whose XML is outdated since the last call.
  std::unordered_set<std::string> take_changed();
  std::vector<EventCount> counts() const;
  // How many there were, of all kinds.
  std::uint64_t number() const;

 private:
  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::map<std::pair<std::string, std::string>, std::uint64_t> counts_;
  std::uint64_t number_ = 0;
  std::unordered_set<std::string> changed_;
};

// Listens at a connection for as long as it lives; the connection must live longer, and the event loop run. The kinds
// of events that the library, the daemon and the driver know begin to be counted; libvirt refuses the others, as an
// older one does with newer ones.
class Listener {
 public:
  Listener(virConnectPtr connection, const std::shared_ptr<Events>& events);
  ~Listener();  // as long as it is not done, the connection stays open
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

 private:
  const virConnectPtr connection_;
  std::vector<int> registered_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_EVENTS_H_
