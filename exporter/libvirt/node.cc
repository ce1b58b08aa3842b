// SPDX-License-Identifier: Apache-2.0
// The host's CPUs, memory, NUMA cells and same-page merging, and the versions of what runs on it.
#include <algorithm>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "exporter/libvirt/handles.h"
#include "exporter/libvirt/host_reader.h"
#include "exporter/libvirt/statistics.h"

namespace virt {
namespace {

std::string version_text(unsigned long version) {
  return std::to_string(version / 1000000) + "." + std::to_string(version / 1000 % 1000) + "." +
         std::to_string(version % 1000);
}

void add_text(Stats& host, std::string_view key, const char* text) {
  if (text != nullptr) host.add(key, std::string_view{text});
}

void read_versions(virConnectPtr connection, Stats& host) {
  unsigned long version = 0;
  // 0: libvirt does not know which hypervisor it would start.
  if (virConnectGetVersion(connection, &version) == 0 && version > 0)
    host.add("version.hypervisor", std::string_view{version_text(version)});
  if (virConnectGetLibVersion(connection, &version) == 0)
    host.add("version.libvirtd", std::string_view{version_text(version)});
  if (virGetVersion(&version, nullptr, nullptr) == 0)
    host.add("version.library", std::string_view{version_text(version)});
}

void read_info(virConnectPtr connection, Stats& host) {
  const LibvirtText name{virConnectGetHostname(connection)};
  add_text(host, "node.hostname", name.get());
  add_text(host, "node.driver", virConnectGetType(connection));
  virNodeInfo info;
  if (virNodeGetInfo(connection, &info) < 0) return;
  add_text(host, "node.model", info.model);
  host.add("node.cpus", info.cpus);
  host.add("node.mhz", info.mhz);
  host.add("node.cells", info.nodes);
  host.add("node.sockets", info.sockets);
  host.add("node.cores", info.cores);
  host.add("node.threads", info.threads);
  unsigned online = 0;
  const int present = virNodeGetCPUMap(connection, nullptr, &online, 0);
  if (present < 0) return;
  host.add("node.present", present);
  host.add("node.online", online);
}

void read_cpu_time(virConnectPtr connection, Stats& host) {
  int count = 0;
  if (virNodeGetCPUStats(connection, VIR_NODE_CPU_STATS_ALL_CPUS, nullptr, &count, 0) < 0) return;
  std::vector<virNodeCPUStats> times(static_cast<std::size_t>(count));
  if (virNodeGetCPUStats(connection, VIR_NODE_CPU_STATS_ALL_CPUS, times.data(), &count, 0) < 0) return;
  for (const auto& time : times) host.add("cpu." + std::string{time.field}, static_cast<double>(time.value));
}

void read_memory(virConnectPtr connection, int cell, const std::string& prefix, Stats& host) {
  int count = 0;
  if (virNodeGetMemoryStats(connection, cell, nullptr, &count, 0) < 0) return;
  std::vector<virNodeMemoryStats> sizes(static_cast<std::size_t>(count));
  if (virNodeGetMemoryStats(connection, cell, sizes.data(), &count, 0) < 0) return;
  for (const auto& size : sizes) host.add(prefix + size.field, static_cast<double>(size.value));
}

// "cell.<id>.pages.<size in KiB>.free" of all sizes but the usual one.
void read_huge_pages(virConnectPtr connection, int cell, const Topology& topology, Stats& host) {
  if (topology.page_sizes.size() < 2) return;
  std::vector<unsigned> sizes{topology.page_sizes.begin() + 1, topology.page_sizes.end()};
  std::vector<unsigned long long> free(sizes.size());
  const auto number = static_cast<unsigned>(sizes.size());
  if (virNodeGetFreePages(connection, number, sizes.data(), cell, 1, free.data(), 0) < 0) return;
  for (std::size_t i = 0; i < sizes.size(); ++i)
    host.add("cell." + std::to_string(cell) + ".pages." + std::to_string(sizes[i]) + ".free",
             static_cast<double>(free[i]));
}

// libvirt's names without their "shm_".
void read_merging(virConnectPtr connection, Stats& host) {
  int count = 0;
  if (virNodeGetMemoryParameters(connection, nullptr, &count, 0) < 0 || count == 0) return;
  std::vector<virTypedParameter> parameters(static_cast<std::size_t>(count));
  if (virNodeGetMemoryParameters(connection, parameters.data(), &count, 0) < 0) return;
  const Stats merging = to_stats(parameters.data(), count);
  for (const auto& match : merging.all().match("shm_*")) host.add("ksm." + std::string{match.star}, match.number);
}

}  // namespace

Topology read_topology(virConnectPtr connection) {
  const LibvirtText xml{virConnectGetCapabilities(connection)};
  pugi::xml_document document;
  if (!xml || !document.load_string(xml.get())) return {};
  const auto host = document.child("capabilities").child("host");
  Topology topology;
  for (const auto& cell : host.child("topology").child("cells").children("cell"))
    topology.cells.push_back(cell.attribute("id").as_int());
  for (const auto& pages : host.child("cpu").children("pages"))
    topology.page_sizes.push_back(pages.attribute("size").as_uint());
  std::sort(topology.page_sizes.begin(), topology.page_sizes.end());
  return topology;
}

void read_node(virConnectPtr connection, const Topology& topology, Stats& host) {
  read_info(connection, host);
  read_versions(connection, host);
  read_cpu_time(connection, host);
  read_memory(connection, VIR_NODE_MEMORY_STATS_ALL_CELLS, "memory.", host);
  for (const int cell : topology.cells) {
    read_memory(connection, cell, "cell." + std::to_string(cell) + ".", host);
    read_huge_pages(connection, cell, topology, host);
  }
  read_merging(connection, host);
}

}  // namespace virt
