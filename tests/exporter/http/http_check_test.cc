// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/http_check.h"

#include <arpa/inet.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>
#include <thread>

#include "exporter/http/http_server.h"
#include "tests/support/ipv6.h"

namespace virt {
namespace {

using namespace std::chrono_literals;

bool answers(const ListenAddress& address, std::chrono::milliseconds within = 20s) {
  return http_answers(address, std::chrono::steady_clock::now() + within);
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

  ListenAddress address() const { return {"127.0.0.1", port_}; }
  void hang_up_on_next() const { close(accept(descriptor_, nullptr, nullptr)); }

 private:
  const int descriptor_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  std::uint16_t port_;
};

TEST(HttpCheck, server_answers_at_whatever_address_it_listens) {
  for (const std::string list :
       {":0", "0.0.0.0:0", "127.0.0.1:0", "localhost:0", "127.0.0.1:0,127.0.0.2:0,0.0.0.0:0"}) {
    const HttpServer server{list, {}};
    for (const ListenAddress& address : server.addresses()) EXPECT_TRUE(answers(address)) << address.text();
  }
}

TEST(HttpCheck, server_answers_at_ipv6_addresses) {
  std::string list = "[::1]:0,[::]:0,127.0.0.1:0";
  if (const std::string link_local = link_local_address(); !link_local.empty()) list += ",[" + link_local + "]:0";
  if (!can_serve_ipv6()) {
    EXPECT_THAT([&] { HttpServer(list, {}); },
                testing::ThrowsMessage<std::invalid_argument>(testing::HasSubstr("needs IPv6, but this ")));
    return;
  }
  const HttpServer server{list, {}};
  EXPECT_GE(server.addresses().size(), 3);
  for (const ListenAddress& address : server.addresses()) EXPECT_TRUE(answers(address)) << address.text();
}

TEST(HttpCheck, one_address_does_not_answer_for_another) {
  const Listener listener;
  ListenAddress other = listener.address();
  other.host = "127.0.0.2";
  EXPECT_FALSE(answers(other));
  if (!machine_has_ipv6()) return;
  other.host = "::1";
  EXPECT_FALSE(answers(other));
}

TEST(HttpCheck, address_that_the_machine_has_lost_is_no_fault_of_the_servers) {
  EXPECT_TRUE(answers({"192.0.2.1", 9177}, 1s));
  EXPECT_TRUE(answers({"2001:db8::1", 9177}, 1s) || !machine_has_ipv6());
  EXPECT_TRUE(answers({"fe80::1", 9177, 4'000'000'000}, 1s) || !machine_has_ipv6());
}

TEST(HttpCheck, server_that_hangs_up_was_there) {
  const Listener listener;
  std::thread server{[&] { listener.hang_up_on_next(); }};
  EXPECT_TRUE(answers(listener.address()));
  server.join();
}

TEST(HttpCheck, server_that_says_nothing_does_not_answer) {
  const Listener listener;
  EXPECT_FALSE(answers(listener.address(), 50ms));
}

TEST(HttpCheck, watchdog_checks_each_address_by_its_name) {
  const HttpServer server{"127.0.0.1:0", {}};
  const Listener mute;
  const auto checks = http_checks({server.addresses().front(), mute.address()});
  ASSERT_EQ(checks.size(), 2);
  EXPECT_EQ(checks[0].part, "the HTTP server at " + server.addresses().front().text());
  EXPECT_EQ(checks[1].part, "the HTTP server at " + mute.address().text());
  EXPECT_TRUE(checks[0].passes(std::chrono::steady_clock::now() + 20s));
  EXPECT_FALSE(checks[1].passes(std::chrono::steady_clock::now() + 50ms));
}

TEST(HttpCheck, nobody_does_not_answer) {
  ListenAddress address;
  { address = Listener{}.address(); }
  EXPECT_FALSE(answers(address));
  EXPECT_FALSE(answers({"no address", 9177}, 1s));
}

}  // namespace
}  // namespace virt
