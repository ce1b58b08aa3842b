// SPDX-License-Identifier: Apache-2.0
#include "exporter/http_check.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <thread>

#include "exporter/http_server.h"

namespace virt {
namespace {

using namespace std::chrono_literals;

bool answers(const std::string& host, int port, std::chrono::milliseconds within = 20s) {
  return http_answers(host + ":" + std::to_string(port), std::chrono::steady_clock::now() + within);
}

// Listens; whoever comes is not heard until somebody accepts.
class Listener {
 public:
  Listener() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    bind(descriptor_, reinterpret_cast<sockaddr*>(&address), size);
    listen(descriptor_, 5);
    getsockname(descriptor_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
  }
  ~Listener() { close(descriptor_); }

  int port() const { return port_; }
  void hang_up_on_next() const { close(accept(descriptor_, nullptr, nullptr)); }

 private:
  const int descriptor_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int port_;
};

TEST(HttpCheck, server_answers_at_whatever_address_it_listens) {
  const HttpServer server{"0.0.0.0:0", {}};
  for (const char* host : {"", "0.0.0.0", "127.0.0.1", "localhost"}) EXPECT_TRUE(answers(host, server.port())) << host;
}

TEST(HttpCheck, server_that_hangs_up_was_there) {
  const Listener listener;
  std::thread server{[&] { listener.hang_up_on_next(); }};
  EXPECT_TRUE(answers("127.0.0.1", listener.port()));
  server.join();
}

TEST(HttpCheck, server_that_says_nothing_does_not_answer) {
  const Listener listener;
  EXPECT_FALSE(answers("127.0.0.1", listener.port(), 50ms));
}

TEST(HttpCheck, nobody_does_not_answer) {
  int port = 0;
  { port = Listener{}.port(); }
  EXPECT_FALSE(answers("127.0.0.1", port));
  EXPECT_FALSE(http_answers("no address", std::chrono::steady_clock::now() + 1s));
}

}  // namespace
}  // namespace virt
