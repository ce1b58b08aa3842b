// SPDX-License-Identifier: Apache-2.0
// Storage pools: "pool.<n>.*".
#include <pugixml.hpp>
#include <string>

#include "exporter/libvirt/host_reader.h"
#include "exporter/libvirt/lists.h"

namespace virt {
namespace {

using Pools = Lists<virStoragePool, virConnectListAllStoragePools, virStoragePoolFree, virStoragePoolGetName>;

void read_sizes(virStoragePoolPtr pool, const std::string& prefix, Stats& host) {
  virStoragePoolInfo info;
  if (virStoragePoolGetInfo(pool, &info) < 0) return;
  host.add(prefix + "state", info.state);
  if (info.state == VIR_STORAGE_POOL_INACTIVE) return;  // libvirt has no sizes of it, and says 0
  host.add(prefix + "capacity", static_cast<double>(info.capacity));
  host.add(prefix + "allocation", static_cast<double>(info.allocation));
  host.add(prefix + "available", static_cast<double>(info.available));
  const int volumes = virStoragePoolNumOfVolumes(pool);
  if (volumes >= 0) host.add(prefix + "volumes", volumes);
}

void read_description(virStoragePoolPtr pool, const std::string& prefix, Stats& host) {
  const LibvirtText xml{virStoragePoolGetXMLDesc(pool, 0)};
  pugi::xml_document document;
  if (!xml || !document.load_string(xml.get())) return;
  const auto description = document.child("pool");
  host.add(prefix + "type", std::string_view{description.attribute("type").value()});
  host.add(prefix + "path", std::string_view{description.child("target").child("path").text().get()});
}

}  // namespace

bool read_pools(virConnectPtr connection, Stats& host) {
  const auto pools = Pools::find(connection, 0);
  if (!pools) return true;  // for all that is known
  if (pools->empty()) return false;
  const auto autostart = Pools::names(connection, VIR_CONNECT_LIST_STORAGE_POOLS_AUTOSTART);
  const auto persistent = Pools::names(connection, VIR_CONNECT_LIST_STORAGE_POOLS_PERSISTENT);
  int index = 0;
  for (const auto& pool : *pools) {
    const std::string name = virStoragePoolGetName(pool.get());
    const std::string prefix = "pool." + std::to_string(index++) + ".";
    host.add(prefix + "name", std::string_view{name});
    char uuid[VIR_UUID_STRING_BUFLEN] = "";
    virStoragePoolGetUUIDString(pool.get(), uuid);
    host.add(prefix + "uuid", std::string_view{uuid});
    host.add(prefix + "autostart", static_cast<double>(autostart.count(name)));
    host.add(prefix + "persistent", static_cast<double>(persistent.count(name)));
    read_sizes(pool.get(), prefix, host);
    read_description(pool.get(), prefix, host);
  }
  return true;
}

}  // namespace virt
