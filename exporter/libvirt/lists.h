// SPDX-License-Identifier: Apache-2.0
// libvirt's lists of things of one kind: all of them, or those for which a flag holds.
#ifndef VIRT_EXPORTER_LIBVIRT_LISTS_H_
#define VIRT_EXPORTER_LIBVIRT_LISTS_H_

#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "exporter/libvirt/handles.h"
#include "exporter/libvirt/named_connection.h"

namespace virt {

// What a call for one thing says of it, instead of a list: 1, 0, or less where it fails, and then nothing is added.
inline void add_fact(const char* key, int answer, ListedFacts& facts) {
  if (answer >= 0) facts.emplace_back(key, answer != 0);
}

// `kList` is libvirt's call (virConnectListAllNetworks), `kFree` frees one thing, `kName` and `kUuid` tell its name and
// its UUID.
template <typename Thing, auto kList, auto kFree, auto kName, auto kUuid>
struct Lists {
  using Handle = std::unique_ptr<Thing, Freer<kFree>>;
  // NOLINTNEXTLINE(readability-identifier-naming): called like a function
  static constexpr auto name = kName;

  static std::string uuid(Thing* thing) {
    char uuid[VIR_UUID_STRING_BUFLEN] = "";
    kUuid(thing, uuid);
    return uuid;
  }

  // A list that holds those of its things of which `key` is true.
  struct Flag {
    unsigned flag;
    const char* key;
  };

  // Nothing if the call fails. A driver that does not know it has none of these things.
  static std::optional<std::vector<Handle>> find(virConnectPtr connection, unsigned flags) {
    Thing** list = nullptr;
    const int count = kList(connection, &list, flags);
    const std::unique_ptr<Thing*, Freer<std::free>> owner{list};
    std::vector<Handle> handles;
    if (count < 0 && virGetLastErrorCode() != VIR_ERR_NO_SUPPORT) return std::nullopt;
    if (count > 0) handles.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) handles.emplace_back(list[i]);
    return handles;
  }

  // All, with those of `flags` that libvirt tells. Throws LibvirtError.
  template <std::size_t kSize>
  static std::vector<std::pair<Handle, ListedFacts>> all(virConnectPtr connection, const Flag (&flags)[kSize]) {
    auto handles = find(connection, 0);
    if (!handles) throw LibvirtError("cannot list them");
    std::vector<std::pair<Handle, ListedFacts>> all;
    for (Handle& handle : *handles) all.emplace_back(std::move(handle), ListedFacts{});
    if (all.empty()) return all;
    for (const auto& [flag, key] : flags) {
      const auto listed = names(connection, flag);
      if (!listed) continue;
      for (auto& [handle, facts] : all) facts.emplace_back(key, listed->count(kName(handle.get())) > 0);
    }
    return all;
  }

 private:
  static std::optional<std::unordered_set<std::string>> names(virConnectPtr connection, unsigned flag) {
    const auto found = find(connection, flag);
    if (!found) return std::nullopt;
    std::unordered_set<std::string> names;
    for (const Handle& handle : *found) names.insert(kName(handle.get()));
    return names;
  }
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_LISTS_H_
