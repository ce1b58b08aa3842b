// SPDX-License-Identifier: Apache-2.0
// The service manager's end of sd_notify(3).
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_NOTIFY_SOCKET_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_NOTIFY_SOCKET_H_

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <stdexcept>
#include <string>

namespace virt {

class NotifySocket {
 public:
  // `name` is a path, or begins with '@'.
  explicit NotifySocket(const std::string& name) {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    name.copy(address.sun_path, sizeof address.sun_path - 1);
    if (name.front() == '@') address.sun_path[0] = '\0';
    const auto size = static_cast<socklen_t>(offsetof(sockaddr_un, sun_path) + name.size());
    if (bind(descriptor_, reinterpret_cast<const sockaddr*>(&address), size) != 0) throw std::runtime_error(name);
  }
  ~NotifySocket() { close(descriptor_); }

  // The next message; "" if none comes for so long.
  std::string receive(std::chrono::microseconds patience = std::chrono::seconds{20}) const {
    constexpr std::chrono::seconds kSecond{1};
    const timeval time{patience / kSecond, (patience % kSecond).count()};
    setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &time, sizeof time);
    char message[256];
    const ssize_t size = recv(descriptor_, message, sizeof message, 0);
    return {message, static_cast<std::size_t>(size > 0 ? size : 0)};
  }
  // Those that came until now are none of what is to come.
  void forget() const {
    while (!receive(std::chrono::microseconds{1}).empty()) continue;
  }

 private:
  const int descriptor_ = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
};

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_NOTIFY_SOCKET_H_
