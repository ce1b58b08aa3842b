// SPDX-License-Identifier: Apache-2.0
// libvirt's lists of things of one kind: all of them, or those for which a flag holds.
#ifndef VIRT_EXPORTER_LIBVIRT_LISTS_H_
#define VIRT_EXPORTER_LIBVIRT_LISTS_H_

#include <memory>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "exporter/libvirt/handles.h"

namespace virt {

// `kList` is libvirt's call (virConnectListAllNetworks), `kFree` frees one thing, `kName` tells its name.
template <typename Thing, auto kList, auto kFree, auto kName>
struct Lists {
  using Handle = std::unique_ptr<Thing, Freer<kFree>>;

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

  static std::unordered_set<std::string> names(virConnectPtr connection, unsigned flags) {
    std::unordered_set<std::string> names;
    const auto found = find(connection, flags);
    if (!found) return names;
    for (const Handle& handle : *found) names.insert(kName(handle.get()));
    return names;
  }
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_LISTS_H_
