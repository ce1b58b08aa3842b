// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/open_sockets.h"

#include <dirent.h>
#include <netdb.h>
#include <sys/socket.h>

#include <charconv>
#include <memory>
#include <optional>
#include <string>

namespace virt {
namespace {

// One end of a connection.
struct End {
  std::string address;
  int port;
};

int to_number(std::string_view text) {
  int number = 0;
  std::from_chars(text.data(), text.data() + text.size(), number);
  return number;
}

// `name` is getsockname or getpeername. Nothing if it is not a socket of TCP, or not connected.
std::optional<End> end_of(int descriptor, int (*name)(int, sockaddr*, socklen_t*)) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  char host[NI_MAXHOST] = "", port[NI_MAXSERV] = "";
  auto* const generic = reinterpret_cast<sockaddr*>(&address);
  if (name(descriptor, generic, &size) != 0 || (address.ss_family != AF_INET && address.ss_family != AF_INET6))
    return std::nullopt;
  getnameinfo(generic, size, host, sizeof host, port, sizeof port, NI_NUMERICHOST | NI_NUMERICSERV);
  return End{host, to_number(port)};
}

std::vector<int> descriptors_at(int port) {
  std::vector<int> descriptors;
  const std::unique_ptr<DIR, int (*)(DIR*)> directory{opendir("/proc/self/fd"), closedir};
  while (const dirent* entry = directory ? readdir(directory.get()) : nullptr)
    if (const auto end = end_of(to_number(entry->d_name), getsockname); end && end->port == port)
      descriptors.push_back(to_number(entry->d_name));
  return descriptors;
}

// Disconnecting sends the reset at once, and leaves the descriptor to its owner.
void reset(int descriptor) {
  const sockaddr nobody{AF_UNSPEC, {}};
  (void)connect(descriptor, &nobody, sizeof nobody);
}

}  // namespace

void reset_connection(int port, std::string_view peer_address, int peer_port) {
  for (const int descriptor : descriptors_at(port))
    if (const auto peer = end_of(descriptor, getpeername);
        peer && peer->port == peer_port && peer->address == peer_address)
      reset(descriptor);
}

void stop_reading_at(const std::vector<int>& ports) {
  for (const int port : ports)
    for (const int descriptor : descriptors_at(port)) shutdown(descriptor, SHUT_RD);
}

bool are_connected_at(const std::vector<int>& ports) {
  for (const int port : ports)
    for (const int descriptor : descriptors_at(port))
      if (end_of(descriptor, getpeername)) return true;
  return false;
}

void reset_all_at(const std::vector<int>& ports) {
  for (const int port : ports)
    for (const int descriptor : descriptors_at(port)) reset(descriptor);
}

}  // namespace virt
