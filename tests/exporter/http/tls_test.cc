// SPDX-License-Identifier: Apache-2.0
// Real handshakes with a real server.
#include "exporter/http/tls.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>

#include "exporter/http/http_server.h"
#include "exporter/http/web_access.h"
#include "tests/support/captured_log.h"
#include "tests/support/counted.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/tls_client.h"

namespace virt {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

class TlsTest : public testing::Test {
 protected:
  TlsTest() {
    write_pair(authority.issue("server", "DNS:localhost"));
    directory.write("ca.crt", authority.cert());
    configure("");
  }

  void write_pair(const CertificateAndKey& pair) const {
    directory.write("server.crt", pair.cert);
    directory.write("server.key", pair.key);
  }

  // `more` goes on in tls_server_config.
  void configure(const std::string& more) const {
    directory.write("web.yml", "tls_server_config:\n  cert_file: server.crt\n  key_file: server.key\n" + more);
  }

  void listen(const std::string& addresses) {
    server.emplace(addresses,
                   std::map<std::string, HttpHandler>{
                       {"/", [](const HttpRequest&, HttpResponse& response) { response.say(200, "some text"); }}},
                   std::make_unique<WebAccess>(directory.path("web.yml")), HttpLimits{}, HttpInstruments{instruments});
  }

  bool comes_to_fail(int handshakes) const {
    return comes_to_count(instruments, "virt_exporter_tls_handshake_errors_total " + std::to_string(handshakes));
  }

  // The server starts with the first of these.
  TlsReply get(const TlsClient& client) {
    if (!server) listen("127.0.0.1:0");
    return virt::get(client, server->port(), "/");
  }

  TlsClient client() const { return {authority.cert()}; }
  TlsClient client_with(const CertificateAndKey& own) const { return {authority.cert(), own}; }
  TlsClient client_of(int version, const CertificateAndKey& own = {}) const {
    TlsClient it = client_with(own);
    it.min_version = it.max_version = version;
    return it;
  }

  void expect_answer(const TlsReply& reply) {
    EXPECT_THAT(reply.error, IsEmpty());
    EXPECT_EQ(reply.http.status, 200);
    EXPECT_EQ(reply.http.body, "some text\n");
  }

  void expect_none(const TlsReply& reply, const std::string& error) {
    EXPECT_THAT(reply.error, HasSubstr(error));
    EXPECT_EQ(reply.http.status, 0);
  }

  // A client of TLS 1.3 is done with its handshake, and has sent its request, before the server has seen the client's
  // certificate: the reason may be lost with the connection.
  void expect_refused(const TlsReply& reply) {
    EXPECT_THAT(reply.error, testing::Not(IsEmpty()));
    EXPECT_EQ(reply.http.status, 0);
  }

