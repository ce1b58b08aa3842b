// SPDX-License-Identifier: Apache-2.0
// Every key that libvirt's headers define up to 12.8, also those that no libvirt of today's distributions prints, is
// exported, or stands on a short list with the reason. What a real libvirt prints is asked in tests/lab.
#include <gmock/gmock.h>

#include <map>
#include <sstream>

#include "exporter/registry.h"
#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"
#include "tests/support/libvirt_header.h"

namespace virt {
namespace {

// The values are not important, but no counter is 0, and none is that of another key.
constexpr char kEverything[] = R"(state.state=1
state.reason=1
cpu.time=11
cpu.user=12
cpu.system=13
cpu.haltpoll.success.time=14
cpu.haltpoll.fail.time=15
cpu.cache.monitor.count=1
cpu.cache.monitor.0.name=m
cpu.cache.monitor.0.vcpus=0
cpu.cache.monitor.0.bank.count=1
cpu.cache.monitor.0.bank.0.id=16
cpu.cache.monitor.0.bank.0.bytes=17
cpu.energy.monitor.count=1
cpu.energy.monitor.0.name=m
cpu.energy.monitor.0.vcpus=0
cpu.energy.monitor.0.pkg.count=1
cpu.energy.monitor.0.pkg.0.id=18
cpu.energy.monitor.0.pkg.0.core_energy=19.5
cpu.energy.monitor.0.pkg.0.activity=20.5
balloon.current=21
balloon.maximum=22
balloon.swap_in=23
balloon.swap_out=24
balloon.major_fault=25
balloon.minor_fault=26
balloon.unused=27
balloon.available=28
balloon.usable=29
balloon.last-update=30
balloon.rss=31
balloon.disk_caches=32
balloon.hugetlb_pgalloc=33
balloon.hugetlb_pgfail=34
vcpu.current=41
vcpu.maximum=42
vcpu.0.state=43
vcpu.0.time=44
vcpu.0.wait=45
vcpu.0.delay=46
vcpu.0.halted=yes
vcpu.0.exits.sum=47
vcpu.0.blocking.cur=48
vcpu.0.depth.max=49
vm.remote_tlb_flush.sum=51
vm.pages_4k.cur=52
vm.max_collisions.max=53
net.count=1
net.0.name=tap0
net.0.rx.bytes=61
net.0.rx.pkts=62
net.0.rx.errs=63
net.0.rx.drop=64
net.0.tx.bytes=65
net.0.tx.pkts=66
net.0.tx.errs=67
net.0.tx.drop=68
block.count=2
block.0.name=vda
block.0.path=/top
block.0.backingIndex=71
block.0.rd.reqs=72
block.0.rd.bytes=73
block.0.rd.times=74
block.0.wr.reqs=75
block.0.wr.bytes=76
block.0.wr.times=77
block.0.fl.reqs=78
block.0.fl.times=79
block.0.errors=80
block.0.allocation=81
block.0.capacity=82
block.0.physical=83
block.0.threshold=84
block.0.limits.request_alignment=85
block.0.limits.discard_max=86
block.0.limits.discard_alignment=87
block.0.limits.write_zeroes_max=88
block.0.limits.write_zeroes_alignment=89
block.0.limits.transfer_optimal=90
block.0.limits.transfer_max=91
block.0.limits.transfer_hw_max=92
block.0.limits.iov_max=93
block.0.limits.iov_hw_max=94
block.0.limits.memory_alignment_minimal=95
block.0.limits.memory_alignment_optimal=96
block.0.timed_group.count=1
block.0.timed_group.0.interval=101
block.0.timed_group.0.rd_latency_min=102
block.0.timed_group.0.rd_latency_max=103
block.0.timed_group.0.rd_latency_avg=104
block.0.timed_group.0.wr_latency_min=105
block.0.timed_group.0.wr_latency_max=106
block.0.timed_group.0.wr_latency_avg=107
block.0.timed_group.0.zone_append_latency_min=108
block.0.timed_group.0.zone_append_latency_max=109
block.0.timed_group.0.zone_append_latency_avg=110
block.0.timed_group.0.flush_latency_min=111
block.0.timed_group.0.flush_latency_max=112
block.0.timed_group.0.flush_latency_avg=113
block.0.timed_group.0.rd_queue_depth_avg=114
block.0.timed_group.0.wr_queue_depth_avg=115
block.0.timed_group.0.zone_append_queue_depth_avg=116
block.0.latency_histogram.read.bin.count=2
block.0.latency_histogram.read.bin.0.start=0
block.0.latency_histogram.read.bin.0.value=121
block.0.latency_histogram.read.bin.1.start=122
block.0.latency_histogram.read.bin.1.value=123
block.0.latency_histogram.write.bin.0.start=0
block.0.latency_histogram.write.bin.0.value=124
block.0.latency_histogram.zone_append.bin.0.start=0
block.0.latency_histogram.zone_append.bin.0.value=125
block.0.latency_histogram.flush.bin.0.start=0
block.0.latency_histogram.flush.bin.0.value=126
block.1.name=vda
block.1.path=/base
block.1.backingIndex=131
block.1.allocation=132
block.1.capacity=133
block.1.physical=134
block.1.threshold=135
block.1.limits.request_alignment=300
block.1.limits.discard_max=301
block.1.limits.discard_alignment=302
block.1.limits.write_zeroes_max=303
block.1.limits.write_zeroes_alignment=304
block.1.limits.transfer_optimal=305
block.1.limits.transfer_max=306
block.1.limits.transfer_hw_max=307
block.1.limits.iov_max=308
block.1.limits.iov_hw_max=309
block.1.limits.memory_alignment_minimal=310
block.1.limits.memory_alignment_optimal=311
perf.cmt=141
perf.mbmt=142
perf.mbml=143
perf.cache_misses=144
perf.cache_references=145
perf.instructions=146
perf.cpu_cycles=147
perf.branch_instructions=148
perf.branch_misses=149
perf.bus_cycles=150
perf.stalled_cycles_frontend=151
perf.stalled_cycles_backend=152
perf.ref_cpu_cycles=153
perf.cpu_clock=154
perf.task_clock=155
perf.page_faults=156
perf.context_switches=157
perf.cpu_migrations=158
perf.page_faults_min=159
perf.page_faults_maj=160
perf.alignment_faults=161
perf.emulation_faults=162
iothread.count=1
iothread.0.poll-max-ns=171
iothread.0.poll-grow=172
iothread.0.poll-shrink=173
iothread.0.poll-weight=174
memory.bandwidth.monitor.count=1
memory.bandwidth.monitor.0.name=m
memory.bandwidth.monitor.0.vcpus=0
memory.bandwidth.monitor.0.node.count=1
memory.bandwidth.monitor.0.node.0.id=181
memory.bandwidth.monitor.0.node.0.bytes.local=182
memory.bandwidth.monitor.0.node.0.bytes.total=183
dirtyrate.calc_status=2
dirtyrate.calc_start_time=191
dirtyrate.calc_period=192
dirtyrate.megabytes_per_second=193
dirtyrate.calc_mode=dirty-ring
dirtyrate.vcpu.0.megabytes_per_second=194
)";

// Of virDomainGetJobStats, under the name that the source gives them.
constexpr char kJob[] = R"(job.type=201
job.operation=202
job.time_elapsed=203
job.time_elapsed_net=204
job.time_remaining=205
job.downtime=206
job.downtime_net=207
job.setup_time=208
job.data_total=209
job.data_processed=210
job.data_remaining=211
job.memory_total=212
job.memory_processed=213
job.memory_remaining=214
job.memory_constant=215
job.memory_normal=216
job.memory_normal_bytes=217
job.memory_bps=218
job.memory_dirty_rate=219
job.memory_page_size=220
job.memory_iteration=221
job.memory_postcopy_requests=222
job.disk_total=223
job.disk_processed=224
job.disk_remaining=225
job.disk_bps=226
job.disk_temp_used=227
job.disk_temp_total=228
job.compression_cache=229
job.compression_bytes=230
job.compression_pages=231
job.compression_cache_misses=232
job.compression_overflow=233
job.auto_converge_throttle=234
job.vfio_data_transferred=235
job.success=1
job.errmsg=why
)";

