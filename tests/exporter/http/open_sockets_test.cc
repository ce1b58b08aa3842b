// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/open_sockets.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <unistd.h>

#include <stdexcept>

#include "tests/support/http_client.h"

namespace virt {
namespace {

int port_of(int descriptor) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size);
  return ntohs(address.sin_port);
}

class OpenSockets : public testing::Test {
 protected:
  OpenSockets() {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address);
    listen(listener, 5);
    port = port_of(listener);
  }
  ~OpenSockets() override { close(listener); }

  // Accepts `client`, says something and closes.
  void answer_and_close() const {
    const int accepted = accept(listener, nullptr, nullptr);
    send(accepted, "text", 4, MSG_NOSIGNAL);
    close(accepted);
  }

  const int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int port = 0;
};

TEST_F(OpenSockets, connection_that_is_reset_does_not_end_as_a_closed_one) {
  Socket client{port}, other{port};
  const int accepted = accept(listener, nullptr, nullptr), accepted_other = accept(listener, nullptr, nullptr);
  send(accepted, "text", 4, MSG_NOSIGNAL);
  reset_connection(port, "127.0.0.1", port_of(client.descriptor()));
  EXPECT_EQ(client.receive(), "text");
  EXPECT_TRUE(client.was_reset());
  close(accepted);
  close(accepted_other);
  EXPECT_EQ(other.receive(), "");
  EXPECT_FALSE(other.was_reset());
}

TEST_F(OpenSockets, nothing_else_is_reset) {
  Socket client{port};
  reset_connection(port, "127.0.0.2", port_of(client.descriptor()));
  reset_connection(port + 1, "127.0.0.1", port_of(client.descriptor()));
  reset_connection(0, "", 0);
  answer_and_close();
  EXPECT_EQ(client.receive(), "text");
  EXPECT_FALSE(client.was_reset());
}

TEST_F(OpenSockets, connection_that_says_nothing_is_over_and_an_answer_goes_on) {
  Socket client{port};
  const int accepted = accept(listener, nullptr, nullptr);
  stop_reading_at({port});
  char byte = 0;
  EXPECT_EQ(recv(accepted, &byte, 1, 0), 0);
  send(accepted, "text", 4, MSG_NOSIGNAL);
  close(accepted);
  EXPECT_EQ(client.receive(), "text");
  EXPECT_FALSE(client.was_reset());
  EXPECT_THROW(Socket{port}, std::runtime_error);
}

TEST_F(OpenSockets, all_connections_are_reset_and_nobody_listens) {
  Socket client{port};
  const int accepted = accept(listener, nullptr, nullptr);
  reset_all_at({port});
  client.receive();
  EXPECT_TRUE(client.was_reset());
  EXPECT_THROW(Socket{port}, std::runtime_error);
  close(accepted);
}

}  // namespace
}  // namespace virt
