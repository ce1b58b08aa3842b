// SPDX-License-Identifier: Apache-2.0
// HTTP requests to the services of a cloud, several at once on one thread.
#ifndef VIRT_EXPORTER_OPENSTACK_TRANSFERS_H_
#define VIRT_EXPORTER_OPENSTACK_TRANSFERS_H_

#include <chrono>
#include <cstddef>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "exporter/openstack/cloud_config.h"
#include "exporter/openstack/lists.h"

namespace virt {

struct ApiRequest {
  Service service;
  std::string url;
  std::vector<std::string> headers;  // have secrets
  std::optional<std::string> body;   // of a POST; has secrets
  bool behind = false;               // nobody waits for it, so it lets others go first
};

struct ApiResponse {
  int status = 0;  // 0: there was no answer, and `error` says why
  bool timed_out = false;
  std::string error;
  std::string body;
  std::string token;                                // the header X-Subject-Token
  std::optional<std::chrono::seconds> retry_after;  // the header Retry-After
};

// Of one thread, but for wake().
class Transfers {
 public:
  struct Limits {
    std::size_t at_once = 4, for_service = 2;  // an API has few workers, and other clients
    std::chrono::milliseconds connect{3000}, total{30000};
    std::chrono::milliseconds hanging{3000};  // who takes longer keeps no other service waiting
    std::size_t bytes = 64 << 20;             // of a body
  };
  using Done = std::function<void(ApiResponse)>;

  // `config` says which certificates are good. Throws std::runtime_error if libcurl cannot be used.
  explicit Transfers(const CloudConfig& config) : Transfers(config, Limits{}) {}
  Transfers(const CloudConfig& config, Limits limits);
  ~Transfers();
  Transfers(const Transfers&) = delete;
  Transfers& operator=(const Transfers&) = delete;

  // Sends it as soon as there is room for it, and then calls `done`, in run(). Requests of one kind keep their order.
  void send(ApiRequest request, Done done);

  // Makes progress; if no request ends, waits until `until` at the latest for something to happen, or wake().
  void run(std::chrono::steady_clock::time_point until);
  // Any thread.
  void wake();

  // How many requests ended, by service and what they ended with: a status, "timeout" or "error".
  const std::map<std::pair<Service, std::string>, std::uint64_t>& counts() const { return counts_; }

 private:
  struct Curl;
  struct Transfer;
  using Running = std::list<std::unique_ptr<Transfer>>;

  // Whether any of them ended at once.
  bool start_waiting();
  bool has_room_for(const Transfer& transfer) const;
  std::chrono::steady_clock::time_point next_hanging() const;
  bool start(std::unique_ptr<Transfer> transfer);
  bool finish_ended();
  void finish(Running::iterator transfer, int result);

  const Limits limits_;
  const CloudConfig config_;
  const std::unique_ptr<Curl> curl_;
  Running waiting_, running_;
  std::map<std::pair<Service, std::string>, std::uint64_t> counts_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_OPENSTACK_TRANSFERS_H_
