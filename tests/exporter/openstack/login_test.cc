// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/login.h"

#include <gmock/gmock.h>

#include <stdexcept>

namespace virt {
namespace {

using testing::HasSubstr;
using testing::ThrowsMessage;

CloudConfig by_password() {
  CloudConfig config;
  config.user_name = "u";
  config.user_domain_name = "d";
  config.password = "s\"x";
  config.project_name = "p";
  config.project_domain_id = "default";
  return config;
}

std::string token(const std::string& inside) {
  return R"({"token": {"issued_at": "2026-11-28T10:00:00.000000Z", "expires_at": "2026-11-28T11:00:00.000000Z")" +
         inside + "}}";
}

constexpr char kProject[] = R"(, "project": {"id": "p1", "name": "ops"}, "user": {"name": "u"})";
constexpr char kAdmin[] = R"(, "roles": [{"name": "reader"}, {"name": "admin"}])";

TEST(Login, with_a_password_names_user_and_project) {
  EXPECT_EQ(login_body(by_password()),
            R"({"auth":{"identity":{"methods":["password"],"password":{"user":{"domain":{"name":"d"},"name":"u",)"
            R"("password":"s\"x"}}},"scope":{"project":{"domain":{"id":"default"},"name":"p"}}}})");
}

TEST(Login, ids_need_no_domain) {
  CloudConfig config = by_password();
  config.user_id = "u1";
  config.project_id = "p1";
  EXPECT_EQ(login_body(config),
            R"({"auth":{"identity":{"methods":["password"],"password":{"user":{"id":"u1","password":"s\"x"}}},)"
            R"("scope":{"project":{"id":"p1"}}}})");
}

TEST(Login, scope_may_be_the_system_or_a_domain) {
  CloudConfig config = by_password();
  config.project_name = "";
  config.domain_name = "d2";
  EXPECT_THAT(login_body(config), HasSubstr(R"("scope":{"domain":{"name":"d2"}})"));
  config.system_scope = true;
  EXPECT_THAT(login_body(config), HasSubstr(R"("scope":{"system":{"all":true}})"));
}

TEST(Login, application_credential_has_its_own_scope) {
  CloudConfig config;
  config.credential_id = "c1";
  config.credential_secret = "s";
  EXPECT_EQ(login_body(config), R"({"auth":{"identity":{"application_credential":{"id":"c1","secret":"s"},)"
                                R"("methods":["application_credential"]}}})");
}

TEST(Login, application_credential_by_name_belongs_to_a_user) {
  CloudConfig config;
  config.credential_name = "n";
  config.credential_secret = "s";
  config.user_name = "u";
  config.user_domain_name = "d";
  EXPECT_THAT(login_body(config), HasSubstr(R"({"name":"n","secret":"s","user":{"domain":{"name":"d"},"name":"u"}})"));
}

TEST(Login, token_says_what_it_is_for) {
  const Token read = parse_token(token(std::string{kProject} + kAdmin), "id", "admin");
  EXPECT_EQ(read.id, "id");
  EXPECT_EQ(read.life, std::chrono::hours{1});
  EXPECT_EQ(read.scope.kind, "project");
  EXPECT_EQ(read.scope.project_id, "p1");
  EXPECT_EQ(read.scope.project_name, "ops");
  EXPECT_EQ(read.scope.user_name, "u");
  EXPECT_EQ(read.scope.roles, "reader,admin");
}

TEST(Login, cloud_wide_is_an_admin_of_a_project) {
  const auto is_cloud_wide = [](const std::string& inside, const char* role = "admin") {
    return parse_token(token(inside), "id", role).scope.cloud_wide;
  };
  EXPECT_TRUE(is_cloud_wide(std::string{kProject} + kAdmin));
  EXPECT_FALSE(is_cloud_wide(std::string{kProject} + R"(, "roles": [{"name": "reader"}])"));
  EXPECT_TRUE(is_cloud_wide(std::string{kProject} + R"(, "roles": [{"name": "monitor"}])", "monitor"));
  EXPECT_FALSE(is_cloud_wide(std::string{R"(, "system": {"all": true})"} + kAdmin));
  EXPECT_FALSE(is_cloud_wide(std::string{R"(, "domain": {"id": "d"})"} + kAdmin));
}

TEST(Login, kind_of_scope_is_told) {
  EXPECT_EQ(parse_token(token(R"(, "system": {"all": true})"), "id", "admin").scope.kind, "system");
  EXPECT_EQ(parse_token(token(R"(, "domain": {"id": "d"})"), "id", "admin").scope.kind, "domain");
}

TEST(Login, catalog_comes_with_the_token) {
  const std::string catalog = R"(, "catalog": [{"type": "compute", "endpoints": [
      {"interface": "admin", "region_id": "one", "url": "http://a"},
      {"interface": "public", "region_id": "one", "url": "http://b/v2.1/x"}]}, {"type": "empty", "endpoints": []}])";
  EXPECT_EQ(parse_token(token(catalog), "id", "admin").catalog.url(spec_of(Service::kCompute), {}), "http://b/v2.1");
}

TEST(Login, answer_without_a_token_is_refused) {
  const auto read = [](const std::string& body, const std::string& id = "id") {
    return [=] { parse_token(body, id, "admin"); };
  };
  EXPECT_THAT(read("<html>"), ThrowsMessage<std::runtime_error>(HasSubstr("is not JSON")));
  EXPECT_THAT(read("{}"), ThrowsMessage<std::runtime_error>("the answer has no token"));
  EXPECT_THAT(read(token(""), ""), ThrowsMessage<std::runtime_error>("the answer has no token"));
  EXPECT_THAT(read(R"({"token": {"issued_at": "now", "expires_at": "later"}})"),
              ThrowsMessage<std::runtime_error>("the answer has no token"));
}

TEST(Login, life_of_a_token_is_more_than_0_and_at_most_a_year) {
  const auto life = [](const std::string& expires) {
    const std::string body = R"({"token": {"issued_at": "2026-11-28T10:00:00Z", "expires_at": ")" + expires + "\"}}";
    return parse_token(body, "id", "admin").life.count();
  };
  EXPECT_EQ(life("2026-11-28T10:00:01Z"), 1);
  EXPECT_EQ(life("9999-12-31T23:59:59Z"), 365 * 24 * 3600);
  EXPECT_THAT([&] { life("2026-11-28T10:00:00Z"); }, ThrowsMessage<std::runtime_error>(HasSubstr("had expired")));
}

}  // namespace
}  // namespace virt
