// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/login.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <stdexcept>
#include <utility>

#include "exporter/openstack/json_page.h"

namespace virt {
namespace {

using Json = nlohmann::json;

// Something that is named by its id, or by its name within a domain.
Json named(const std::string& id, const std::string& name, const std::string& domain_id,
           const std::string& domain_name) {
  if (!id.empty()) return {{"id", id}};
  Json domain = domain_id.empty() ? Json{{"name", domain_name}} : Json{{"id", domain_id}};
  return {{"name", name}, {"domain", std::move(domain)}};
}

Json user(const CloudConfig& config) {
  return named(config.user_id, config.user_name, config.user_domain_id, config.user_domain_name);
}

Json by_credential(const CloudConfig& config) {
  Json credential{{"secret", config.credential_secret}};
  if (config.credential_id.empty()) {
    credential["name"] = config.credential_name;
    credential["user"] = user(config);
  } else {
    credential["id"] = config.credential_id;
  }
  return {{"methods", Json::array({"application_credential"})}, {"application_credential", std::move(credential)}};
}

Json by_password(const CloudConfig& config) {
  Json who = user(config);
  who["password"] = config.password;
  return {{"methods", Json::array({"password"})}, {"password", {{"user", std::move(who)}}}};
}

Json scope(const CloudConfig& config) {
  if (config.system_scope) return {{"system", {{"all", true}}}};
  if (!config.project_id.empty() || !config.project_name.empty())
    return {{"project",
             named(config.project_id, config.project_name, config.project_domain_id, config.project_domain_name)}};
  return {{"domain", config.domain_id.empty() ? Json{{"name", config.domain_name}} : Json{{"id", config.domain_id}}}};
}

std::string text(const Record& record, std::string_view key) { return std::string{record.text(key).value_or("")}; }

std::vector<Endpoint> endpoints(const Record& token) {
  std::vector<Endpoint> all;
  for (const Record& service : token.group("catalog"))
    for (const Record& endpoint : service.group("endpoints"))
      all.push_back(
          {text(service, "type"), text(endpoint, "interface"), text(endpoint, "region_id"), text(endpoint, "url")});
  return all;
}

CloudScope scope_of(const Record& token, std::string_view admin_role) {
  CloudScope scope;
  scope.project_id = text(token, "project.id");
  scope.project_name = text(token, "project.name");
  scope.user_name = text(token, "user.name");
  scope.kind = !scope.project_id.empty() ? "project" : token.number("system.all") ? "system" : "domain";
  for (const Record& role : token.group("roles")) {
    const std::string name = text(role, "name");
    scope.roles += (scope.roles.empty() ? "" : ",") + name;
    if (name == admin_role && scope.kind == "project") scope.cloud_wide = true;
  }
  return scope;
}

}  // namespace

std::string login_body(const CloudConfig& config) {
  Json auth{{"identity", config.uses_credential() ? by_credential(config) : by_password(config)}};
  if (!config.uses_credential()) auth["scope"] = scope(config);  // a credential has its own
  return Json{{"auth", std::move(auth)}}.dump(-1, ' ', false, Json::error_handler_t::replace);
}

Token parse_token(const std::string& body, std::string id, std::string_view admin_role) {
  JsonPage page;
  const PageShape shape{
      "",
      {"token.expires_at", "token.issued_at", "token.project.id", "token.project.name", "token.user.name",
       "token.system.all", "token.roles.*.name", "token.catalog.*.type", "token.catalog.*.endpoints.*.interface",
       "token.catalog.*.endpoints.*.region_id", "token.catalog.*.endpoints.*.url"}};
  if (const std::string error = parse_page(body, shape, 1, page); !error.empty())
    throw std::runtime_error("the answer " + error);
  const Record record = page.items.front().record("token");
  const auto issued = unix_time(text(record, "issued_at")), expires = unix_time(text(record, "expires_at"));
  if (id.empty() || !issued || !expires) throw std::runtime_error("the answer has no token");
  constexpr double kLongest = 365 * 24 * 3600;  // clocks count to a few centuries
  const std::chrono::duration<double> life{std::min(*expires - *issued, kLongest)};
  if (life.count() <= 0) throw std::runtime_error("the token had expired when it was issued");
  return {std::move(id), life, scope_of(record, admin_role), Catalog{endpoints(record)}};
}

}  // namespace virt
