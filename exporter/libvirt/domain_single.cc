// SPDX-License-Identifier: Apache-2.0
// Statistics of one domain, call by call; for drivers without bulk statistics, such as libvirt's test
// driver. Keys and units are those of the bulk call.
#include <iterator>
#include <string>

#include "exporter/libvirt/domain_statistics.h"
#include "exporter/libvirt/domain_vcpus.h"
#include "exporter/stats_builder.h"

namespace virt {
namespace {

// In these structures -1 says that the driver does not know.
void add_known(StatsBuilder& stats, const std::string& key, long long value) {
  if (value >= 0) stats.add(key, static_cast<double>(value));
}

void read_state(virDomainPtr domain, StatsBuilder& stats) {
  int state = 0, reason = 0;
  if (virDomainGetState(domain, &state, &reason, 0) < 0) return;
  stats.add("state.state", state);
  stats.add("state.reason", reason);
}

void read_info(virDomainPtr domain, bool active, Groups groups, const Stats& memory, StatsBuilder& stats) {
  virDomainInfo info;
  if (virDomainGetInfo(domain, &info) < 0) return;
  // The test driver gives CPU time to domains that are shut off, too.
  if ((groups & Group::kCpuTotal) != 0 && active) stats.add("cpu.time", static_cast<double>(info.cpuTime));
  if ((groups & Group::kBalloon) != 0) {
    // Of a container, info.memory is what it uses.
    if (!memory.number("balloon.current")) stats.add("balloon.current", static_cast<double>(info.memory));
    stats.add("balloon.maximum", static_cast<double>(info.maxMem));
  }
  if ((groups & Group::kVcpu) != 0) stats.add("vcpu.current", info.nrVirtCpu);
}

Stats read_memory(virDomainPtr domain) {
  static constexpr struct {
    int tag;
    const char* key;
  } kKeys[] = {
      {VIR_DOMAIN_MEMORY_STAT_ACTUAL_BALLOON, "balloon.current"},
      {VIR_DOMAIN_MEMORY_STAT_SWAP_IN, "balloon.swap_in"},
      {VIR_DOMAIN_MEMORY_STAT_SWAP_OUT, "balloon.swap_out"},
      {VIR_DOMAIN_MEMORY_STAT_MAJOR_FAULT, "balloon.major_fault"},
      {VIR_DOMAIN_MEMORY_STAT_MINOR_FAULT, "balloon.minor_fault"},
      {VIR_DOMAIN_MEMORY_STAT_UNUSED, "balloon.unused"},
      {VIR_DOMAIN_MEMORY_STAT_AVAILABLE, "balloon.available"},
      {VIR_DOMAIN_MEMORY_STAT_USABLE, "balloon.usable"},
      {VIR_DOMAIN_MEMORY_STAT_LAST_UPDATE, "balloon.last-update"},
      {VIR_DOMAIN_MEMORY_STAT_RSS, "balloon.rss"},
      {VIR_DOMAIN_MEMORY_STAT_DISK_CACHES, "balloon.disk_caches"},
      {VIR_DOMAIN_MEMORY_STAT_HUGETLB_PGALLOC, "balloon.hugetlb_pgalloc"},
      {VIR_DOMAIN_MEMORY_STAT_HUGETLB_PGFAIL, "balloon.hugetlb_pgfail"},
  };
  StatsBuilder stats;
  virDomainMemoryStatStruct memory[VIR_DOMAIN_MEMORY_STAT_NR];
  const int count = virDomainMemoryStats(domain, memory, VIR_DOMAIN_MEMORY_STAT_NR, 0);
  for (int i = 0; i < count; ++i)
    for (const auto& [tag, key] : kKeys)
      if (memory[i].tag == tag) stats.add(key, static_cast<double>(memory[i].val));
  return stats.build();
}

void add_vcpus(virDomainPtr domain, StatsBuilder& stats) {
  const auto vcpus = read_vcpus(domain);
  if (!vcpus) return;
  stats.add("vcpu.maximum", vcpus->maximum);
  for (const virVcpuInfo& vcpu : vcpus->running) {
    const std::string prefix = "vcpu." + std::to_string(vcpu.number);
    stats.add(prefix + ".state", vcpu.state);
    stats.add(prefix + ".time", static_cast<double>(vcpu.cpuTime));
  }
}

void read_disk(virDomainPtr domain, const std::string& prefix, const std::string& target, StatsBuilder& stats) {
  stats.add(prefix + "name", std::string_view{target});
  virDomainBlockStatsStruct io;
  if (virDomainBlockStats(domain, target.c_str(), &io, sizeof io) == 0) {
    add_known(stats, prefix + "rd.reqs", io.rd_req);
    add_known(stats, prefix + "rd.bytes", io.rd_bytes);
    add_known(stats, prefix + "wr.reqs", io.wr_req);
    add_known(stats, prefix + "wr.bytes", io.wr_bytes);
    add_known(stats, prefix + "errors", io.errs);
  }
  virDomainBlockInfo size;
  if (virDomainGetBlockInfo(domain, target.c_str(), &size, 0) == 0) {
    stats.add(prefix + "allocation", static_cast<double>(size.allocation));
    stats.add(prefix + "capacity", static_cast<double>(size.capacity));
    stats.add(prefix + "physical", static_cast<double>(size.physical));
  }
}

void read_interface(virDomainPtr domain, const std::string& prefix, const std::string& target, StatsBuilder& stats) {
  stats.add(prefix + "name", std::string_view{target});
  virDomainInterfaceStatsStruct io;
  if (virDomainInterfaceStats(domain, target.c_str(), &io, sizeof io) < 0) return;
  add_known(stats, prefix + "rx.bytes", io.rx_bytes);
  add_known(stats, prefix + "rx.pkts", io.rx_packets);
  add_known(stats, prefix + "rx.errs", io.rx_errs);
  add_known(stats, prefix + "rx.drop", io.rx_drop);
  add_known(stats, prefix + "tx.bytes", io.tx_bytes);
  add_known(stats, prefix + "tx.pkts", io.tx_packets);
  add_known(stats, prefix + "tx.errs", io.tx_errs);
  add_known(stats, prefix + "tx.drop", io.tx_drop);
}

// Asks for each device that has a target, numbered as the bulk call does.
template <typename Device, typename Read>
void read_devices(const std::vector<Device>& devices, const std::string& group, Read read) {
  int index = 0;
  for (const Device& device : devices)
    if (!device.target.empty()) read(group + "." + std::to_string(index++) + ".", device.target);
}

void read_running(virDomainPtr domain, Groups groups, const DomainFacts& facts, StatsBuilder& stats) {
  if ((groups & Group::kVcpu) != 0) add_vcpus(domain, stats);
  if ((groups & Group::kInterface) != 0)
    read_devices(facts.interfaces, "net", [&](const std::string& prefix, const std::string& target) {
      read_interface(domain, prefix, target, stats);
    });
  if ((groups & Group::kBlock) != 0)
    read_devices(facts.disks, "block", [&](const std::string& prefix, const std::string& target) {
      read_disk(domain, prefix, target, stats);
    });
}

}  // namespace

Stats read_cpu_times(virDomainPtr domain) {
  static constexpr struct {
    std::string_view field;
    const char* key;
  } kKeys[] = {{VIR_DOMAIN_CPU_STATS_CPUTIME, "cpu.time"},
               {VIR_DOMAIN_CPU_STATS_USERTIME, "cpu.user"},
               {VIR_DOMAIN_CPU_STATS_SYSTEMTIME, "cpu.system"}};
  constexpr int kTotal = -1;  // of all host CPUs
  StatsBuilder stats;
  virTypedParameter parameters[std::size(kKeys)];
  const int count = virDomainGetCPUStats(domain, parameters, std::size(kKeys), kTotal, 1, 0);
  for (int i = 0; i < count; ++i)
    for (const auto& [field, key] : kKeys)
      if (parameters[i].field == field) stats.add(key, static_cast<double>(parameters[i].value.ul));
  return stats.build();
}

Stats read_cpu_time(virDomainPtr domain) {
  Stats times = read_cpu_times(domain);
  virDomainInfo info;
  if (!times.empty() || virDomainGetInfo(domain, &info) < 0) return times;
  return to_stats({{"cpu.time", static_cast<double>(info.cpuTime)}});
}

Domain identify(virDomainPtr handle, KnownUuids& uuids) {
  Domain domain;
  domain.name = virDomainGetName(handle);
  domain.id = virDomainGetID(handle);
  domain.uuid = uuids.of(handle, domain.name, domain.id);
  domain.active = domain.id != KnownUuids::kNoId;
  return domain;
}

bool is_active(virDomainPtr handle) { return virDomainGetID(handle) != KnownUuids::kNoId; }

std::vector<Reading> read_list(virConnectPtr connection) {
  auto domains = find_domains(connection, 0);
  if (!domains) throw LibvirtError("cannot list domains");
  KnownUuids uuids;
  std::vector<Reading> readings;
  for (DomainHandle& handle : *domains) {
    Reading& reading = readings.emplace_back();
    reading.domain = identify(handle.get(), uuids);
    reading.handle = std::move(handle);
  }
  return readings;
}

void read_domain(virDomainPtr handle, Groups groups, Domain& domain) {
  StatsBuilder stats;
  const bool active = domain.active;
  read_state(handle, stats);
  const Stats memory = (groups & Group::kBalloon) != 0 && active ? read_memory(handle) : Stats{};
  stats.append(memory);
  if ((groups & (Group::kCpuTotal | Group::kBalloon | Group::kVcpu)) != 0)
    read_info(handle, active, groups, memory, stats);
  if (active) read_running(handle, groups, *domain.facts, stats);
  extend(domain.stats, stats.build());
}

}  // namespace virt
