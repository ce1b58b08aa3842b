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

std::string uuid_of(virDomainPtr domain) {
  char text[VIR_UUID_STRING_BUFLEN] = "";
  virDomainGetUUIDString(domain, text);
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
