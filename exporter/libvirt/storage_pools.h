// SPDX-License-Identifier: Apache-2.0
// Storage pools: "pool.<n>.*".
#ifndef VIRT_EXPORTER_LIBVIRT_STORAGE_POOLS_H_
#define VIRT_EXPORTER_LIBVIRT_STORAGE_POOLS_H_

#include <string>
#include <utility>
#include <vector>

#include "exporter/libvirt/lists.h"
#include "exporter/libvirt/named_connection.h"

namespace virt {

// See NamedConnection. libvirt says what it found at the pool's last refresh.
struct StoragePools : Lists<virStoragePool, virConnectListAllStoragePools, virStoragePoolFree, virStoragePoolGetName,
                            virStoragePoolGetUUIDString> {
  static constexpr char kPrefix[] = "pool.";
  // NOLINTNEXTLINE(readability-identifier-naming): called like a function
  static constexpr auto find_by_uuid = virStoragePoolLookupByUUIDString;

  static std::vector<std::pair<Handle, ListedFacts>> list(virConnectPtr connection);
  static ListedFacts facts(virStoragePoolPtr pool);
  static void read(virStoragePoolPtr pool, const ListedFacts& facts, const std::string& prefix, StatsBuilder& stats);
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_STORAGE_POOLS_H_
