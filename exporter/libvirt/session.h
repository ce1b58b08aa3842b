// SPDX-License-Identifier: Apache-2.0
// The connection for what needs no monitor of QEMU, and what is kept for as long as it lasts.
#ifndef VIRT_EXPORTER_LIBVIRT_SESSION_H_
#define VIRT_EXPORTER_LIBVIRT_SESSION_H_

#include <chrono>
#include <memory>
#include <string>
#include <unordered_set>
#include <vector>

#include "exporter/libvirt/autostart_once.h"
#include "exporter/libvirt/domain_lists.h"
#include "exporter/libvirt/events.h"
#include "exporter/libvirt/facts_cache.h"

namespace virt {

// Used by one thread at a time. Every function may hang, and throws LibvirtError.
class Session {
 public:
  // Connects.
  Session(const std::string& uri, std::chrono::duration<double> xml_refresh, std::shared_ptr<Events> events);

  // Whether the driver has bulk statistics, so that the domains' monitors are to be asked apart. If not,
  // list() gives everything.
  bool has_bulk_statistics() const { return has_bulk_statistics_; }

  // All domains, with what `groups` ask for and no monitor is needed for.
  std::vector<Domain> list(Groups groups);

  // Whether the last list() leaves XML to be read again in its turn, which has time while monitors are asked.
  bool has_turns() const { return facts_.has_turns(); }
  // Reads it. Gives the facts that are others now.
  FactsByUuid refresh_facts() { return facts_.refresh(); }

  // What can be known of a domain whose monitor is silent, by UUID: its CPU time, and "control.state" and
  // "control.busy" (milliseconds) from virDomainGetControlInfo. Takes no job.
  Stats read_silent(const std::string& uuid, Groups groups);

  // Those of `domains` whose monitor nobody has held for longer than `moment`.
  std::unordered_set<std::string> released(const std::unordered_set<std::string>& domains,
                                           std::chrono::duration<double> moment);

  // Whether libvirt still answers.
  bool is_alive() const;

 private:
  const Connection connection_;
  const std::shared_ptr<Events> events_;
  const Listener listener_;
  const bool has_bulk_statistics_;
  FactsCache facts_;
  DomainLists lists_;
  AutostartOnce autostart_once_;
  KnownUuids uuids_;
  KnownDomains silent_;  // domains that were
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_SESSION_H_
