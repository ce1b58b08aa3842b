// SPDX-License-Identifier: Apache-2.0
// The host's storage pools, as libvirt last saw them: "pool.<n>.*".
#include "exporter/libvirt/snapshot.h"

namespace virt {
namespace {

constexpr Meter kPool[] = {
    {"state", "libvirt_storage_pool_state", Type::kGauge, kOne,
     "State of the storage pool as virStoragePoolState: 0 inactive, 1 building, 2 running, 3 degraded, 4 inaccessible "
     "(virStoragePoolGetInfo)."},
    {"capacity", "libvirt_storage_pool_capacity_bytes", Type::kGauge, kOne,
     "Size of an active storage pool at its last refresh (virStoragePoolGetInfo)."},
    {"allocation", "libvirt_storage_pool_allocation_bytes", Type::kGauge, kOne,
     "Used space of an active storage pool at its last refresh (virStoragePoolGetInfo)."},
    {"available", "libvirt_storage_pool_available_bytes", Type::kGauge, kOne,
     "Free space of an active storage pool at its last refresh (virStoragePoolGetInfo)."},
    {"volumes", "libvirt_storage_pool_volumes", Type::kGauge, kOne,
     "Number of volumes in an active storage pool (virStoragePoolNumOfVolumes)."},
    {"autostart", "libvirt_storage_pool_autostart", Type::kGauge, kOne,
     "1 if the storage pool starts with the host, else 0 (virConnectListAllStoragePools AUTOSTART)."},
    {"persistent", "libvirt_storage_pool_persistent", Type::kGauge, kOne,
     "1 if the storage pool remains defined after it stops, 0 if it is transient (virConnectListAllStoragePools "
     "PERSISTENT)."},
    {"responding", "libvirt_storage_pool_responding", Type::kGauge, kOne,
     "1 if libvirt answered for the storage pool in this scrape, 0 if it did not in time, as while the pool is "
     "refreshed "
     "(virStoragePoolGetInfo)."},
};

constexpr Meter kInfo[] = {
    {"", "libvirt_storage_pool_info", Type::kGauge, kOne,
     "Constant 1; labels describe the storage pool's UUID, type and target path (storage pool XML)."},
};

class PoolPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override { return {kPool, kInfo}; }
  Needs needs() const override { return Group::kPools; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Record& pool : snapshot.host.group("pool")) {
      const auto text = [&](const char* key) { return std::string{pool.text(key).value_or("")}; };
      counters.sample(kPool, pool, {nullptr, {{"storage_pool", text("name")}}});
      if (pool.number("responding") == 0.0) continue;
      counters.sample(
          kInfo[0], 1,
          {nullptr,
           {{"storage_pool", text("name")}, {"uuid", text("uuid")}, {"type", text("type")}, {"path", text("path")}}});
    }
    return counters;
  }
};

REGISTER_POLLSTER(compute, pool, PoolPollster);

}  // namespace
}  // namespace virt
