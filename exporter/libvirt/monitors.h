// SPDX-License-Identifier: Apache-2.0
// What QEMU's monitors know of the domains, read by calls of which any may hang.
#ifndef VIRT_EXPORTER_LIBVIRT_MONITORS_H_
#define VIRT_EXPORTER_LIBVIRT_MONITORS_H_

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "exporter/libvirt/cpu_times.h"
#include "exporter/libvirt/domain_connections.h"
#include "exporter/libvirt/monitor_connection.h"
#include "exporter/libvirt/monitor_needs.h"
#include "exporter/libvirt/monitor_plan.h"
#include "exporter/libvirt/part.h"
#include "exporter/process/log.h"
#include "exporter/threads/runner.h"
#include "exporter/waiters.h"

namespace virt {

// Of one connection to libvirt: made anew when that was lost. Used by the thread that runs the inbox's reports. Owned
// by a shared pointer, for calls that come back late to find out whether it is still there.
class Monitors : public std::enable_shared_from_this<Monitors> {
 public:
  struct Options {
    std::string uri;
    MonitorPlan::Options plan;
    Period refresh{60};  // see MonitorNeeds
  };
  // What is the source's, and lives longer.
  struct Context {
    std::shared_ptr<Runner> runner;
    // Waits for the runner's next report until that time, and tends all parts; false if there was none.
    std::function<bool(Deadline)> wait;
    PartOf<SilentConnection>& silent;  // asks the domains whose monitors do not answer
    std::shared_ptr<CallKind> kind;    // of the calls to monitors
    CpuTimes& cpu_times;
    LogOnce& log;
  };

  Monitors(Options options, Context context);
  ~Monitors();  // closes its connections, and waits for none of them

  // Adds to the domains what `groups` say of them, but for those that are marked as silent already; of those that are
  // silent what takes no job, the CPU time and what holds them. Meanwhile tells waiters that must leave what `so_far`
  // gives. Returns by waiters.end(). Throws std::runtime_error if libvirt was lost.
  void read(std::vector<Domain>& domains, Groups groups, Waiters& waiters, const MakeSnapshot& so_far);

  // Whether the domain's monitor answered in the last read.
  bool responds(const Domain& domain) const { return plan_.outcome(domain.uuid) == MonitorPlan::Outcome::kComplete; }

  // Marks active domains with whether they responded and counts those that did not; drops those that
  // vanished since they were listed.
  void mark(std::vector<Domain>& domains, Snapshot& snapshot) const;

  std::size_t calls_left_behind() const { return plan_.calls_left_behind(); }

 private:
  using StatsByUuid = std::unordered_map<std::string, Stats>;
  struct BatchAnswer;

  struct Asked {
    Domain* domain;  // null if it is complete
    Groups groups;
  };

  // A read that is under way.
  struct CurrentRead {
    std::vector<Asked> domains;                           // in their order
    StatsByUuid silent;                                   // those that were asked, and what came of that
    bool answered = false, failed = false, lost = false;  // any of the calls
    std::size_t calls = 0;                                // made so far
  };

  void list(const std::vector<Domain>& domains);
  void run_plan(Waiters& waiters, const MakeSnapshot& so_far);
  std::unordered_set<std::string> released(const Waiters& waiters);
  void wait_for_silent(const Waiters& waiters);
  std::vector<std::string> in_order() const;
  Groups groups_of(const std::string& uuid) const { return current_->domains[positions_.at(uuid)].groups; }
  void ask(MonitorPlan::Batch batch);
  std::shared_ptr<MonitorConnection> take_connection();
  void finish(BatchAnswer& answer);
  void read_suspects();
  void collect_silent();
  void read_silent(const std::vector<std::string>& uuids);
  void add_silent(std::vector<Domain>& domains, const Waiters& waiters);
  bool is_silent(const Domain& domain) const;

  const Options options_;
  const Context context_;
  MonitorPlan plan_;
  MonitorNeeds needs_;
  std::vector<std::shared_ptr<MonitorConnection>> idle_connections_;  // the others are in calls
  std::unique_ptr<CurrentRead> current_;                              // while a read is under way
  // Of the last read: mostly those of the next one as well.
  std::vector<std::string> uuids_;
  std::unordered_map<std::string, std::size_t> positions_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_MONITORS_H_
