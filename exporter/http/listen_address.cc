// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/listen_address.h"

#include <arpa/inet.h>
#include <net/if.h>
#include <netdb.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>

#include "exporter/process/log.h"
#include "exporter/text/number.h"
#include "exporter/text/words.h"

namespace virt {
namespace {

constexpr char kDigitsAndDots[] = "0123456789.";
constexpr char kOfNames[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._";

[[noreturn]] void refuse(const std::string& entry, const std::string& problem) {
  throw std::invalid_argument("--listen_address: " + in_quotes(entry) + " " + problem);
}

void require_ipv6(const std::string& entry, Ipv6 ipv6) {
  if (ipv6 == Ipv6::kNotInCivetWeb)
    refuse(entry,
           "needs IPv6, but this program's CivetWeb was built without it, as on Debian 12; use an IPv4 address such as "
           "0.0.0.0:9177, or a build with a CivetWeb that has IPv6, such as that of Debian 13");
  if (ipv6 == Ipv6::kNotInKernel)
    refuse(
        entry,
        "needs IPv6, but this machine has it switched off; use an IPv4 address such as 0.0.0.0:9177, or switch it on "
        "(sysctl net.ipv6.conf.all.disable_ipv6)");
}

unsigned interface_index(const std::string& zone) {
  const unsigned index = if_nametoindex(zone.c_str());
  return index != 0 ? index : to_number<unsigned>(zone).value_or(0);
}

// `host` without its brackets; the zone is not yet known to be right.
std::optional<in6_addr> ipv6_address(const std::string& host) {
  in6_addr address{};
  if (inet_pton(AF_INET6, host.substr(0, host.find('%')).c_str(), &address) != 1) return std::nullopt;
  return address;
}

unsigned find_zone(const std::string& entry, const std::string& host, const in6_addr& address) {
  const auto percent = std::min(host.find('%'), host.size());
  const std::string zone = host.substr(std::min(host.size(), percent + 1));
  const bool is_link_local = IN6_IS_ADDR_LINKLOCAL(&address);
  if (!is_link_local && percent < host.size())
    refuse(entry, "has a zone, but is not a link-local address; leave it out");
  if (is_link_local && zone.empty())
    refuse(entry, "is a link-local address, which needs its interface, as in [fe80::1%eth0]:9177");
  const unsigned index = interface_index(zone);
  if (is_link_local && index == 0)
    refuse(entry, "names the interface '" + zone + "', which this machine does not have");
  return index;
}

bool is_ipv4(const std::string& host) {
  in_addr address{};
  return inet_pton(AF_INET, host.c_str(), &address) == 1;
}

ListenAddress make_ipv6(const std::string& entry, const std::string& host, std::uint16_t port) {
  const auto address = ipv6_address(host);
  if (is_ipv4(host)) refuse(entry, "has an IPv4 address in brackets; leave the brackets out");
  if (!address) refuse(entry, "does not start with an IPv6 address; try [::1]:9177");
  if (IN6_IS_ADDR_V4MAPPED(&*address)) refuse(entry, "is an IPv4 address in the form of IPv6; try 127.0.0.1:9177");
  char shortest[INET6_ADDRSTRLEN] = "";
  inet_ntop(AF_INET6, &*address, shortest, sizeof shortest);
  return {shortest, port, find_zone(entry, host, *address)};
}

bool contains(const std::vector<ListenAddress>& addresses, const ListenAddress& address) {
  return std::find(addresses.begin(), addresses.end(), address) != addresses.end();
}

// Reads one entry of the list.
class Entry {
 public:
  Entry(std::string text, Ipv6 ipv6, const Resolver& resolver)
      : text_(std::move(text)), ipv6_(ipv6), resolver_(resolver) {}

  std::vector<ListenAddress> addresses() const {
    const auto colon = std::min(text_.rfind(':'), text_.size());
    const std::string host = text_.substr(0, colon);
    const auto port = to_number<std::uint16_t>(text_.substr(std::min(text_.size(), colon + 1)));
    if (text_.find("://") != std::string::npos)
      refuse(text_, "is a URL; leave out what is before HOST:PORT and after it");
    if (!port) refuse(text_, "is not a HOST:PORT; try 0.0.0.0:9177");
    if (host.empty()) return {every(*port)};
    if (host.starts_with('[') && host.ends_with(']')) return {in_brackets(host.substr(1, host.size() - 2), *port)};
    if (host.find(':') != std::string::npos) refuse(text_, "is not a HOST:PORT; write IPv6 as in [::1]:9177");
    if (is_ipv4(host)) return {{host, *port}};
    if (host.find_first_not_of(kOfNames) != std::string::npos ||
        host.find_first_not_of(kDigitsAndDots) == std::string::npos)
      refuse(text_, "does not start with a host name or an IP address; try 0.0.0.0:9177");
    return of_name(host, *port);
  }

 private:
  ListenAddress every(std::uint16_t port) const {
    if (ipv6_ != Ipv6::kAvailable) return {"0.0.0.0", port};
    return {.host = "::", .port = port, .has_no_host = true};
  }

  ListenAddress in_brackets(const std::string& host, std::uint16_t port) const {
    if (ipv6_address(host)) require_ipv6(text_, ipv6_);
    return make_ipv6(text_, host, port);
  }

  // Twice in a file of hosts is once here.
  std::vector<ListenAddress> of_name(const std::string& name, std::uint16_t port) const {
    std::vector<ListenAddress> found;
    for (const std::string& host : resolver_(name)) {
      const ListenAddress address = is_ipv4(host) ? ListenAddress{host, port} : make_ipv6(text_, host, port);
      if ((!address.is_ipv6() || ipv6_ == Ipv6::kAvailable) && !contains(found, address)) found.push_back(address);
    }
    if (found.empty()) require_ipv6(text_, ipv6_);
    return found;
  }

  const std::string text_;
  const Ipv6 ipv6_;
  const Resolver& resolver_;
};

}  // namespace

std::string ListenAddress::numeric_host() const { return zone == 0 ? host : host + "%" + std::to_string(zone); }

std::string ListenAddress::text() const {
  char name[IF_NAMESIZE] = "";
  const bool has_name = zone != 0 && if_indextoname(zone, name) != nullptr;
  const std::string full = has_name ? host + "%" + name : numeric_host();
  return (is_ipv6() ? "[" + full + "]:" : full + ":") + std::to_string(port);
}

std::string to_text(const std::vector<ListenAddress>& addresses) {
  std::string text;
  for (const ListenAddress& address : addresses) text += (text.empty() ? "" : ", ") + address.text();
  return text;
}

bool kernel_has_ipv6() {
  sockaddr_in6 address{};
  address.sin6_family = AF_INET6;
  address.sin6_addr = in6addr_loopback;
  const int descriptor = socket(AF_INET6, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return false;
  const bool is_there = bind(descriptor, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
  close(descriptor);
  return is_there;
}

std::vector<std::string> resolve(const std::string& name) {
  addrinfo hints{}, *first = nullptr;
  hints.ai_socktype = SOCK_STREAM;
  if (const int error = getaddrinfo(name.c_str(), nullptr, &hints, &first); error != 0)
    throw std::runtime_error("--listen_address: the host name '" + name +
                             "' cannot be resolved: " + gai_strerror(error));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owner{first, freeaddrinfo};
  std::vector<std::string> hosts;
  for (const addrinfo* one = first; one != nullptr; one = one->ai_next) {
    char host[NI_MAXHOST] = "";
    if (getnameinfo(one->ai_addr, one->ai_addrlen, host, sizeof host, nullptr, 0, NI_NUMERICHOST) == 0)
      hosts.emplace_back(host);
  }
  return hosts;
}

std::vector<ListenAddress> parse_listen_addresses(const std::string& text, Ipv6 ipv6, const Resolver& resolver) {
  std::vector<ListenAddress> addresses;
  for (const std::string_view part : split(text, ','))
    for (const ListenAddress& address : Entry{std::string{part}, ipv6, resolver}.addresses())
      if (address.port == 0 || !contains(addresses, address)) addresses.push_back(address);
  if (addresses.empty()) refuse(text, "is not a HOST:PORT; try 0.0.0.0:9177");
  return addresses;
}

}  // namespace virt
