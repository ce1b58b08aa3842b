// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/cloud_config.h"

#include <gmock/gmock.h>

#include <stdexcept>

namespace virt {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::ThrowsMessage;

constexpr char kPassword[] = R"(
      auth_url: http://keystone:5000
      username: u
      password: hunter2
      user_domain_name: Default
      project_name: p
      project_domain_name: Default)";

std::string cloud(const std::string& auth, const std::string& more = "") {
  return "clouds:\n  c:\n    auth:" + auth + "\n" + more;
}

CloudConfig parse(const std::string& clouds, const std::string& secure = "") {
  return parse_cloud({clouds, "clouds.yaml"}, {secure, "secure.yaml"}, "c");
}

void expect_refused(const std::string& clouds, const testing::Matcher<std::string>& message) {
  EXPECT_THAT([&] { parse(clouds); }, ThrowsMessage<std::invalid_argument>(message)) << clouds;
}

Environment variables(const std::map<std::string, std::string>& values) {
  return [values](const std::string& name) {
    const auto found = values.find(name);
    return found == values.end() ? std::nullopt : std::optional{found->second};
  };
}

TEST(CloudConfig, password_cloud_is_read) {
  const CloudConfig config = parse(cloud(kPassword));
  EXPECT_EQ(config.name, "c");
  EXPECT_EQ(config.auth_url, "http://keystone:5000/v3");
  EXPECT_EQ(config.user_name, "u");
  EXPECT_EQ(config.password, "hunter2");
  EXPECT_EQ(config.user_domain_name, "Default");
  EXPECT_EQ(config.project_name, "p");
  EXPECT_EQ(config.project_domain_name, "Default");
  EXPECT_EQ(config.interface, "public");
  EXPECT_TRUE(config.verify);
  EXPECT_FALSE(config.uses_credential());
  EXPECT_EQ(config.who(), "user u");
}

TEST(CloudConfig, access_is_read) {
  const CloudConfig config = parse(cloud(kPassword, R"(    region_name: north
    interface: internalURL
    verify: false
    cacert: /ca.pem
    cert: /c.pem
    key: /k.pem
    network_endpoint_override: http://n
    compute_api_version: 2
    regions: [north, south]
)"));
  EXPECT_EQ(config.region, "north");
  EXPECT_EQ(config.interface, "internal");
  EXPECT_FALSE(config.verify);
  EXPECT_EQ(config.ca_file, "/ca.pem");
  EXPECT_EQ(config.client_cert, "/c.pem");
  EXPECT_EQ(config.client_key, "/k.pem");
  EXPECT_EQ(config.endpoints.at("network"), "http://n");
}

TEST(CloudConfig, only_region_of_a_list_is_the_region) {
  EXPECT_EQ(parse(cloud(kPassword, "    regions: [north]\n")).region, "north");
  EXPECT_EQ(parse(cloud(kPassword, "    regions: [north, south]\n")).region, "");
}

TEST(CloudConfig, application_credential_is_read) {
  const CloudConfig config = parse(cloud(R"(
      auth_url: https://k/identity/
      application_credential_id: c1
      application_credential_secret: hunter2)",
                                         "    auth_type: v3applicationcredential\n"));
  EXPECT_TRUE(config.uses_credential());
  EXPECT_EQ(config.credential_id, "c1");
  EXPECT_EQ(config.credential_secret, "hunter2");
  EXPECT_EQ(config.auth_url, "https://k/identity/v3");
  EXPECT_EQ(config.who(), "application credential c1");
}

TEST(CloudConfig, url_is_given_its_version) {
  for (const std::string url : {"http://k", "http://k/", "http://k/v3", "http://k/v3/", "http://k/v2.0"})
    EXPECT_EQ(parse("clouds: {c: {auth: {user_id: u, password: x, project_id: p, auth_url: '" + url + "'}}}").auth_url,
              "http://k/v3")
        << url;
}

TEST(CloudConfig, secure_file_has_the_last_word) {
  const CloudConfig config = parse(cloud(kPassword), cloud("\n      password: other", "    region_name: south\n"));
  EXPECT_EQ(config.password, "other");
  EXPECT_EQ(config.user_name, "u");
  EXPECT_EQ(config.region, "south");
  EXPECT_EQ(parse(cloud(kPassword), "clouds: {d: {auth: {password: x}}}").password, "hunter2");
}

