// SPDX-License-Identifier: Apache-2.0
// The connection for what needs no monitor of QEMU, and what is kept for as long as it lasts.
#ifndef VIRT_EXPORTER_LIBVIRT_SESSION_H_
#define VIRT_EXPORTER_LIBVIRT_SESSION_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "exporter/libvirt/autostart_once.h"
#include "exporter/libvirt/domain_lists.h"
#include "exporter/libvirt/domain_statistics.h"
#include "exporter/libvirt/events.h"
#include "exporter/libvirt/handles.h"

namespace virt {

// Used by one thread at a time. Every function may hang, and throws LibvirtError.
class Session {
 public:
  // Connects.
  Session(const std::string& uri, std::chrono::duration<double> xml_refresh, std::shared_ptr<Events> events);

  // Whether the driver has bulk statistics, so that the domains' monitors are to be asked apart. If not, they are to be
  // read by read_each().
  bool has_bulk_statistics() const { return has_bulk_statistics_; }

  // All domains, with what `groups` ask for and no monitor and no XML is needed for: no call here waits for a job.
  std::vector<Domain> list(Groups groups);

  // Adds what `groups` ask for to each of these domains, which have their facts.
  std::vector<Domain> read_each(std::vector<Domain> domains, Groups groups);

  // What can be known of a domain whose monitor is silent, by UUID: its CPU time, and "control.state" and
  // "control.busy" (milliseconds) from virDomainGetControlInfo. Takes no job.
  Stats read_silent(const std::string& uuid, Groups groups);

  // Those of `domains` whose monitor nobody has held for longer than `moment`.
  std::unordered_set<std::string> released(const std::unordered_set<std::string>& domains,
                                           std::chrono::duration<double> moment);

  // Whether libvirt still answers.
  bool is_alive() const;

 private:
  // Whether domains came, went, started, stopped or had an event since the last time.
  bool have_changed(const std::vector<Reading>& readings);

  const Connection connection_;
  const std::shared_ptr<Events> events_;
  const Listener listener_;
  const bool has_bulk_statistics_;
  DomainLists lists_;
  AutostartOnce autostart_once_;
  KnownUuids uuids_;
  KnownDomains known_;
  // At the last list().
  std::uint64_t events_seen_ = 0;
  std::vector<std::pair<std::string, unsigned>> runs_;  // UUIDs and libvirt's numbers
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_SESSION_H_