std::string exposed(const std::string& domstats) {
  const Snapshot snapshot = snapshot_of(std::string{"Domain: 'a'\n"}.append(domstats));
  std::string text;
  for (const NamedPollster& pollster : make_pollsters())
    if (pollster.name.starts_with("compute.")) text += expose(pollster.name, snapshot);
  return text;
}

// The keys without which the exporter says the same as with them.
std::vector<std::string> silent_keys() {
  std::vector<std::string> lines;
  std::istringstream text{std::string{kEverything}.append(kJob)};
  for (std::string line; std::getline(text, line);) lines.push_back(line + "\n");
  const auto all_but = [&](std::size_t one) {
    std::string rest;
    for (std::size_t i = 0; i < lines.size(); ++i)
      if (i != one) rest += lines[i];
    return exposed(rest);
  };
  const std::string all = all_but(lines.size());
  std::vector<std::string> silent;
  for (std::size_t i = 0; i < lines.size(); ++i)
    if (all_but(i) == all) silent.push_back(lines[i].substr(0, lines[i].find('=')));
  return silent;
}

TEST(AllKeys, each_is_exported_or_there_is_a_reason) {
  EXPECT_THAT(silent_keys(),
              testing::ElementsAre(
                  // How many records follow: PromQL counts them.
                  "cpu.cache.monitor.count", "cpu.cache.monitor.0.bank.count", "cpu.energy.monitor.count",
                  "cpu.energy.monitor.0.pkg.count", "net.count", "block.count",
                  // The image on top is the XML's: source_file of libvirt_domain_block_stats_info. Its
                  // index is libvirt's handle for its own commands.
                  "block.0.path", "block.0.backingIndex",
                  // As above.
                  "block.0.timed_group.count", "block.0.latency_histogram.read.bin.count", "iothread.count",
                  "memory.bandwidth.monitor.count", "memory.bandwidth.monitor.0.node.count",
                  // Of jobs that are over, whose statistics are never consumed.
                  "job.success", "job.errmsg"));
}

// "VIR_DOMAIN_STATS_BLOCK_SUFFIX_TIMED_GROUP_SUFFIX_INTERVAL" → "block.0.timed_group.0.interval": the text of the macro
// behind those that it is a suffix to.
std::string key_of(const std::map<std::string, std::string>& macros, const std::string& macro) {
  const auto suffix = macro.rfind("_SUFFIX_");
  if (suffix == std::string::npos) return macros.at(macro);
  const std::string owner = macro.substr(0, suffix) + "_PREFIX";
  return macros.count(owner) == 0 ? macros.at(macro) : key_of(macros, owner) + "0" + macros.at(macro);
}

// libvirt's header has macros of them since 11.2.
TEST(AllKeys, those_of_the_installed_libvirt_are_among_these) {
  const auto macros = LibvirtHeaders{}.texts("VIR_DOMAIN_STATS_");
  const std::string known = kEverything;
  std::vector<std::string> missing;
  for (const auto& [macro, text] : macros) {
    const std::string key = key_of(macros, macro) + (macro.ends_with("_PREFIX") ? "" : "=");
    if (known.find(key) == std::string::npos) missing.push_back(macro);
  }
  EXPECT_THAT(missing, testing::IsEmpty());
}

}  // namespace
}  // namespace virt
