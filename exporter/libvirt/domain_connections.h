// SPDX-License-Identifier: Apache-2.0
// Connections over which is read what needs no monitor of QEMU: of all domains, or of those that are named.
#ifndef VIRT_EXPORTER_LIBVIRT_DOMAIN_CONNECTIONS_H_
#define VIRT_EXPORTER_LIBVIRT_DOMAIN_CONNECTIONS_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "exporter/libvirt/autostart_once.h"
#include "exporter/libvirt/domain_lists.h"
#include "exporter/libvirt/domain_statistics.h"
#include "exporter/libvirt/events.h"
#include "exporter/libvirt/handles.h"
#include "exporter/libvirt/part_call.h"
#include "exporter/libvirt/per_domain.h"

namespace virt {

// What is kept of a connection for what no bulk call says: libvirt's lists, and on which CPUs vCPUs are.
class DomainExtras {
 public:
  explicit DomainExtras(std::chrono::duration<double> refresh) : lists_(refresh), autostart_once_(refresh) {}

  // Adds kLists, kPlacement, and the CPU time of domains that run as kCpuTotal has it, if `groups` have them and no
  // monitor is needed for more. The lists are read again if domains came, went, started, stopped
  // or had an event since the last time, of which `events` is the number.
  void add(virConnectPtr connection, Groups groups, std::uint64_t events, std::vector<Reading>& readings);

 private:
  void add_cpu_times(std::vector<Reading>& readings);
  bool have_changed(std::uint64_t events, const std::vector<Reading>& readings);

  DomainLists lists_;
  AutostartOnce autostart_once_;
  PerDomain<unsigned> without_cpu_times_;  // libvirt's numbers of their runs
  // At the last time.
  std::uint64_t events_seen_ = 0;
  std::vector<std::pair<std::string, unsigned>> runs_;  // UUIDs and libvirt's numbers
};

// Events that are listened to over one connection, whichever it is.
struct EventFeed {
  std::shared_ptr<Events> events;
  std::atomic<bool> is_taken = false;  // by a connection
};

// All domains, or one.
struct WantedDomains {
  Groups groups = 0;
  std::optional<Domain> one = {};  // with its facts: it is read by itself, where there are no bulk statistics

  std::string key() const { return one ? one->uuid : groups == Group::kState ? "list of states" : "list"; }
};
struct FoundDomains {
  Groups groups;
  std::vector<Domain> domains;
  bool is_list;              // else it is the one
  bool has_bulk_statistics;  // so that monitors are to be asked apart; if not, the domains are to be read one by one
};

// See PartCall.
class DomainConnection {
 public:
  using Wanted = WantedDomains;
  using Found = FoundDomains;

  // `connecting` is the kind of its connection.
  DomainConnection(std::string uri, std::chrono::duration<double> refresh, std::shared_ptr<EventFeed> feed,
                   std::shared_ptr<CallKind> connecting);
  ~DomainConnection();

  void open();
  // All domains, with what `groups` ask for and no monitor and no XML is needed for, by calls of which none waits for a
  // job; or one, with all that they ask for. Throws LibvirtError.
  Reply<Wanted, Found> read(Wanted wanted);

 private:
  std::vector<Domain> list(Groups groups);

  const std::string uri_;
  const std::shared_ptr<EventFeed> feed_;
  const std::shared_ptr<CallKind> connecting_;
  Connection connection_;
  std::optional<Listener> listener_;  // if this is the connection over which events come
  bool has_bulk_statistics_ = false;
  DomainExtras extras_;
  KnownUuids uuids_;
  KnownDomains known_;
};

// Some domains, by UUID.
struct WantedOfDomains {
  std::vector<std::string> uuids;
  Groups groups;

  static std::string key() { return {}; }
};

// Reads groups that need no monitor for these domains alone, and looks at no others. See PartCall.
class NamedDomainsConnection {
 public:
  using Wanted = WantedOfDomains;
  using Found = std::vector<Domain>;  // those that are still there

  NamedDomainsConnection(std::string uri, std::chrono::duration<double> refresh, std::shared_ptr<EventFeed> feed)
      : uri_(std::move(uri)), refresh_(refresh), feed_(std::move(feed)) {}

  void open();
  Reply<Wanted, Found> read(const Wanted& wanted);

 private:
  const std::string uri_;
  const std::chrono::duration<double> refresh_;
  const std::shared_ptr<EventFeed> feed_;
  Connection connection_;
  // Of the connection.
  KnownDomains known_;
  KnownUuids uuids_;
  std::optional<DomainExtras> extras_;
};

// The state of one domain; without a domain if it is not there, and without a UUID if the list came.
struct FoundState {
  std::string uuid;
  std::optional<Domain> domain;
};

// A connection, and handles of the domains that libvirt listed over it.
struct HandleConnection {
  Connection connection;
  std::unordered_map<std::string, DomainHandle> handles = {};  // by UUID
};

// Those that are in no call: where one waits for a domain, the others are asked over another one. Any thread.
class HandleConnections {
 public:
  explicit HandleConnections(std::size_t count) : count_(count), spare_(count) {}

  // The one that knows most; a new one if there is none.
  HandleConnection take();
  // All that are in no call.
  std::vector<HandleConnection> take_all();
  void give_back(HandleConnection connection);

 private:
  const std::size_t count_;
  std::mutex mutex_;
  std::vector<HandleConnection> spare_;  // guarded by mutex_
};

// Asks one domain after the other for its state, where the list of all hangs: with handles from an earlier list, by the
// call that takes several. While any other call with a handle waits for a domain, such as one that is looked up by its
// UUID, libvirt lets nobody define or create another one. See PartCall.
class StateConnection {
 public:
  struct Wanted {
    std::string uuid = {};  // empty: the list, for the handles of all connections that are in no call
    const std::string& key() const { return uuid; }
  };
  using Found = FoundState;

  // Takes one of `connections` when it opens.
  StateConnection(std::string uri, std::shared_ptr<HandleConnections> connections)
      : uri_(std::move(uri)), connections_(std::move(connections)) {}
  StateConnection(std::string uri, std::shared_ptr<HandleConnections> connections, HandleConnection own)
      : uri_(std::move(uri)), connections_(std::move(connections)), own_(std::move(own)) {}
  ~StateConnection();
  StateConnection(const StateConnection&) = delete;
  StateConnection& operator=(const StateConnection&) = delete;

  void open();
  // Finds nothing of a domain that was not in the list; of the list, that it came.
  Reply<Wanted, Found> read(const Wanted& wanted);

 private:
  void list();
  void list_all();

  const std::string uri_;
  const std::shared_ptr<HandleConnections> connections_;
  std::optional<HandleConnection> own_;
};

// What can be known of a domain whose monitor is silent.
struct WantedSilent {
  std::string uuid;
  Groups groups;

  const std::string& key() const { return uuid; }
};
struct FoundSilent {
  std::string uuid;
  // Its CPU time, if it is among the groups, and "control.state" and "control.busy" (milliseconds) of
  // virDomainGetControlInfo.
  Stats stats;
  // Since when another call holds its monitor; nothing if none does, as far as is known.
  std::optional<std::chrono::milliseconds> held;
};

// By calls that take no job. See PartCall.
class SilentConnection {
 public:
  using Wanted = WantedSilent;
  using Found = FoundSilent;

  explicit SilentConnection(std::string uri) : uri_(std::move(uri)) {}

  void open();
  Reply<Wanted, Found> read(const Wanted& wanted);

 private:
  const std::string uri_;
  Connection connection_;
  KnownDomains known_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_DOMAIN_CONNECTIONS_H_
