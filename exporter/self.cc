// SPDX-License-Identifier: Apache-2.0
#include "exporter/self.h"

#include "exporter/http/http_instruments.h"
#include "exporter/process/log.h"
#include "exporter/reader.h"

namespace virt {
namespace {

constexpr Meter kBuild[] = {
    {"", "virt_exporter_build_info", Type::kGauge, kOne,
     "Constant 1; labels hold the exporter's version, commit, compiler and libvirt library version."}};
constexpr Meter kDuration[] = {
    {"", "virt_scrape_pollster_duration_seconds", Type::kGauge, kOne, "Time that the pollster took in this scrape."}};
constexpr Meter kSuccess[] = {{"", "virt_scrape_pollster_success", Type::kGauge, kOne,
                               "1 if the pollster succeeded, 0 if it failed, or nothing came of what it needs, and it "
                               "has no samples in this scrape; "
                               "the log says why."}};
constexpr Meter kSourceUp[] = {
    {"", "virt_source_up", Type::kGauge, kOne, "1 if the plug-in's source could be read, else 0; the log says why."}};
constexpr Meter kSourceBegun[] = {{"", "virt_source_read_timestamp_seconds", Type::kGauge, kOne,
                                   "Unix time at which the read of the plug-in's source behind this scrape began."}};
constexpr Meter kSourceDuration[] = {
    {"", "virt_source_read_duration_seconds", Type::kGauge, kOne,
     "Duration of the read of the plug-in's source behind this scrape, up to its end or until this scrape had to "
     "answer."}};
constexpr Meter kProcess[] = {
    {"cpu", "process_cpu_seconds_total", Type::kCumulative, kOne,
     "User and system CPU time of the exporter (/proc/self/stat)."},
    {"resident", "process_resident_memory_bytes", Type::kGauge, kOne,
     "Resident memory of the exporter (/proc/self/stat)."},
    {"virtual", "process_virtual_memory_bytes", Type::kGauge, kOne,
     "Virtual memory of the exporter (/proc/self/stat)."},
    {"start", "process_start_time_seconds", Type::kGauge, kOne,
     "Unix time at which the exporter started (/proc/self/stat)."},
    {"threads", "process_threads", Type::kGauge, kOne, "Number of threads of the exporter (/proc/self/stat)."},
    {"fds", "process_open_fds", Type::kGauge, kOne, "Number of open file descriptors of the exporter (/proc/self/fd)."},
    {"max_fds", "process_max_fds", Type::kGauge, kOne,
     "Maximum number of open file descriptors of the exporter (getrlimit)."},
};

}  // namespace

std::vector<Meters> self_meters() {
  std::vector<Meters> meters{kBuild, kDuration, kSuccess, kSourceUp, kSourceBegun, kSourceDuration, kProcess};
  for (const auto& counted : {reader_meters(), http_meters(), log_meters()})
    meters.insert(meters.end(), counted.begin(), counted.end());
  return meters;
}

Counters self_counters(const std::vector<PollsterReport>& pollsters, const std::vector<SourceReport>& sources,
                       const BuildInfo& build, const Stats& process) {
  Counters counters;
  const Resource exporter{nullptr,
                          {{"version", build.version},
                           {"revision", build.revision},
                           {"compiler", build.compiler},
                           {"libvirt", build.libvirt}}};
  counters.sample(kBuild[0], 1, exporter);
  for (const PollsterReport& report : pollsters) {
    const Resource pollster{nullptr, {{"pollster", report.name}}};
    counters.sample(kDuration[0], report.seconds, pollster);
    counters.sample(kSuccess[0], report.success ? 1 : 0, pollster);
  }
  for (const auto& [name, snapshot] : sources) {
    const Resource source{nullptr, {{"source", name}}};
    counters.sample(kSourceUp[0], snapshot->up ? 1 : 0, source);
    const std::chrono::duration<double> begun = snapshot->timestamp.time_since_epoch();
    if (begun.count() <= 0) continue;  // the scrape could not even wait for a read to begin
    counters.sample(kSourceBegun[0], begun.count(), source);
    counters.sample(kSourceDuration[0], snapshot->read_duration.count(), source);
  }
  counters.sample(kProcess, process.record("process"), {});
  return counters;
}

}  // namespace virt
