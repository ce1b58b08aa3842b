// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/http_check.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <string>

#include "exporter/http/random_token.h"

namespace virt {
namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

// Numbers only, so that nothing waits for DNS.
Addresses look_up(const ListenAddress& address, std::uint16_t port) {
  const std::string host = address.host == "0.0.0.0" ? "127.0.0.1"
                           : address.host == "::"    ? "::1"
                                                     : address.numeric_host();
  addrinfo hints{}, *found = nullptr;
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  if (getaddrinfo(host.c_str(), std::to_string(port).c_str(), &hints, &found) != 0) found = nullptr;
  return {found, freeaddrinfo};
}

bool wait_for(int descriptor, short event, std::chrono::steady_clock::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
  pollfd waited{descriptor, event, 0};
  return poll(&waited, 1, static_cast<int>(std::max<long>(0, left.count()))) == 1;
}

bool talks(int descriptor, const addrinfo& address, std::chrono::steady_clock::time_point deadline) {
  if (connect(descriptor, address.ai_addr, address.ai_addrlen) != 0 && errno != EINPROGRESS) return false;
  const std::string request =
      std::string{"HEAD /-/healthy HTTP/1.0\r\n"} + kSelfCheckHeader + ": " + self_check_token() + "\r\n\r\n";
  return wait_for(descriptor, POLLOUT, deadline) &&
         send(descriptor, request.data(), request.size(), MSG_NOSIGNAL) > 0 && wait_for(descriptor, POLLIN, deadline);
}

// `own` is the address without its port; the client's end takes it, which shows whether this machine has it.
bool answers_at(const addrinfo& address, const addrinfo& own, std::chrono::steady_clock::time_point deadline) {
  const int descriptor = socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return false;
  const bool is_lost =
      bind(descriptor, own.ai_addr, own.ai_addrlen) != 0 && (errno == EADDRNOTAVAIL || errno == ENODEV);
  const bool passes = is_lost || talks(descriptor, address, deadline);
  close(descriptor);
  return passes;
}

}  // namespace

const std::string& self_check_token() {
  static const std::string token = random_token();
  return token;
}

bool http_answers(const ListenAddress& address, std::chrono::steady_clock::time_point deadline) {
  const Addresses server = look_up(address, address.port), own = look_up(address, 0);
  return server && own && answers_at(*server, *own, deadline);
}

std::vector<SelfCheck> http_checks(const std::vector<ListenAddress>& addresses) {
  std::vector<SelfCheck> checks;
  checks.reserve(addresses.size());
  for (const ListenAddress& address : addresses)
    checks.push_back(
        {"the HTTP server at " + address.text(), [address](auto deadline) { return http_answers(address, deadline); }});
  return checks;
}

}  // namespace virt
