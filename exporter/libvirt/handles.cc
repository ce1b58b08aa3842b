// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/handles.h"

#include <algorithm>
#include <string_view>
#include <utility>

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

std::string KnownUuids::of(virDomainPtr domain, const std::string& name, unsigned id) {
  if (id == kNoId) return uuid_of(domain);
  if (const auto known = known_.find(name); known != known_.end() && known->second.id == id) return known->second.uuid;
  return (known_[name] = {id, uuid_of(domain)}).uuid;
}

void KnownUuids::trim(std::size_t domains) {
  constexpr std::size_t kMore = 64;
  if (known_.size() > 2 * domains + kMore) known_.clear();
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

bool KnownDomains::list(virConnectPtr connection) {
  auto domains = find_domains(connection, 0);
  if (!domains) return false;
  handles_.clear();
  for (DomainHandle& domain : *domains) {
    std::string uuid = uuid_of(domain.get());
    handles_.emplace(std::move(uuid), std::move(domain));
  }
  return true;
}

std::vector<virDomainPtr> KnownDomains::find(virConnectPtr connection, const std::vector<std::string>& uuids) {
  const auto is_known = [this](const std::string& uuid) { return known(uuid) != nullptr; };
  if (!std::all_of(uuids.begin(), uuids.end(), is_known) && !list(connection))
    throw LibvirtError("cannot list domains");
  std::vector<virDomainPtr> found;
  found.reserve(uuids.size());
  for (const std::string& uuid : uuids) found.push_back(known(uuid));
  return found;
}

virDomainPtr KnownDomains::find_one(virConnectPtr connection, const std::string& uuid) {
  if (known(uuid) == nullptr && !list(connection)) return nullptr;
  return known(uuid);
}

virDomainPtr KnownDomains::known(const std::string& uuid) const {
  const auto handle = handles_.find(uuid);
  return handle == handles_.end() ? nullptr : handle->second.get();
}

}  // namespace virt
