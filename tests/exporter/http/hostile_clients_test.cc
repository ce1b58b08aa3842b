// SPDX-License-Identifier: Apache-2.0
// Clients that mean no good, against the real program, over HTTP and over TLS: who scrapes is answered in time, and the
// program does not grow.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <optional>
#include <random>

#include "tests/support/program.h"
#include "tests/support/sanitizers.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_host.h"
#include "tests/support/tls_client.h"

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

constexpr char kRequest[] = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n";

// In KiB. A sanitizer's own memory for each thread comes and goes.
constexpr long kAllowance = kHasSanitizer ? 256 * 1024 : 3 * 1024;

// Where there is TLS, what is sent without it is as malformed as anything.
class HostileClients : public testing::TestWithParam<bool> {
 protected:
  explicit HostileClients(const std::string& uri = "test:///default") {
    setenv("ASAN_OPTIONS", "quarantine_size_mb=1", 0);  // it would keep what is freed
    std::vector<std::string> flags = {"--libvirt_uri=" + uri, "--listen_address=127.0.0.1:0"};
    if (has_tls()) {
      const CertificateAndKey pair = authority.issue("server", "DNS:localhost");
      directory.write("server.crt", pair.cert);
      directory.write("server.key", pair.key);
      flags.push_back("--web_config_file=" +
                      directory.write("web.yml", "tls_server_config: {cert_file: server.crt, key_file: server.key}\n"));
    }
    program.emplace(flags);
    port = program->wait_for_port();
  }

  static bool has_tls() { return GetParam(); }

  std::vector<Socket> connect(int count, const std::string& bytes) const {
    std::vector<Socket> sockets;
    for (int i = 0; i < count; ++i) sockets.emplace_back(port).send(bytes);
    return sockets;
  }

  HttpReply ask(const std::string& target) const {
    return has_tls() ? get({authority.cert()}, port, target).http : get(port, target);
  }

  void expect_scrape_in_time() const {
    const auto start = std::chrono::steady_clock::now();
    const HttpReply reply = ask("/metrics");
    EXPECT_EQ(reply.status, 200);
    EXPECT_THAT(reply.body, HasSubstr("\nlibvirt_up 1\n"));
    EXPECT_LT(std::chrono::steady_clock::now() - start, 5s);
  }

  // Of the program, in KiB.
  long resident() const {
    std::ifstream status{"/proc/" + std::to_string(program->pid()) + "/status"};
    for (std::string word; status >> word;)
      if (long size = 0; word == "VmRSS:" && status >> size) return size;
    return 0;
  }

  // Once each of its threads has done this kind of work, the program is as large as it will be. What is lost with each
  // connection would be more than the allowance: OpenSSL's part of one alone is 10 KiB.
  void expect_no_growth(const std::function<void()>& round, int connections) const {
    constexpr int kConnections = 500;
    for (int i = 0; i < kConnections; i += connections) round();
    expect_scrape_in_time();
    const long before = resident();
    for (int i = 0; i < kConnections; i += connections) round();
    expect_scrape_in_time();
    EXPECT_GT(before, 0);
    EXPECT_LT(resident(), before + kAllowance);
  }

  const TemporaryDirectory directory;
  const Authority authority{"authority"};
  std::optional<Program> program;
  int port = 0;
};

class HostileReaders : public HostileClients {
 protected:
  HostileReaders() : HostileClients("test://" + host.write("host.xml", large_host())) {}

  inline static const TemporaryDirectory host;  // from before the program's start
};

class WrongRequests : public HostileClients {};

INSTANTIATE_TEST_SUITE_P(, WrongRequests, testing::Values(false), [](const auto&) { return "http"; });
INSTANTIATE_TEST_SUITE_P(, HostileReaders, testing::Values(false), [](const auto&) { return "http"; });
INSTANTIATE_TEST_SUITE_P(, HostileClients, testing::Bool(),
                         [](const auto& parameter) { return parameter.param ? "tls" : "http"; });

TEST_P(HostileClients, sixty_that_say_nothing_delay_nobody) {
  const auto silent = connect(60, "");
  for (int i = 0; i < 3; ++i) expect_scrape_in_time();
}

TEST_P(HostileClients, sixty_that_never_finish_their_request_delay_nobody) {
  const auto slow = connect(60, has_tls() ? client_hello({authority.cert()}).substr(0, 100) : kRequest);
  expect_scrape_in_time();
  for (const Socket& socket : slow) socket.send("X");
  expect_scrape_in_time();
}

// Each leaves its answer unread, in a window that is too small for it.
TEST_P(HostileReaders, sixty_that_do_not_read_their_answer_delay_nobody) {
  std::vector<Socket> deaf;
  for (int i = 0; i < 60; ++i) {
    deaf.emplace_back(port);
    const int size = 1;
    setsockopt(deaf.back().descriptor(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    deaf.back().send(std::string{kRequest} + "\r\n");
    if (i % 20 == 19) expect_scrape_in_time();  // more than --max_requests must not wait for libvirt at once
  }
}

TEST_P(HostileClients, body_that_never_comes_delays_nobody) {
  const auto slow = connect(60, "POST /metrics HTTP/1.1\r\nContent-Length: 1000000000\r\n\r\nabc");
  expect_scrape_in_time();
}

TEST_P(HostileClients, who_leaves_at_once_leaves_nothing_behind) {
  expect_no_growth([this] { connect(100, has_tls() ? client_hello({authority.cert()}) : kRequest); }, 100);
}

TEST_P(HostileClients, huge_requests_leave_nothing_behind) {
  const std::string huge = kRequest + std::string(200'000, 'a');
  // Whole requests, so none for metrics: as many of those as --max_requests allows may fairly keep others out.
  const std::string query = "GET /-/healthy?" + std::string(15'000, '&') + " HTTP/1.1\r\n\r\n";
  std::string many = "GET /-/healthy HTTP/1.1\r\n";
  for (int i = 0; i < 1000; ++i) many += "X-" + std::to_string(i) + ": y\r\n";
  many += "\r\n";
  expect_no_growth(
      [&] {
        for (const std::string& request : {huge, many, query}) connect(20, request);
      },
      60);
}

// The same bytes in each run.
TEST_P(HostileClients, malformed_requests_leave_nothing_behind) {
  std::minstd_rand random{1};
  const std::string whole = has_tls()
                                ? client_hello({authority.cert()})
                                : std::string{kRequest} + "Accept-Encoding: gzip;q=0.5, *\r\nRange: bytes=0-1\r\n\r\n";
  expect_no_growth(
      [&] {
        for (int i = 0; i < 50; ++i) {
          std::string request = whole;
          for (int change = 0; change < 5; ++change) request[random() % request.size()] = static_cast<char>(random());
          connect(1, request.substr(0, random() % request.size() + 1));
        }
      },
      50);
}

TEST_P(WrongRequests, are_answered_and_leave_nothing_behind) {
  expect_no_growth(
      [this] {
        for (int i = 0; i < 20; ++i) {
          EXPECT_EQ(ask("/metrics?pollster[]=" + std::string(5000, '*')).status, 200);
          EXPECT_EQ(ask("/metrics?pollster[]=" + std::to_string(i)).status, 400);
          EXPECT_EQ(ask("/" + std::string(5000, 'a')).status, 404);
        }
      },
      60);
}

}  // namespace
}  // namespace virt
