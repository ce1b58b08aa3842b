// SPDX-License-Identifier: Apache-2.0
#include "exporter/http_check.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <random>
#include <string_view>

namespace virt {
namespace {

using Addresses = std::unique_ptr<addrinfo, decltype(&freeaddrinfo)>;

Addresses look_up(const std::string& address) {
  const auto colon = std::min(address.rfind(':'), address.size());
  const std::string host = address.substr(0, colon), port = address.substr(std::min(address.size(), colon + 1));
  const bool any = host.empty() || host == "0.0.0.0";
  addrinfo hints{}, *found = nullptr;
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_NUMERICSERV;
  if (getaddrinfo(any ? "127.0.0.1" : host.c_str(), port.c_str(), &hints, &found) != 0) found = nullptr;
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

bool answers_at(const addrinfo& address, std::chrono::steady_clock::time_point deadline) {
  const int descriptor = socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
  if (descriptor < 0) return false;
  const bool talked = talks(descriptor, address, deadline);
  close(descriptor);
  return talked;
}

std::string draw_token() {
  std::random_device random;
  std::string token;
  while (token.size() < 32) token += "0123456789abcdef"[random() % 16];
  return token;
}

}  // namespace

const std::string& self_check_token() {
  static const std::string token = draw_token();
  return token;
}

bool http_answers(const std::string& address, std::chrono::steady_clock::time_point deadline) {
  const Addresses addresses = look_up(address);
  for (const addrinfo* one = addresses.get(); one != nullptr; one = one->ai_next)
    if (answers_at(*one, deadline)) return true;
  return false;
}

}  // namespace virt
