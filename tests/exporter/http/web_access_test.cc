// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/web_access.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "tests/support/captured_log.h"
#include "tests/support/certificates.h"
#include "tests/support/program.h"
#include "tests/support/temporary_directory.h"

namespace virt {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::StartsWith;
using testing::ThrowsMessage;

const std::filesystem::path kTable = std::filesystem::path{VIRT_EXPORTER_SOURCE} / "tests/web_config";

constexpr char kTls[] = "tls_server_config: {cert_file: server.crt, key_file: server.key}\n";
constexpr char kAlice[] = "basic_auth_users:\n  alice: $2y$04$hCi/O6ucQIbN5vYpVCaViObXNo2QI44iuscnHZo0eFDp/ZX0QSH5a\n";

std::vector<std::string> files(const std::string& folder) {
  std::vector<std::string> paths;
  for (const auto& entry : std::filesystem::directory_iterator{kTable / folder}) paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::string first_line(const std::string& path) {
  std::string line;
  std::getline(std::ifstream{path} >> std::ws, line);
  return line;
}

class WebAccessTest : public testing::Test {
 protected:
  WebAccessTest() { write_pair(authority.issue("localhost", "DNS:localhost")); }

  void write_pair(const CertificateAndKey& pair) const {
    directory.write("server.crt", pair.cert);
    directory.write("server.key", pair.key);
  }

  // A copy of a file of the table, beside the certificates that it names.
  std::string beside_certificates(const std::string& path) {
    directory.write("ca.crt", authority.cert());
    directory.write("empty.pem", "");
    const CertificateAndKey other = authority.issue("other", "");
    directory.write("other.key", other.key);
    directory.write("encrypted.key", encrypted(other.key, "passphrase"));
    const auto copy = std::filesystem::path{directory.path(std::filesystem::path{path}.filename())};
    std::filesystem::copy_file(path, copy, std::filesystem::copy_options::overwrite_existing);
    return copy;
  }

  std::vector<std::string> all_beside_certificates(const std::string& folder) {
    std::vector<std::string> copies;
    for (const std::string& path : files(folder)) copies.push_back(beside_certificates(path));
    EXPECT_GT(copies.size(), 3);
    return copies;
  }

  void expect_accepted(const std::string& folder) {
    for (const std::string& path : all_beside_certificates(folder)) EXPECT_NO_THROW(WebAccess{path}) << path;
  }

  void expect_refused(const std::string& folder) {
    for (const std::string& path : all_beside_certificates(folder)) {
      const std::string reason = first_line(path).substr(2);
      const auto message = reason.starts_with(':') ? testing::Matcher<std::string>{StartsWith(path + reason)}
                                                   : testing::Matcher<std::string>{HasSubstr(reason)};
      EXPECT_THAT([&] { WebAccess{path}; },
                  ThrowsMessage<std::invalid_argument>(AllOf(message, testing::Not(HasSubstr("\n")))))
          << path;
    }
  }

  // The files of a folder that Prometheus' own tool accepts.
  std::set<std::string> accepted_by_promtool(const std::string& folder) {
    std::vector<std::string> arguments = all_beside_certificates(folder);
    arguments.insert(arguments.begin(), {"check", "web-config"});
    const Ended ended = run_program(arguments, "/usr/bin/promtool");
    std::istringstream lines{ended.out + ended.err};
    std::set<std::string> accepted;
    for (std::string line; std::getline(lines, line);)
      if (line.ends_with(" SUCCESS"))
        accepted.insert(line.substr(0, line.size() - std::string_view{" SUCCESS"}.size()));
    return accepted;
  }

  const TemporaryDirectory directory;
  const Authority authority{"authority"};
};

TEST_F(WebAccessTest, good_configurations_are_accepted_as_promtool_does) {
  expect_accepted("good");
  EXPECT_EQ(accepted_by_promtool("good").size(), files("good").size());
}

TEST_F(WebAccessTest, bad_configurations_are_refused_with_file_and_line_as_promtool_does) {
  expect_refused("bad");
  EXPECT_THAT(accepted_by_promtool("bad"), IsEmpty());
}

TEST_F(WebAccessTest, configurations_of_newer_toolkits_are_judged_as_they_do) {
  expect_accepted("newer_good");
  expect_refused("newer_bad");
}

TEST_F(WebAccessTest, configurations_that_cannot_be_meant_are_refused) { expect_refused("stricter"); }

TEST_F(WebAccessTest, configuration_that_cannot_be_read_is_refused) {
  EXPECT_THAT([] { WebAccess{"/nonexistent/web.yml"}; },
              ThrowsMessage<std::invalid_argument>("/nonexistent/web.yml cannot be read: No such file or directory"));
  EXPECT_THAT([&] { WebAccess{directory.path(".")}; },
              ThrowsMessage<std::invalid_argument>(HasSubstr("cannot be read")));
}

TEST_F(WebAccessTest, what_did_not_change_is_not_made_anew) {
  WebAccess access{directory.write("web.yml", kTls)};
  const auto settings = access.settings();
  EXPECT_EQ(access.settings(), settings);
  EXPECT_NE(settings->tls, nullptr);
}

TEST_F(WebAccessTest, change_of_the_configuration_counts_at_once) {
  const CapturedLog log;
  const std::string file = directory.write("web.yml", kTls);
  WebAccess access{file};
  directory.write("web.yml", std::string{kTls} + kAlice);
  EXPECT_EQ(access.settings()->config.users.size(), 1);
  directory.write("web.yml", std::string{kTls} + "# for all\n");
  EXPECT_EQ(access.settings()->config.users.size(), 0);
  EXPECT_EQ(log.text(), "info " + file + " reloaded\ninfo " + file + " reloaded\n");
}

TEST_F(WebAccessTest, change_of_the_certificate_counts_when_its_key_is_there_too) {
  const CapturedLog log;
  WebAccess access{directory.write("web.yml", kTls)};
  const auto old = access.settings();
  const CertificateAndKey renewed = authority.issue("renewed", "DNS:localhost");
  directory.write("server.crt", renewed.cert);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(access.settings(), old);
  EXPECT_THAT(log.text(),
              MatchesRegex("error key_file [^\n]* does not belong to cert_file [^\n]*; the previous configuration "
                           "stays in use\n"));
  directory.write("server.key", renewed.key);
  EXPECT_NE(access.settings()->tls, old->tls);
  EXPECT_THAT(log.text(), HasSubstr("web.yml reloaded\n"));
}

TEST_F(WebAccessTest, broken_change_is_refused_with_one_line_and_the_old_stays) {
  const CapturedLog log;
  const std::string file = directory.write("web.yml", kAlice);
  WebAccess access{file};
  directory.write("web.yml", "basic_auth_users:\n  alice: secret\n");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(access.settings()->config.users.size(), 1);
  EXPECT_EQ(
      log.text(),
      "error " + file +
          ":2: alice: is not a bcrypt hash; create one with: htpasswd -nBC 10 'alice'; the previous configuration "
          "stays in use\n");
}

TEST_F(WebAccessTest, file_that_is_gone_or_empty_for_a_moment_opens_no_door) {
  const CapturedLog log;
  const std::string file = directory.write("web.yml", kAlice);
  WebAccess access{file};
  directory.write("web.yml", "");
  for (int i = 0; i < 3; ++i) EXPECT_EQ(access.settings()->config.users.size(), 1);
  std::filesystem::remove(file);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(access.settings()->config.users.size(), 1);
  EXPECT_EQ(log.text(), "error " + file + " is empty; the previous configuration stays in use\nerror " + file +
                            " cannot be read: No such file or directory; the previous configuration stays in use\n");
  directory.write("web.yml", "# for all\n");
  EXPECT_EQ(access.settings()->config.users.size(), 0);
}

TEST_F(WebAccessTest, tls_is_not_turned_on_or_off_while_running) {
  const CapturedLog log;
  const std::string file = directory.write("web.yml", kTls);
  WebAccess with{file};
  directory.write("web.yml", kAlice);
  EXPECT_NE(with.settings()->tls, nullptr);
  WebAccess without{file};
  directory.write("web.yml", std::string{kAlice} + kTls);
  EXPECT_EQ(without.settings()->tls, nullptr);
  const std::string line =
      "error " + file + ": restart the exporter to turn TLS on or off; the previous configuration stays in use\n";
  EXPECT_EQ(log.text(), line + line);
}

TEST_F(WebAccessTest, requests_are_judged_by_the_limit_first_and_then_by_the_password) {
  WebAccess access{directory.write("web.yml", std::string{kAlice} + "rate_limit: {interval: 1h, burst: 2}\n")};
  const auto settings = access.settings();
  EXPECT_EQ(access.judge(settings->config, ""), 401);
  EXPECT_EQ(access.judge(settings->config, "Basic YWxpY2U6c2VjcmV0"), 200);
  EXPECT_EQ(access.judge(settings->config, "Basic YWxpY2U6c2VjcmV0"), 429);
}

TEST_F(WebAccessTest, many_threads_see_one_change_once) {
  const CapturedLog log;
  const std::string file = directory.write("web.yml", kTls);
  WebAccess access{file};
  directory.write("web.yml", std::string{kTls} + kAlice);
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i) threads.emplace_back([&] { EXPECT_EQ(access.settings()->config.users.size(), 1); });
  }
  EXPECT_EQ(log.text(), "info " + file + " reloaded\n");
}

}  // namespace
}  // namespace virt
