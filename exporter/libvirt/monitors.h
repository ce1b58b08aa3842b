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

#include "exporter/libvirt/call_kinds.h"
#include "exporter/libvirt/cpu_times.h"
#include "exporter/libvirt/lane.h"
#include "exporter/libvirt/monitor_plan.h"
#include "exporter/libvirt/session.h"
#include "exporter/process/log.h"
#include "exporter/threads/guarded_calls.h"

namespace virt {

// Of one session: made anew when that was lost. Used by the thread that runs the inbox's reports. Owned by a
// shared pointer, for calls that come back late to find out whether it is still there.
class Monitors : public std::enable_shared_from_this<Monitors> {
 public:
  struct Options {
    std::string uri;
    MonitorPlan::Options plan;
  };
  // What is the source's, and lives longer.
  struct Means {
    ThreadPool& threads;
    std::shared_ptr<Inbox> inbox;
    GuardedCalls& calls;
    const CallKinds& kinds;
    CpuTimes& cpu_times;
    LogOnce& log;
  };

  Monitors(Options options, Means means, std::shared_ptr<Session> session);
  ~Monitors();  // closes its connections, and waits for none of them

  // Adds to the domains what `groups` say of them; of those that are silent what takes no job, the CPU time
  // and what holds them. Meanwhile tells waiters that must leave what `so_far` gives. Returns by
  // waiters.end(). Throws std::runtime_error if libvirt was lost.
  void read(std::vector<Domain>& domains, Groups groups, Waiters& waiters, const MakeSnapshot& so_far);

  // Marks active domains with whether they responded and counts those that did not; drops those that
  // vanished since they were listed.
  void mark(std::vector<Domain>& domains, Snapshot& snapshot) const;

 private:
  using StatsByUuid = std::unordered_map<std::string, Stats>;
  struct BatchAnswer;

  // A read that is under way.
  struct Asking {
    std::vector<Domain*> domains;  // in their order; null for one that is complete
    Groups groups;
    std::shared_ptr<StatsByUuid> silent;    // filled by a call over the session: looked at while there is none
    bool answered = false, failed = false;  // any of the calls
    std::size_t calls = 0;                  // made so far
  };

  void list(const std::vector<Domain>& domains);
  void run_plan(Waiters& waiters, const MakeSnapshot& so_far);
  template <typename Call>
  auto try_await(Call call, const Waiters& waiters) -> std::optional<decltype(call())>;
  std::unordered_set<std::string> released(const Waiters& waiters);
  void ask(MonitorPlan::Batch batch);
  std::shared_ptr<Lane> take_lane();
  void finish(BatchAnswer& answer);
  void read_suspects();
  void read_silent(std::vector<std::string> uuids);
  void add_silent(std::vector<Domain>& domains, const Waiters& waiters);
  bool is_silent(const Domain& domain) const;
  bool is_alive(const Waiters& waiters);

  const Options options_;
  const Means means_;
  const std::shared_ptr<Session> session_;
  MonitorPlan plan_;
  std::vector<std::shared_ptr<Lane>> idle_lanes_;  // the others are in calls
  std::unique_ptr<Asking> asking_;                 // while a read is under way
  // Of the last read: mostly those of the next one as well.
  std::vector<std::string> uuids_;
  std::unordered_map<std::string, std::size_t> positions_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_MONITORS_H_
