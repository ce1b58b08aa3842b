// SPDX-License-Identifier: Apache-2.0
// Reads libvirt by calls on threads of their own, any of which may hang, and waits for none of them longer
// than the scrapes allow.
#include "exporter/libvirt/libvirt_inspector.h"

#include <unistd.h>

#include <stdexcept>
#include <utility>

#include "exporter/libvirt/connect.h"
#include "exporter/libvirt/monitors.h"

namespace virt {
namespace {

constexpr Groups kMonitor = Group::kCpuTotal | Group::kBalloon | Group::kVcpu | Group::kBlock | Group::kIothread |
                            Group::kDirtyRate | Group::kVm;

std::string host_name() {
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  return name;
}

// libvirt may yet answer, so the connection is kept; keepalive finds out whether it is dead.
struct Late : std::runtime_error {
  Late() : std::runtime_error("libvirt did not answer within the time of the scrape") {}
};

class LibvirtInspector : public Inspector {
 public:
  explicit LibvirtInspector(LibvirtOptions options) : options_(std::move(options)) {
    start_event_loop();
    check_uri(options_.uri);
  }

  ~LibvirtInspector() override { disconnect(); }

  // A connection that died since the last read shows it at the first call on it; then a new one is tried
  // at once, so that a restart of libvirtd between two scrapes costs no scrape.
  Snapshot inspect(Groups groups, Waiters& waiters) override {
    while (inbox_->run_one(Deadline::min())) continue;  // what came back since the last read
    const bool connected = session_ != nullptr;
    try {
      return read(groups, waiters);
    } catch (const Late&) {
      throw;
    } catch (const std::exception&) {
      disconnect();
      if (!connected) throw;
    }
    return read(groups, waiters);
  }

  void wake() override {
    inbox_->post([] {});
  }

 private:
  void connect(const Waiters& waiters) {
    auto session =
        calls_.await([options = options_,
                      events = events_] { return std::make_shared<Session>(options.uri, options.xml_refresh, events); },
                     waiters);
    if (!session) throw Late{};
    session_ = *std::move(session);
    MonitorPlan::Options plan;
    plan.workers = options_.workers;
    plan.max_calls = options_.max_calls;
    monitors_ = std::make_shared<Monitors>(Monitors::Options{options_.uri, plan},
                                           Monitors::Means{threads_, inbox_, calls_, cpu_times_, log_}, session_);
    ++connects_;
  }

  // Closing a connection may hang.
  void disconnect() {
    monitors_ = nullptr;
    if (session_) threads_.run([session = std::exchange(session_, nullptr)]() mutable { session.reset(); });
  }

  Snapshot read(Groups groups, Waiters& waiters) {
    if (!session_) connect(waiters);
    auto domains = calls_.await([session = session_, groups] { return session->list(groups); }, waiters);
    if (!domains) throw Late{};
    Snapshot snapshot = about_this_host();
    const bool with_monitors = session_->has_bulk_statistics() && (groups & kMonitor) != 0;
    const auto so_far = [&] {
      Snapshot so_far = snapshot;
      so_far.domains = *domains;
      monitors_->mark(so_far.domains, so_far);
      return so_far;
    };
    if (with_monitors) {
      monitors_->read(*domains, groups & kMonitor, waiters, so_far);
      monitors_->mark(*domains, snapshot);
    }
    snapshot.domains = *std::move(domains);
    return snapshot;
  }

  Snapshot about_this_host() const {
    Snapshot snapshot;
    snapshot.up = true;
    snapshot.source = host_name();
    snapshot.timestamp = std::chrono::system_clock::now();
    snapshot.reconnects = connects_ - 1;
    snapshot.events = events_->counts();
    return snapshot;
  }

  const LibvirtOptions options_;
  // Reports captured what is here; they are run by inspect() alone, so never after this is gone.
  const std::shared_ptr<Inbox> inbox_ = std::make_shared<Inbox>();
  const std::shared_ptr<Events> events_ = std::make_shared<Events>();
  CallThreads threads_;
  SessionCalls calls_{threads_, inbox_};
  CpuTimes cpu_times_;
  LogOnce log_;
  std::shared_ptr<Session> session_;
  std::shared_ptr<Monitors> monitors_;  // of the session
  std::uint64_t connects_ = 0;
};

}  // namespace

std::unique_ptr<Inspector> make_libvirt_inspector(LibvirtOptions options) {
  return std::make_unique<LibvirtInspector>(std::move(options));
}

std::string libvirt_library_version() {
  unsigned long version = 0;
  virGetVersion(&version, nullptr, nullptr);
  return std::to_string(version / 1000000) + "." + std::to_string(version / 1000 % 1000) + "." +
         std::to_string(version % 1000);
}

}  // namespace virt
