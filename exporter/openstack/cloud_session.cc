// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/cloud_session.h"

#include <algorithm>
#include <exception>
#include <utility>

namespace virt {
namespace {

using namespace std::chrono_literals;

// Accounts are locked after several failed logins.
constexpr auto kFirstPause = 5s, kLongestPause = 300s;
// A service that cannot reach Keystone refuses good tokens, too, and another one would not help.
constexpr auto kBetweenRefusals = 60s;

std::string why_not(const ApiResponse& response) {
  if (response.status == 0) return one_line(response.error);
  if (response.status == 401) return "status 401: user, password, project or domain is wrong, or the user is disabled";
  return "status " + std::to_string(response.status);
}

std::string region_problem(const Catalog& catalog, const CloudConfig& config) {
  const auto regions = catalog.regions(config);
  if (config.region.empty() ? regions.size() < 2 : regions.count(config.region) > 0) return "";
  std::string names;
  for (const std::string& region : regions) names += (names.empty() ? "" : ", ") + one_line(region);
  if (config.region.empty()) return "the cloud has several regions, set region_name to one of " + names;
  return "the cloud has no region " + in_quotes(config.region) + "; it has " + names;
}

}  // namespace

CloudSession::CloudSession(CloudConfig config, Load load, Options options, Transfers& transfers, LogOnce& log)
    : load_(std::move(load)),
      options_(std::move(options)),
      transfers_(transfers),
      log_(log),
      config_(std::move(config)) {}

void CloudSession::with_token(Use use) {
  const Time now = options_.now();
  const bool may_log_in = !is_login_out_ && now >= next_login_;
  if (is_good()) {
    if (now >= renew_ && may_log_in) begin_login();
    use(token_);
    return;
  }
  if (!is_login_out_ && !may_log_in) return use(nullptr);
  waiting_.push_back(std::move(use));
  if (may_log_in) begin_login();
}

void CloudSession::refuse(const TokenPtr& token) {
  const Time now = options_.now();
  if (token != token_ || now < next_refusal_) return;
  next_refusal_ = now + kBetweenRefusals;
  expires_ = Time::min();
}

void CloudSession::reload() {
  try {
    config_ = load_();
    log_.no_problem("openstack configuration", "can be read again");
  } catch (const std::exception& error) {
    log_.problem("openstack configuration", error.what());
  }
}

void CloudSession::begin_login() {
  reload();
  is_login_out_ = true;
  asked_ = options_.now();
  ApiRequest request;
  request.service = Service::kIdentity;
  request.url = config_.auth_url + "/auth/tokens";
  request.headers = {"Content-Type: application/json", "Accept: application/json", "Expect:"};
  request.body = login_body(config_);
  transfers_.send(std::move(request), [this](const ApiResponse& response) { end_login(response); });
}

void CloudSession::end_login(const ApiResponse& response) {
  is_login_out_ = false;
  if (response.status != 201) {
    fail(why_not(response));
  } else {
    try {
      accept(parse_token(response.body, response.token, options_.admin_role));
    } catch (const std::exception& error) {
      fail(error.what());
    }
  }
  const TokenPtr usable = is_good() ? token_ : nullptr;
  for (const Use& use : std::exchange(waiting_, {})) use(usable);
}

void CloudSession::accept(Token token) {
  if (const std::string problem = region_problem(token.catalog, config_); !problem.empty()) return fail(problem);
  const auto life = std::chrono::duration_cast<Time::duration>(token.life);
  token_ = std::make_shared<const Token>(std::move(token));
  renew_ = asked_ + life * 4 / 5;
  expires_ = asked_ + life;
  pause_ = 0s;
  ++logins_;
  log_.no_problem("openstack login", "works again");
}

void CloudSession::fail(const std::string& why) {
  pause_ = std::clamp<std::chrono::seconds>(pause_ * 2, kFirstPause, kLongestPause);
  next_login_ = options_.now() + pause_;
  log_.problem("openstack login", "cloud " + in_quotes(config_.name) + ", " + config_.who() + ", " +
                                      one_line(config_.auth_url) + ": " + why);
}

}  // namespace virt
