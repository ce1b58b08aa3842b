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

// Those that vanished stay known if they are not asked for any more: if there may be too many, all are found again.
void KnownDomains::trim() {
  constexpr std::size_t kMost = 20'000;
  if (handles_.size() > kMost) handles_.clear();
}

std::vector<virDomainPtr> KnownDomains::find(virConnectPtr connection, const std::vector<std::string>& uuids) {
  trim();
  std::vector<virDomainPtr> found;
  found.reserve(uuids.size());
  for (const std::string& uuid : uuids) found.push_back(look_up(connection, uuid));
  return found;
}

virDomainPtr KnownDomains::find_one(virConnectPtr connection, const std::string& uuid) {
  trim();
  return look_up(connection, uuid);
}

virDomainPtr KnownDomains::look_up(virConnectPtr connection, const std::string& uuid) {
  if (const auto known = handles_.find(uuid); known != handles_.end()) return known->second.get();
  DomainHandle domain{virDomainLookupByUUIDString(connection, uuid.c_str())};
  if (!domain) {
    const LibvirtError error{"cannot find a domain"};
    if (virConnectIsAlive(connection) != 1) throw error;
    return nullptr;
  }
  return (handles_[uuid] = std::move(domain)).get();
}

}  // namespace virt
