// SPDX-License-Identifier: Apache-2.0
// The host's storage pools, as libvirt last saw them: "pool.<n>.*".
#include "exporter/pollster.h"

namespace virt {
namespace {

constexpr Meter kPool[] = {
    {"state", "libvirt_storage_pool_state", Type::kGauge, kOne,
     "State as virStoragePoolState: 0 inactive, 1 being built, 2 running, 3 degraded, 4 inaccessible, "
     "virStoragePoolGetInfo."},
    {"capacity", "libvirt_storage_pool_capacity_bytes", Type::kGauge, kOne,
     "Size of an active pool when it was last refreshed, virStoragePoolGetInfo."},
    {"allocation", "libvirt_storage_pool_allocation_bytes", Type::kGauge, kOne,
     "Used part of an active pool when it was last refreshed, virStoragePoolGetInfo."},
    {"available", "libvirt_storage_pool_available_bytes", Type::kGauge, kOne,
     "Free part of an active pool when it was last refreshed, virStoragePoolGetInfo."},
    {"volumes", "libvirt_storage_pool_volumes", Type::kGauge, kOne,
     "Volumes of an active pool, virStoragePoolNumOfVolumes."},
    {"autostart", "libvirt_storage_pool_autostart", Type::kGauge, kOne,
     "1 if the pool starts with the host, virConnectListAllStoragePools(AUTOSTART)."},
    {"persistent", "libvirt_storage_pool_persistent", Type::kGauge, kOne,
     "1 if the pool has a definition that outlives its run, virConnectListAllStoragePools(PERSISTENT)."},
};

constexpr Meter kInfo[] = {
    {"", "libvirt_storage_pool_info", Type::kGauge, kOne,
     "Constant 1; what the pool is: uuid, type and target path of its XML."},
};

class PoolPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override { return {kPool, kInfo}; }
  Groups groups() const override { return Group::kPools; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Record& pool : snapshot.host.group("pool")) {
      const auto text = [&](const char* key) { return std::string{pool.text(key).value_or("")}; };
      sample(kPool, pool, {nullptr, {{"storage_pool", text("name")}}}, counters);
      sample(kInfo[0], 1,
             {nullptr,
              {{"storage_pool", text("name")}, {"uuid", text("uuid")}, {"type", text("type")}, {"path", text("path")}}},
             counters);
    }
    return counters;
  }
};

REGISTER_POLLSTER(compute, pool, PoolPollster);

}  // namespace
}  // namespace virt
