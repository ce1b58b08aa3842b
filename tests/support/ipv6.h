// SPDX-License-Identifier: Apache-2.0
// What this build and this machine have of IPv6, found without the code under test.
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_IPV6_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_IPV6_H_

#include <civetweb.h>

#include <fstream>
#include <optional>
#include <string>

namespace virt {

inline bool civetweb_has_ipv6() { return mg_check_feature(MG_FEATURES_IPV6) != 0; }

// The interface that has this address, 32 digits in /proc/net/if_inet6, or one that begins so; none: none has.
inline std::optional<std::pair<std::string, std::string>> interface_with(const std::string& digits) {
  std::ifstream file{"/proc/net/if_inet6"};
  for (std::string address, index, prefix, scope, flags, name;
       file >> address >> index >> prefix >> scope >> flags >> name;)
    if (address.starts_with(digits)) return {{address, name}};
  return std::nullopt;
}

inline bool machine_has_ipv6() { return interface_with("00000000000000000000000000000001").has_value(); }

inline bool can_serve_ipv6() { return civetweb_has_ipv6() && machine_has_ipv6(); }

// A link-local address of this machine with its zone, "fe80::…%eth0"; "" if it has none.
inline std::string link_local_address() {
  const auto found = interface_with("fe80");
  if (!found) return "";
  std::string address;
  for (std::size_t i = 0; i < 32; i += 4) address += (i == 0 ? "" : ":") + found->first.substr(i, 4);
  return address + "%" + found->second;
}

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_IPV6_H_
