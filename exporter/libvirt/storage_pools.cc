// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/storage_pools.h"

#include <pugixml.hpp>

namespace virt {
namespace {

void read_sizes(virStoragePoolPtr pool, const std::string& prefix, StatsBuilder& stats) {
  virStoragePoolInfo info;
  if (virStoragePoolGetInfo(pool, &info) < 0) return;
  stats.add(prefix + "state", info.state);
  if (info.state == VIR_STORAGE_POOL_INACTIVE) return;  // libvirt has no sizes of it, and says 0
  stats.add(prefix + "capacity", static_cast<double>(info.capacity));
  stats.add(prefix + "allocation", static_cast<double>(info.allocation));
  stats.add(prefix + "available", static_cast<double>(info.available));
  const int volumes = virStoragePoolNumOfVolumes(pool);
  if (volumes >= 0) stats.add(prefix + "volumes", volumes);
}

void read_description(virStoragePoolPtr pool, const std::string& prefix, StatsBuilder& stats) {
  const LibvirtText xml{virStoragePoolGetXMLDesc(pool, 0)};
  pugi::xml_document document;
  if (!xml || !document.load_string(xml.get())) return;
  const auto description = document.child("pool");
  stats.add(prefix + "type", std::string_view{description.attribute("type").value()});
  stats.add(prefix + "path", std::string_view{description.child("target").child("path").text().get()});
}

}  // namespace

std::vector<std::pair<StoragePools::Handle, ListedFacts>> StoragePools::list(virConnectPtr connection) {
  static constexpr Flag kFlags[] = {{VIR_CONNECT_LIST_STORAGE_POOLS_AUTOSTART, "autostart"},
                                    {VIR_CONNECT_LIST_STORAGE_POOLS_PERSISTENT, "persistent"}};
  return all(connection, kFlags);
}

ListedFacts StoragePools::facts(virStoragePoolPtr pool) {
  ListedFacts facts;
  int autostart = 0;
  add_fact("autostart", virStoragePoolGetAutostart(pool, &autostart) < 0 ? -1 : autostart, facts);
  add_fact("persistent", virStoragePoolIsPersistent(pool), facts);
  return facts;
}

void StoragePools::read(virStoragePoolPtr pool, const ListedFacts&, const std::string& prefix, StatsBuilder& stats) {
  read_sizes(pool, prefix, stats);
  read_description(pool, prefix, stats);
}

}  // namespace virt
