// SPDX-License-Identifier: Apache-2.0
// The host's CPUs, memory, NUMA cells and same-page merging, and the versions of what runs on it.
#include <algorithm>
#include <pugixml.hpp>
#include <string>
#include <string_view>

#include "exporter/libvirt/domain_statistics.h"
#include "exporter/libvirt/handles.h"
#include "exporter/libvirt/host_connection.h"
#include "exporter/stats_builder.h"

namespace virt {
namespace {

std::string version_text(unsigned long version) {
  return std::to_string(version / 1000000) + "." + std::to_string(version / 1000 % 1000) + "." +
         std::to_string(version % 1000);
}

void add_text(StatsBuilder& host, std::string_view key, const char* text) {
  if (text != nullptr) host.add(key, std::string_view{text});
}

void read_versions(virConnectPtr connection, StatsBuilder& host) {
  unsigned long version = 0;
  // 0: libvirt does not know which hypervisor it would start.
  if (virConnectGetVersion(connection, &version) == 0 && version > 0)
    host.add("version.hypervisor", std::string_view{version_text(version)});
  if (virConnectGetLibVersion(connection, &version) == 0)
    host.add("version.libvirtd", std::string_view{version_text(version)});
  if (virGetVersion(&version, nullptr, nullptr) == 0)
    host.add("version.library", std::string_view{version_text(version)});
}

void read_cpu_time(virConnectPtr connection, int count, StatsBuilder& host) {
  if (count == 0) return;
  std::vector<virNodeCPUStats> times(static_cast<std::size_t>(count));
  if (virNodeGetCPUStats(connection, VIR_NODE_CPU_STATS_ALL_CPUS, times.data(), &count, 0) < 0) return;
  for (const auto& time : times) host.add("cpu." + std::string{time.field}, static_cast<double>(time.value));
}

void read_memory(virConnectPtr connection, int cell, int count, const std::string& prefix, StatsBuilder& host) {
  if (count == 0) return;
  std::vector<virNodeMemoryStats> sizes(static_cast<std::size_t>(count));
  if (virNodeGetMemoryStats(connection, cell, sizes.data(), &count, 0) < 0) return;
  for (const auto& size : sizes) host.add(prefix + size.field, static_cast<double>(size.value));
}

// "cell.<id>.pages.<size in KiB>.free" of all sizes but the usual one.
void read_huge_pages(virConnectPtr connection, int cell, const std::vector<unsigned>& page_sizes, StatsBuilder& host) {
  if (page_sizes.size() < 2) return;
  std::vector<unsigned> sizes{page_sizes.begin() + 1, page_sizes.end()};
  std::vector<unsigned long long> free(sizes.size());
  const auto number = static_cast<unsigned>(sizes.size());
  if (virNodeGetFreePages(connection, number, sizes.data(), cell, 1, free.data(), 0) < 0) return;
  for (std::size_t i = 0; i < sizes.size(); ++i)
    host.add("cell." + std::to_string(cell) + ".pages." + std::to_string(sizes[i]) + ".free",
             static_cast<double>(free[i]));
}

void read_topology(virConnectPtr connection, HostConstants& constants) {
  const LibvirtText xml{virConnectGetCapabilities(connection)};
  pugi::xml_document document;
  if (!xml || !document.load_string(xml.get())) return;
  const auto host = document.child("capabilities").child("host");
  for (const auto& pages : host.child("cpu").children("pages"))
    constants.page_sizes.push_back(pages.attribute("size").as_uint());
  std::sort(constants.page_sizes.begin(), constants.page_sizes.end());
  const unsigned usual = constants.page_sizes.empty() ? 0 : constants.page_sizes.front();
  for (const auto& cell : host.child("topology").child("cells").children("cell")) {
    constants.cells.push_back(cell.attribute("id").as_int());
    for (const auto& pages : cell.children("pages"))
      if (pages.attribute("size").as_uint() > usual && pages.text().as_ullong() > 0) constants.has_huge_pages = true;
  }
}

// A driver that does not know one of them leaves its count at 0.
void read_counts(virConnectPtr connection, HostConstants& constants) {
  virNodeGetCPUStats(connection, VIR_NODE_CPU_STATS_ALL_CPUS, nullptr, &constants.cpu_times, 0);
  virNodeGetMemoryStats(connection, VIR_NODE_MEMORY_STATS_ALL_CELLS, nullptr, &constants.memory_sizes, 0);
  if (!constants.cells.empty())
    virNodeGetMemoryStats(connection, constants.cells.front(), nullptr, &constants.cell_sizes, 0);
  virNodeGetMemoryParameters(connection, nullptr, &constants.merging_parameters, 0);
}

}  // namespace

HostConstants read_constants(virConnectPtr connection) {
  HostConstants constants;
  const LibvirtText name{virConnectGetHostname(connection)};
  StatsBuilder stats;
  add_text(stats, "node.hostname", name.get());
  add_text(stats, "node.driver", virConnectGetType(connection));
  read_versions(connection, stats);
  constants.stats = stats.build();
  read_topology(connection, constants);
  read_counts(connection, constants);
  return constants;
}

Stats read_info(virConnectPtr connection) {
  StatsBuilder host;
  virNodeInfo info;
  if (virNodeGetInfo(connection, &info) < 0) return host.build();
  add_text(host, "node.model", info.model);
  host.add("node.cpus", info.cpus);
  host.add("node.mhz", info.mhz);
  host.add("node.cells", info.nodes);
  host.add("node.sockets", info.sockets);
  host.add("node.cores", info.cores);
  host.add("node.threads", info.threads);
  unsigned online = 0;
  const int present = virNodeGetCPUMap(connection, nullptr, &online, 0);
  if (present < 0) return host.build();
  host.add("node.present", present);
  host.add("node.online", online);
  return host.build();
}

Stats read_huge_pages(virConnectPtr connection, const HostConstants& constants) {
  StatsBuilder host;
  for (const int cell : constants.cells) read_huge_pages(connection, cell, constants.page_sizes, host);
  return host.build();
}

// libvirt's names without their "shm_".
Stats read_merging(virConnectPtr connection, const HostConstants& constants) {
  StatsBuilder host;
  int count = constants.merging_parameters;
  if (count == 0) return host.build();
  std::vector<virTypedParameter> parameters(static_cast<std::size_t>(count));
  if (virNodeGetMemoryParameters(connection, parameters.data(), &count, 0) < 0) return host.build();
  const Stats merging = to_stats(parameters.data(), count);
  for (const auto& match : merging.all().match("shm_*")) host.add("ksm." + std::string{match.star}, match.number);
  return host.build();
}

Stats read_node(virConnectPtr connection, const HostConstants& constants) {
  StatsBuilder host;
  read_cpu_time(connection, constants.cpu_times, host);
  read_memory(connection, VIR_NODE_MEMORY_STATS_ALL_CELLS, constants.memory_sizes, "memory.", host);
  for (const int cell : constants.cells)
    read_memory(connection, cell, constants.cell_sizes, "cell." + std::to_string(cell) + ".", host);
  return host.build();
}

}  // namespace virt
