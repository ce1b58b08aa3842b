// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/handles.h"

#include <string_view>

namespace virt {
namespace {

// Of several lines, such as an XML parser's, the first says it.
std::string last_message() {
  const virError* error = virGetLastError();
  const std::string_view message = error != nullptr && error->message != nullptr ? error->message : "no reason given";
  return std::string{message.substr(0, message.find('\n'))};
}

}  // namespace

LibvirtError::LibvirtError(const std::string& what_failed)
    : std::runtime_error(what_failed + ": " + last_message()),
      code_(static_cast<virErrorNumber>(virGetLastErrorCode())) {}

// virDomainGetUUIDString prints it by printf, which is slow for thousands of domains.
std::string uuid_of(virDomainPtr domain) {
  static constexpr char kDigits[] = "0123456789abcdef";
  unsigned char raw[VIR_UUID_BUFLEN] = {};
  virDomainGetUUID(domain, raw);
  std::string text;
  text.reserve(VIR_UUID_STRING_BUFLEN);
  for (int i = 0; i < VIR_UUID_BUFLEN; ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) text += '-';
    text += kDigits[raw[i] >> 4];
    text += kDigits[raw[i] & 15];
  }
  return text;
}

std::optional<std::vector<DomainHandle>> find_domains(virConnectPtr connection, unsigned flags) {
  virDomainPtr* list = nullptr;
  const int count = virConnectListAllDomains(connection, &list, flags);
  if (count < 0) return std::nullopt;
  const std::unique_ptr<virDomainPtr, Freer<std::free>> owner{list};
  std::vector<DomainHandle> domains;
  domains.reserve(static_cast<std::size_t>(count));
  for (int i = 0; i < count; ++i) domains.emplace_back(list[i]);
  return domains;
}

}  // namespace virt