TEST(CloudConfig, anchors_and_merges_are_followed) {
  const CloudConfig config = parse(R"(
base: &base
  region_name: north
  auth: &auth {auth_url: http://k, user_domain_id: default, project_domain_id: default, password: x}
clouds:
  c:
    <<: *base
    auth:
      <<: [*auth, {username: other, project_name: q}]
      username: u
)");
  EXPECT_EQ(config.region, "north");
  EXPECT_EQ(config.user_name, "u");
  EXPECT_EQ(config.project_name, "q");
  EXPECT_EQ(config.user_domain_id, "default");
}

TEST(CloudConfig, merge_that_contains_itself_is_refused) {
  expect_refused("clouds:\n  c: &a\n    <<: *a\n", HasSubstr("merges too many mappings"));
}

TEST(CloudConfig, unknown_cloud_is_refused_with_the_names_of_the_known) {
  expect_refused("clouds: {a: {}, b: {}}", "clouds.yaml: no cloud 'c'; the file has a, b");
  expect_refused("", "clouds.yaml: no cloud 'c'; the file has no clouds");
}

TEST(CloudConfig, wrong_file_is_refused_with_its_place) {
  expect_refused("clouds: [a]", HasSubstr("clouds.yaml:1: clouds: must be a mapping"));
  expect_refused("clouds:\n  c: x", HasSubstr("clouds.yaml:2: c: must be a mapping"));
  expect_refused("clouds:\n  c:\n    auth: {password: [x]}", HasSubstr("clouds.yaml:3: password: must be text"));
  expect_refused("clouds: {", HasSubstr("clouds.yaml:"));
}

TEST(CloudConfig, missing_settings_are_named) {
  expect_refused("clouds: {c: {}}", "cloud 'c': auth_url is missing");
  expect_refused("clouds: {c: {profile: vexxhost}}", HasSubstr("profiles are not supported"));
  expect_refused("clouds: {c: {auth: {auth_url: keystone}}}", HasSubstr("must begin with http:// or https://"));
  expect_refused("clouds: {c: {auth: {auth_url: http://k}}}", "cloud 'c': username and user_id are missing");
  expect_refused("clouds: {c: {auth: {auth_url: http://k, username: u}}}",
                 "cloud 'c': user_domain_name and user_domain_id are missing");
  expect_refused("clouds: {c: {auth: {auth_url: http://k, user_id: u}}}", "cloud 'c': password is missing");
  expect_refused("clouds: {c: {auth: {auth_url: http://k, user_id: u, password: x}}}", HasSubstr("it has no scope"));
  expect_refused("clouds: {c: {auth: {auth_url: http://k, user_id: u, password: x, project_name: p}}}",
                 "cloud 'c': project_domain_name and project_domain_id are missing");
  expect_refused("clouds: {c: {auth: {auth_url: http://k, application_credential_id: x}}}",
                 "cloud 'c': application_credential_secret is missing");
}

TEST(CloudConfig, settings_of_no_use_are_refused) {
  expect_refused(cloud(kPassword, "    auth_type: v3kerberos\n"), HasSubstr("auth_type 'v3kerberos' is not supported"));
  expect_refused(cloud(kPassword, "    interface: outside\n"), HasSubstr("interface 'outside' is not public"));
  expect_refused(cloud(kPassword, "    verify: perhaps\n"), "cloud 'c': verify must be true or false");
}

TEST(CloudConfig, url_with_a_password_is_refused_as_the_log_tells_urls) {
  const std::string text = "clouds: {c: {auth: {auth_url: \"https://u:hunter2@k/v3\", username: u, password: p}}}";
  expect_refused(text, "cloud 'c': auth_url must not contain a user or password");
}

TEST(CloudConfig, no_error_has_the_password) {
  for (const char* more : {"    auth_type: v3kerberos\n", "    interface: outside\n", "   bad\n", "    auth: [\n"}) {
    try {
      parse(cloud(kPassword, more));
      ADD_FAILURE() << more;
    } catch (const std::invalid_argument& error) {
      EXPECT_THAT(error.what(), Not(HasSubstr("hunter2")));
    }
  }
}

TEST(CloudConfig, variables_are_read) {
  const CloudConfig config = cloud_of_variables(variables({{"OS_AUTH_URL", "http://k/v3"},
                                                           {"OS_USERNAME", "u"},
                                                           {"OS_PASSWORD", "x"},
                                                           {"OS_USER_DOMAIN_NAME", "Default"},
                                                           {"OS_PROJECT_NAME", "p"},
                                                           {"OS_PROJECT_DOMAIN_ID", "default"},
                                                           {"OS_REGION_NAME", "north"},
                                                           {"OS_INTERFACE", "internal"},
                                                           {"OS_CACERT", "/ca.pem"}}));
  EXPECT_EQ(config.user_name, "u");
  EXPECT_EQ(config.password, "x");
  EXPECT_EQ(config.project_domain_id, "default");
  EXPECT_EQ(config.region, "north");
  EXPECT_EQ(config.interface, "internal");
  EXPECT_EQ(config.ca_file, "/ca.pem");
}

TEST(CloudConfig, variables_that_are_missing_are_named) {
  EXPECT_THAT(
      [] {
        cloud_of_variables(variables({{"OS_AUTH_URL", "http://k"}}));
      },
      ThrowsMessage<std::invalid_argument>("cloud 'of the variables OS_*': username and user_id are missing"));
}

}  // namespace
}  // namespace virt