  const CapturedLog log;
  const TemporaryDirectory directory;
  const Authority authority{"authority"}, stranger{"stranger"};
  const Instruments instruments;
  std::optional<HttpServer> server;
};

TEST_F(TlsTest, tls_1_2_and_1_3_are_answered) {
  for (const int version : {12, 13}) {
    const TlsReply reply = get(client_of(version));
    expect_answer(reply);
    EXPECT_EQ(reply.version, version == 12 ? "TLSv1.2" : "TLSv1.3");
    EXPECT_EQ(reply.server, "server");
  }
}

TEST_F(TlsTest, every_address_of_a_list_has_tls) {
  listen("127.0.0.1:0,0.0.0.0:0,:0");
  for (const ListenAddress& address : server->addresses()) {
    SCOPED_TRACE(address.text());
    expect_answer(virt::get(client(), address.port, "/"));
  }
  const std::string taken = server->addresses().front().text();
  EXPECT_THAT([&] { HttpServer("127.0.0.2:0," + taken, {}, std::make_unique<WebAccess>(directory.path("web.yml"))); },
              testing::ThrowsMessage<std::runtime_error>("--listen_address: cannot listen on " + taken +
                                                         ": 98 (Address already in use)"));
}

TEST_F(TlsTest, older_versions_are_answered_if_the_configuration_says_so_only) {
  expect_none(get(client_of(11)), "protocol version");
  configure("  min_version: TLS10\n");
  for (const int version : {10, 11, 12, 13}) expect_answer(get(client_of(version)));
}

TEST_F(TlsTest, versions_are_those_of_the_configuration) {
  configure("  min_version: TLS13\n");
  expect_none(get(client_of(12)), "protocol version");
  expect_answer(get(client_of(13)));
  configure("  max_version: TLS12\n");
  EXPECT_EQ(get(client()).version, "TLSv1.2");
  expect_none(get(client_of(13)), "protocol version");
}

TEST_F(TlsTest, cipher_suites_are_those_of_the_configuration) {
  configure(
      "  cipher_suites: [TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n");
  TlsClient other = client_of(12);
  EXPECT_EQ(get(other).cipher, "ECDHE-ECDSA-CHACHA20-POLY1305");
  other.ciphers = "ECDHE-ECDSA-AES256-GCM-SHA384";
  expect_none(get(other), "handshake failure");
  expect_answer(get(client_of(13)));
}

TEST_F(TlsTest, order_of_cipher_suites_is_the_servers_or_the_clients) {
  const std::string suites =
      "  cipher_suites: [TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384, TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256]\n";
  TlsClient other = client_of(12);
  other.ciphers = "ECDHE-ECDSA-AES128-GCM-SHA256:ECDHE-ECDSA-AES256-GCM-SHA384";
  configure(suites);
  EXPECT_EQ(get(other).cipher, "ECDHE-ECDSA-AES256-GCM-SHA384");
  configure(suites + "  prefer_server_cipher_suites: false\n");
  EXPECT_EQ(get(other).cipher, "ECDHE-ECDSA-AES128-GCM-SHA256");
}

TEST_F(TlsTest, suites_of_tls_1_3_alone_leave_tls_1_3_alone) {
  configure("  cipher_suites: [TLS_AES_128_GCM_SHA256]\n");
  expect_none(get(client_of(12)), "protocol version");
  expect_answer(get(client_of(13)));
}

TEST_F(TlsTest, curves_are_those_of_the_configuration) {
  configure("  curve_preferences: [CurveP521]\n");
  TlsClient other = client();
  EXPECT_EQ(get(other).group, "secp521r1");
  other.curves = "X25519";
  expect_none(get(other), "handshake failure");
}

TEST_F(TlsTest, client_sees_an_expired_certificate_a_wrong_name_and_a_strange_authority) {
  TlsClient other = client();
  other.host = "example.org";
  expect_none(get(other), "certificate verify failed");
  expect_none(get({stranger.cert()}), "certificate verify failed");
  write_pair(authority.issue("server", "DNS:localhost", -1));
  expect_none(get(client()), "certificate verify failed");
  write_pair(authority.issue("server", "DNS:localhost"));
  expect_answer(get(client()));
}

TEST_F(TlsTest, chain_of_the_certificate_file_is_sent) {
  const CertificateAndKey pair = authority.issue("server", "DNS:localhost");
  write_pair({pair.cert + stranger.cert(), pair.key});
  expect_answer(get(client()));
}

TEST_F(TlsTest, plain_http_gets_no_answer_from_a_server_with_tls) {
  expect_answer(get(client()));
  EXPECT_EQ(virt::get(server->port(), "/").status, 0);
  expect_answer(get(client()));
}

TEST_F(TlsTest, client_without_a_certificate_is_refused_where_one_is_required) {
  for (const char* type : {"RequireAnyClientCert", "RequireAndVerifyClientCert"}) {
    configure(std::string{"  client_ca_file: ca.crt\n  client_auth_type: "} + type + "\n");
    expect_none(get(client_of(12)), "handshake failure");
    expect_refused(get(client_of(13)));
  }
  for (const char* type : {"RequestClientCert", "VerifyClientCertIfGiven"}) {
    configure(std::string{"  client_ca_file: ca.crt\n  client_auth_type: "} + type + "\n");
    expect_answer(get(client()));
  }
}

TEST_F(TlsTest, certificate_of_a_client_is_verified_where_the_configuration_says_so) {
  const CertificateAndKey good = authority.issue("prometheus", ""), strange = stranger.issue("prometheus", ""),
                          expired = authority.issue("prometheus", "", -1);
  for (const char* type : {"VerifyClientCertIfGiven", "RequireAndVerifyClientCert"}) {
    configure(std::string{"  client_ca_file: ca.crt\n  client_auth_type: "} + type + "\n");
    expect_answer(get(client_with(good)));
    expect_none(get(client_of(12, strange)), "unknown ca");
    expect_none(get(client_of(12, expired)), "certificate expired");
    for (const CertificateAndKey& own : {strange, expired}) expect_refused(get(client_of(13, own)));
  }
  for (const char* type : {"RequestClientCert", "RequireAnyClientCert"}) {
    configure(std::string{"  client_auth_type: "} + type + "\n");
    for (const CertificateAndKey& own : {good, strange, expired}) expect_answer(get(client_with(own)));
  }
}

TEST_F(TlsTest, without_an_authority_of_its_own_the_systems_count) {
  configure("  client_auth_type: RequireAndVerifyClientCert\n");
  expect_none(get(client_of(12, authority.issue("prometheus", ""))), "unknown ca");
}

TEST_F(TlsTest, names_of_clients_are_those_of_the_configuration) {
  configure(
      "  client_ca_file: ca.crt\n  client_auth_type: RequireAndVerifyClientCert\n"
      "  client_allowed_sans: [prom.example.org, 192.0.2.1, \"2001:db8::1\", ops@example.org, \"spiffe://prom\"]\n");
  const auto get_as = [&](const std::string& names) { return get(client_with(authority.issue("prometheus", names))); };
  for (const char* names : {"DNS:prom.example.org", "DNS:other.org,DNS:prom.example.org", "IP:192.0.2.1",
                            "IP:2001:db8::1", "email:ops@example.org", "URI:spiffe://prom"})
    expect_answer(get_as(names));
  for (const char* names : {"", "DNS:prometheus", "DNS:prom.example.org.evil.org", "IP:192.0.2.2", "URI:spiffe://pro"})
    EXPECT_EQ(get_as(names).http.status, 0) << names;
  EXPECT_EQ(get(client_with(stranger.issue("prometheus", "DNS:prom.example.org"))).http.status, 0);
}

TEST_F(TlsTest, certificate_changes_under_a_running_server) {
  EXPECT_EQ(get(client()).server, "server");
  write_pair(authority.issue("renewed", "DNS:localhost"));
  EXPECT_EQ(get(client()).server, "renewed");
  directory.write("server.key", "broken");
  EXPECT_EQ(get(client()).server, "renewed");
  write_pair(authority.issue("again", "DNS:localhost"));
  EXPECT_EQ(get(client()).server, "again");
}

TEST_F(TlsTest, requirement_that_is_new_counts_for_the_next_handshake) {
  expect_answer(get(client()));
  configure("  client_ca_file: ca.crt\n  client_auth_type: RequireAndVerifyClientCert\n");
  expect_refused(get(client()));
  configure("");
  expect_answer(get(client()));
}

TEST_F(TlsTest, handshake_that_fails_is_counted_whoever_ends_it_and_no_other) {
  for (const int version : {12, 13}) expect_answer(get(client_of(version)));
  EXPECT_TRUE(comes_to_fail(0));
  for (const int version : {12, 13}) {  // the client does not like the server
    TlsClient distrustful = client_of(version);
    distrustful.ca = stranger.cert();
    expect_none(get(distrustful), "certificate verify failed");
  }
  EXPECT_TRUE(comes_to_fail(2));
  expect_none(get(client_of(11)), "protocol version");
  EXPECT_TRUE(comes_to_fail(3));
  virt::get(server->port(), "/");  // no TLS at all
  EXPECT_TRUE(comes_to_fail(4));
  { const Socket silent{server->port()}; }
  EXPECT_TRUE(comes_to_fail(5));
  configure("  client_ca_file: ca.crt\n  client_auth_type: RequireAndVerifyClientCert\n");
  for (const int version : {12, 13})  // the server does not like the client
    expect_refused(get(client_of(version, stranger.issue("prometheus", ""))));
  EXPECT_TRUE(comes_to_fail(7));
  for (const int version : {12, 13}) expect_answer(get(client_of(version, authority.issue("prometheus", ""))));
  server.reset();
  EXPECT_TRUE(comes_to_fail(7));
}

TEST_F(TlsTest, handshake_that_takes_too_long_is_counted) {
  listen("127.0.0.1:0");
  const Socket silent{server->port()};
  EXPECT_TRUE(comes_to_fail(1));
}

// With what a client of TLS 1.3 sends first, cut off at a hundred places.
TEST_F(TlsTest, hundred_handshakes_cut_in_the_middle_leave_the_server_well) {
  expect_answer(get(client()));
  const std::string hello = client_hello(client());
  EXPECT_GT(hello.size(), 200);
  for (std::size_t i = 0; i < 100; ++i) {
    const Socket socket{server->port()};
    socket.send(std::string_view{hello}.substr(0, hello.size() * (i + 1) / 100));
  }
  for (std::size_t i = 0; i < 100; ++i) {
    std::string broken = hello;
    broken[hello.size() * i / 100] ^= 0x55;
    const Socket socket{server->port()};
    socket.send(broken);
  }
  expect_answer(get(client()));
}

}  // namespace
}  // namespace virt
