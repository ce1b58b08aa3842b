// SPDX-License-Identifier: Apache-2.0
#include "exporter/process/service_manager.h"

#include <pthread.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdlib>

#include "exporter/text/number.h"

namespace virt {
namespace {

std::string_view environment(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? std::string_view{} : value;
}

}  // namespace

ServiceManager ServiceManager::of_environment() {
  std::optional<std::chrono::microseconds> watchdog;
  const auto period = to_number<long long>(environment("WATCHDOG_USEC"));
  const bool for_us =
      environment("WATCHDOG_PID").empty() || to_number<long long>(environment("WATCHDOG_PID")) == getpid();
  if (period && *period > 0 && for_us) watchdog = std::chrono::microseconds{*period};
  return ServiceManager{std::string{environment("NOTIFY_SOCKET")}, watchdog};
}

void ServiceManager::say(std::string_view message) const {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
  std::copy(socket_.begin(), socket_.end(), address.sun_path);
  if (socket_.front() == '@') address.sun_path[0] = '\0';  // the abstract namespace
  const int descriptor = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return;
  const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + socket_.size());
  (void)sendto(descriptor, message.data(), message.size(), MSG_NOSIGNAL | MSG_DONTWAIT,
               reinterpret_cast<const sockaddr*>(&address), size);
  close(descriptor);
}

Watchdog::Watchdog(const ServiceManager& manager, std::vector<SelfCheck> checks)
    : manager_(manager), checks_(std::move(checks)) {
  if (manager_.watchdog()) thread_ = std::thread{[this] { run(); }};
}

Watchdog::~Watchdog() {
  stop();
  if (thread_.joinable()) thread_.join();
}

void Watchdog::stop() {
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
  }
  stopped_.notify_all();
}

bool Watchdog::is_stopped() {
  const std::lock_guard lock{mutex_};
  return stopping_;
}

void Watchdog::run() {
  pthread_setname_np(pthread_self(), "watchdog");
  std::unique_lock lock{mutex_};
  while (!stopping_) {
    const auto next = std::chrono::steady_clock::now() + *manager_.watchdog() / 3;
    lock.unlock();
    if (well(next) && !is_stopped()) manager_.say("WATCHDOG=1");
    lock.lock();
    stopped_.wait_until(lock, next, [this] { return stopping_; });
  }
}

bool Watchdog::well(std::chrono::steady_clock::time_point deadline) {
  for (const SelfCheck& check : checks_) {
    if (!check.passes(deadline)) {
      if (is_stopped()) return false;
      log_.problem("watchdog",
                   check.part + " failed its self-check; systemd restarts the service unless it passes soon");
      return false;
    }
  }
  log_.no_problem("watchdog", "all self-checks pass again");
  return true;
}

}  // namespace virt
