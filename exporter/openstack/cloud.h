// SPDX-License-Identifier: Apache-2.0
// A cloud: all that is known of its lists, and the thread that reads them.
#ifndef VIRT_EXPORTER_OPENSTACK_CLOUD_H_
#define VIRT_EXPORTER_OPENSTACK_CLOUD_H_

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "exporter/openstack/cloud_session.h"
#include "exporter/openstack/list_read.h"
#include "exporter/openstack/list_state.h"
#include "exporter/openstack/lists.h"
#include "exporter/openstack/snapshot.h"
#include "exporter/openstack/transfers.h"
#include "exporter/process/log.h"
#include "exporter/threads/inbox.h"
#include "exporter/threads/time.h"

namespace virt {

// Reads lists when scrapes ask for them, and never otherwise. Any thread, but for the constructor and destructor.
class Cloud {
 public:
  struct Options {
    std::string admin_role = "admin";
    // How long a scrape waits for what may take long and was never read.
    std::chrono::steady_clock::duration patience = std::chrono::seconds{2};
    Transfers::Limits limits = {};
  };

  // `load` is what CloudSession's is; its thread calls `changed` whenever a list has been read.
  Cloud(CloudConfig config, CloudSession::Load load, Options options, std::function<void()> changed);
  // Gives up what is under way.
  ~Cloud();
  Cloud(const Cloud&) = delete;
  Cloud& operator=(const Cloud&) = delete;

  // Begins to read those of the lists that are due, and does not wait.
  void refresh(Needs needs);
  // Until when a scrape that came at `since` waits for these lists.
  Time awaited_until(Needs needs, Time since) const;
  std::shared_ptr<CloudSnapshot> snapshot(Needs needs) const;

 private:
  // What the thread tells the scrapes beside the lists.
  struct Board {
    bool is_logged_in = false;
    std::optional<CloudScope> scope;
    std::vector<CloudRequests> requests;
    std::uint64_t logins = 0;
  };

  void run();
  void post(std::function<void()> work);
  void start(std::size_t list);
  void end(std::size_t list, ListResult result);
  void start_doubted(Time now);
  Time next_doubted() const;
  Board new_board() const;
  void log(const ListSpec& list, const ListResult& result);
  bool is_cloud_wide() const;
  void log_scope();
  void log_no_answer(const ListSpec& list, const ListResult& result);
  std::optional<bool> is_up(Service service, Needs needs, Time now) const;

  // Constant after construction.
  const Options options_;
  const std::function<void()> changed_;

  // Of the thread.
  LogOnce log_;
  Transfers transfers_;
  CloudSession session_;
  Microversions microversions_;
  std::map<std::size_t, std::unique_ptr<ListRead>> reads_;
  std::vector<std::unique_ptr<ListRead>> ended_;          // may be at work yet
  std::map<std::size_t, Time> doubted_;                   // lists to be read again, and when
  std::map<Service, std::set<std::string_view>> silent_;  // lists without an answer
  bool has_big_ended_ = false, stopping_ = false;

  mutable std::mutex mutex_;
  // Guarded by mutex_.
  std::vector<ListState> lists_;  // as all_lists()
  Board board_;

  Inbox inbox_;
  std::thread thread_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_OPENSTACK_CLOUD_H_
