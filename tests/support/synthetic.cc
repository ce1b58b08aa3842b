// SPDX-License-Identifier: Apache-2.0
#include "tests/support/synthetic.h"

#include <cstdio>
#include <string>

#include "exporter/stats_builder.h"
#include "tests/support/stats_of.h"

namespace virt {
namespace {

constexpr int kVcpus = 4, kDisks = 2;

// Numbers of the length that they have after some weeks.
double grown(std::size_t seed) { return 1e12 + static_cast<double>(seed * 7919 % 1000003) * 12345; }

void add_indexed(StatsBuilder& stats, const std::string& prefix, std::initializer_list<const char*> keys,
                 std::size_t seed) {
  for (const char* key : keys) stats.add(prefix + key, grown(seed++));
}

Stats make_stats(std::size_t n) {
  StatsBuilder stats;
  stats.add("state.state", 1);
  stats.add("state.reason", 1);
  add_indexed(stats, "cpu.", {"time", "user", "system", "haltpoll.success.time", "haltpoll.fail.time"}, n);
  add_indexed(stats, "balloon.",
              {"current", "maximum", "swap_in", "swap_out", "major_fault", "minor_fault", "unused", "available",
               "usable", "last-update", "disk_caches", "hugetlb_pgalloc", "hugetlb_pgfail", "rss"},
              n);
  stats.add("vcpu.current", kVcpus);
  stats.add("vcpu.maximum", kVcpus);
  for (int i = 0; i < kVcpus; ++i)
    add_indexed(stats, "vcpu." + std::to_string(i) + ".", {"state", "time", "wait", "delay"}, n);
  stats.add("net.count", 1);
  stats.add("net.0.name", std::string_view{"tap" + std::to_string(n)});
  add_indexed(stats, "net.0.",
              {"rx.bytes", "rx.pkts", "rx.errs", "rx.drop", "tx.bytes", "tx.pkts", "tx.errs", "tx.drop"}, n);
  stats.add("block.count", kDisks);
  for (int i = 0; i < kDisks; ++i) {
    const std::string prefix = "block." + std::to_string(i) + ".";
    stats.add(prefix + "name", i == 0 ? std::string_view{"vda"} : std::string_view{"vdb"});
    stats.add(prefix + "path", std::string_view{"/var/lib/nova/instances/" + std::to_string(n) + "/disk"});
    add_indexed(stats, prefix,
                {"rd.reqs", "rd.bytes", "rd.times", "wr.reqs", "wr.bytes", "wr.times", "fl.reqs", "fl.times",
                 "allocation", "capacity", "physical"},
                n);
  }
  for (const char* key : {"list.autostart", "list.persistent", "list.managed_save", "list.snapshots"})
    stats.add(key, 0);
  return stats.build();
}

DomainFacts make_facts(std::size_t n) {
  DomainFacts facts;
  facts.os_type = "hvm";
  facts.arch = "x86_64";
  facts.machine = "pc-q35-7.2";
  facts.balloon = stats_of({{"period", 10}});
  for (const char* target : {"vda", "vdb"}) {
    Disk& disk = facts.disks.emplace_back();
    disk.target = target;
    disk.type = "file";
    disk.device = "disk";
    disk.bus = "virtio";
    disk.driver_type = "qcow2";
    disk.has_source = true;
    disk.source_file = "/var/lib/nova/instances/" + std::to_string(n) + "/disk";
  }
  Interface& interface = facts.interfaces.emplace_back();
  interface.type = "bridge";
  interface.target = "tap" + std::to_string(n);
  interface.mac = "fa:16:3e:00:00:01";
  interface.model = "virtio";
  Nova& nova = facts.nova.emplace();
  nova.name = "server-" + std::to_string(n);
  nova.project_id = "9f8e7d6c5b4a39281706f5e4d3c2b1a0";
  nova.project_name = "shop";
  nova.user_id = "0d1e2f3a4b5c6d7e8f9a0b1c2d3e4f50";
  nova.flavor_name = "m1.large";
  nova.flavor = stats_of({{"vcpus", kVcpus}, {"memory", 8192}});
  return facts;
}

}  // namespace

Snapshot synthetic_snapshot(std::size_t count) {
  Snapshot snapshot;
  snapshot.up = true;
  snapshot.source = "synthetic";
  for (std::size_t n = 0; n < count; ++n) {
    char name[32], uuid[64];
    std::snprintf(name, sizeof name, "instance-%08zx", n);
    std::snprintf(uuid, sizeof uuid, "00000000-0000-4000-8000-%012zx", n);
    Domain& domain = snapshot.domains.emplace_back();
    domain.name = name;
    domain.uuid = uuid;
    domain.active = true;
    domain.stats = make_stats(n);
    domain.facts = std::make_shared<const DomainFacts>(make_facts(n));
  }
  return snapshot;
}

}  // namespace virt
