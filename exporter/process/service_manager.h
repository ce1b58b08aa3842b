// SPDX-License-Identifier: Apache-2.0
// What a service manager such as systemd is told: that the exporter serves, and that it is still well.
#ifndef VIRT_EXPORTER_PROCESS_SERVICE_MANAGER_H_
#define VIRT_EXPORTER_PROCESS_SERVICE_MANAGER_H_

#include <chrono>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "exporter/process/log.h"

namespace virt {

// The protocol of sd_notify(3): a datagram for each message. Where nobody listens it does nothing.
class ServiceManager {
 public:
  // Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, which the service manager sets.
  static ServiceManager of_environment();
  explicit ServiceManager(std::string socket, std::optional<std::chrono::microseconds> watchdog = {})
      : socket_(std::move(socket)), watchdog_(watchdog) {}

  // "READY=1" and the like. Does not wait. Any thread.
  void say(std::string_view message) const;

  // How long it waits for a sign of life until it restarts the service; none: it does not watch.
  std::optional<std::chrono::microseconds> watchdog() const { return watchdog_; }

 private:
  std::string socket_;  // a path, or '@' and a name; empty: nobody listens
  std::optional<std::chrono::microseconds> watchdog_;
};

// A part of the exporter that has to be well. `passes` says by the deadline whether it is.
struct SelfCheck {
  std::string part;
  std::function<bool(std::chrono::steady_clock::time_point deadline)> passes;
};

// Gives the service manager its sign of life three times in its period, each time after all checks have passed; the
// first that does not is logged. Where the manager does not watch, no check is made.
class Watchdog {
 public:
  // `manager` must live longer, and what the checks look at.
  Watchdog(const ServiceManager& manager, std::vector<SelfCheck> checks);
  // Waits for the check that is under way.
  ~Watchdog();

  // Says nothing any more, neither to the service manager nor to the log. Does not wait. Any thread.
  void stop();

 private:
  void run();
  bool is_stopped();
  bool well(std::chrono::steady_clock::time_point deadline);

  // Constant after construction.
  const ServiceManager& manager_;
  const std::vector<SelfCheck> checks_;

  LogOnce log_;
  std::mutex mutex_;
  std::condition_variable stopped_;
  bool stopping_ = false;  // guarded by mutex_
  std::thread thread_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_PROCESS_SERVICE_MANAGER_H_
