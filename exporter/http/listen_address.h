// SPDX-License-Identifier: Apache-2.0
// The addresses of --listen_address. Any thread.
#ifndef VIRT_EXPORTER_HTTP_LISTEN_ADDRESS_H_
#define VIRT_EXPORTER_HTTP_LISTEN_ADDRESS_H_

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace virt {

// One address to listen on.
struct ListenAddress {
  std::string host;          // numeric, without brackets or zone; "0.0.0.0" is every IPv4 address, "::" every address
  std::uint16_t port = 0;    // 0: any free port
  unsigned zone = 0;         // index of a link-local IPv6 address' interface, else 0
  bool has_no_host = false;  // "::" that stands for ":PORT", and so for IPv4 as well whatever else is in the list

  bool is_ipv6() const { return host.find(':') != std::string::npos; }
  // The host as getaddrinfo reads it, with the zone as a number: "fe80::1%2".
  std::string numeric_host() const;
  // "HOST:PORT" for messages: IPv6 in brackets, the zone by the interface's name.
  std::string text() const;

  bool operator==(const ListenAddress&) const = default;
};

// "127.0.0.1:9177, [::1]:9177".
std::string to_text(const std::vector<ListenAddress>& addresses);

// Whether IPv6 can be served, or who lacks it.
enum class Ipv6 { kAvailable, kNotInCivetWeb, kNotInKernel };

// Whether this machine has ::1.
bool kernel_has_ipv6();

// Returns the numeric addresses of a host name, IPv6 without brackets.
using Resolver = std::function<std::vector<std::string>(const std::string& name)>;

// The resolver of the system: getaddrinfo, which may block for DNS. Throws std::runtime_error if it finds none.
std::vector<std::string> resolve(const std::string& name);

// Reads a comma-separated list of HOST:PORT, in its order and without duplicates. HOST is an IPv4 address, an IPv6
// address in brackets, a name, which stands for all of its addresses, or empty, which is every address. Without IPv6,
// every address means every IPv4 address, and a name stands for its IPv4 addresses. Throws std::invalid_argument if
// the text has another form or requires IPv6 that is not available, and what `resolver` throws.
std::vector<ListenAddress> parse_listen_addresses(const std::string& text, Ipv6 ipv6,
                                                  const Resolver& resolver = resolve);

}  // namespace virt

#endif  // VIRT_EXPORTER_HTTP_LISTEN_ADDRESS_H_
