// SPDX-License-Identifier: Apache-2.0
// The one token that all requests to a cloud share.
#ifndef VIRT_EXPORTER_OPENSTACK_CLOUD_SESSION_H_
#define VIRT_EXPORTER_OPENSTACK_CLOUD_SESSION_H_

#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "exporter/openstack/cloud_config.h"
#include "exporter/openstack/login.h"
#include "exporter/openstack/transfers.h"
#include "exporter/process/log.h"
#include "exporter/threads/time.h"

namespace virt {

using TokenPtr = std::shared_ptr<const Token>;

// One login at a time, for all who wait for a token. Of one thread.
class CloudSession {
 public:
  using Clock = std::function<Time()>;
  using Load = std::function<CloudConfig()>;
  using Use = std::function<void(const TokenPtr&)>;  // null: there is none to be had now
  struct Options {
    std::string admin_role = "admin";
    Clock now = std::chrono::steady_clock::now;
  };

  // Before each login `load` says how: passwords change. What it throws is logged, and what it said last is used.
  CloudSession(CloudConfig config, Load load, Options options, Transfers& transfers, LogOnce& log);

  // Calls `use` with a token: at once if there is one that is good, else after a login. A token is renewed at four
  // fifths of its life, while it is still used. After a login that failed there is none for a while, up to 300 seconds.
  void with_token(Use use);
  // A service refused it. The next one who wants a token gets a new one, unless one was refused in the last minute.
  void refuse(const TokenPtr& token);

  TokenPtr token() const { return token_; }
  bool is_good() const { return token_ && options_.now() < expires_; }
  std::uint64_t logins() const { return logins_; }
  const CloudConfig& config() const { return config_; }

 private:
  void reload();
  void begin_login();
  void end_login(const ApiResponse& response);
  void accept(Token token);
  void fail(const std::string& why);

  // Constant after construction.
  const Load load_;
  const Options options_;
  Transfers& transfers_;
  LogOnce& log_;

  CloudConfig config_;
  TokenPtr token_;
  Time renew_{}, expires_{}, asked_{};  // of the token; of the login under way
  bool is_login_out_ = false;
  std::vector<Use> waiting_;
  std::chrono::seconds pause_{0};  // after the last login, if it failed
  Time next_login_{}, next_refusal_ = Time::min();
  std::uint64_t logins_ = 0;  // that succeeded
};

}  // namespace virt

#endif  // VIRT_EXPORTER_OPENSTACK_CLOUD_SESSION_H_
