// SPDX-License-Identifier: Apache-2.0
// What a web configuration means. Those that are refused are in tests/web_config/.
#include "exporter/http/web_config.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;

constexpr char kHash[] = "$2y$10$0I9MFzQE5Ck/RnYtCo3hBeZJH1XRZtKnzpcKIWqPTtiL4PTA0Djk6";
constexpr char kCertAndKey[] = "tls_server_config:\n  cert_file: server.crt\n  key_file: /keys/server.key\n";

WebConfig parse(const std::string& text) { return parse_web_config(text, "/etc/exporter/web.yml"); }
WebConfig::Tls tls(const std::string& more) { return *parse(kCertAndKey + more).tls; }

TEST(WebConfig, nothing_is_plain_http_for_everyone) {
  for (const char* text : {"", "tls_server_config:\n", "tls_server_config: {cert_file: \"\"}\n"}) {
    const WebConfig config = parse(text);
    EXPECT_FALSE(config.tls) << text;
    EXPECT_THAT(config.users, IsEmpty());
    EXPECT_THAT(config.headers, IsEmpty());
    EXPECT_EQ(config.rate_limit.interval, 0s);
  }
}

TEST(WebConfig, tls_is_1_2_and_1_3_without_certificates_of_clients_unless_it_says_otherwise) {
  const WebConfig::Tls settings = tls("");
  EXPECT_EQ(settings.min_version, 12);
  EXPECT_EQ(settings.max_version, 13);
  EXPECT_EQ(settings.client_auth, WebConfig::ClientAuth::kNone);
  EXPECT_THAT(settings.cipher_suites, IsEmpty());
  EXPECT_THAT(settings.curves, IsEmpty());
  EXPECT_TRUE(settings.prefer_server_cipher_suites);
}

TEST(WebConfig, paths_count_from_the_configurations_folder) {
  EXPECT_EQ(tls("").cert.file, "/etc/exporter/server.crt");
  EXPECT_EQ(tls("").key.file, "/keys/server.key");
  EXPECT_EQ(parse_web_config(kCertAndKey, "web.yml").tls->cert.file, "server.crt");
  EXPECT_EQ(parse_web_config(kCertAndKey, "conf/web.yml").tls->cert.file, "conf/server.crt");
}

TEST(WebConfig, certificates_can_stand_in_the_configuration) {
  const WebConfig::Tls settings =
      *parse(
           "tls_server_config:\n  cert: |\n    -----BEGIN\n    abc\n  key: k\n  client_ca: c\n"
           "  client_auth_type: VerifyClientCertIfGiven\n")
           .tls;
  EXPECT_EQ(settings.cert.text, "-----BEGIN\nabc\n");
  EXPECT_EQ(settings.key.text, "k");
  EXPECT_EQ(settings.client_ca.text, "c");
  EXPECT_EQ(settings.cert.file, "");
}

TEST(WebConfig, names_of_the_format_become_those_of_openssl) {
  const WebConfig::Tls settings =
      tls("  min_version: TLS10\n  max_version: TLS11\n  curve_preferences: [CurveP384, X25519]\n"
          "  cipher_suites: [TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256]\n  prefer_server_cipher_suites: false\n");
  EXPECT_EQ(settings.min_version, 10);
  EXPECT_EQ(settings.max_version, 11);
  EXPECT_THAT(settings.curves, ElementsAre("P-384", "X25519"));
  EXPECT_THAT(settings.cipher_suites, ElementsAre("TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256"));
  EXPECT_FALSE(settings.prefer_server_cipher_suites);
}

TEST(WebConfig, each_policy_for_certificates_of_clients_has_its_name) {
  using Auth = WebConfig::ClientAuth;
  const auto auth = [](const std::string& name) { return tls("  client_auth_type: " + name + "\n").client_auth; };
  EXPECT_EQ(auth("NoClientCert"), Auth::kNone);
  EXPECT_EQ(auth("RequestClientCert"), Auth::kRequest);
  EXPECT_EQ(auth("RequireAnyClientCert"), Auth::kRequireAny);
  EXPECT_EQ(auth("RequireClientCert"), Auth::kRequireAny);
  EXPECT_EQ(auth("VerifyClientCertIfGiven"), Auth::kVerifyIfGiven);
  EXPECT_EQ(auth("RequireAndVerifyClientCert"), Auth::kRequireAndVerify);
}

TEST(WebConfig, users_have_their_hashes) {
  EXPECT_THAT(parse("basic_auth_users: {alice: " + std::string{kHash} + "}").users, ElementsAre(Pair("alice", kHash)));
}

TEST(WebConfig, headers_are_sent_unless_they_are_blank) {
  EXPECT_THAT(parse("http_server_config: {http2: true, headers: {X-Frame-Options: deny, X-XSS-Protection: 0, "
                    "Content-Security-Policy: \"\"}}")
                  .headers,
              ElementsAre(Pair("X-Frame-Options", "deny"), Pair("X-XSS-Protection", "0")));
}

TEST(WebConfig, durations_are_gos) {
  const auto interval = [](const std::string& text) {
    return parse("rate_limit: {burst: 2, interval: " + text + "}").rate_limit.interval.count();
  };
  EXPECT_DOUBLE_EQ(interval("1s"), 1);
  EXPECT_DOUBLE_EQ(interval("1h15m30.5s"), 4530.5);
  EXPECT_DOUBLE_EQ(interval("250ms"), 0.25);
  EXPECT_DOUBLE_EQ(interval("3us"), 3e-6);
  EXPECT_DOUBLE_EQ(interval("3µs"), 3e-6);
  EXPECT_DOUBLE_EQ(interval("1.5ns"), 1.5e-9);
  EXPECT_DOUBLE_EQ(interval("0"), 0);
  EXPECT_DOUBLE_EQ(interval("0s"), 0);
  EXPECT_DOUBLE_EQ(interval("\"2s\""), 2);
  for (const char* text : {"s", "1", "1 s", "1s 1s", "1S", "1d", "1e3s", "nan", "inf", "infs", "nans", "-1s", "+1s",
                           "1s1", "0x1s", "25h", "99999999999999999999999999h"})
    EXPECT_THROW(interval(text), std::invalid_argument) << text;
  EXPECT_EQ(parse("rate_limit: {burst: 2, interval: 1s}").rate_limit.burst, 2);
}

}  // namespace
}  // namespace virt
