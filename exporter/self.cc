// SPDX-License-Identifier: Apache-2.0
#include "exporter/self.h"

namespace virt {
namespace {

constexpr Meter kBuild[] = {
    {"", "virt_exporter_build_info", Type::kGauge, kOne,
     "Constant 1; labels hold the exporter's version, commit, compiler and libvirt library version."}};
constexpr Meter kDuration[] = {
    {"", "virt_scrape_pollster_duration_seconds", Type::kGauge, kOne, "Time that the pollster took in this scrape."}};
constexpr Meter kSuccess[] = {
    {"", "virt_scrape_pollster_success", Type::kGauge, kOne,
     "1 if the pollster succeeded, 0 if it failed and has no samples in this scrape; the log says why."}};
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

std::vector<Meters> self_meters() { return {kBuild, kDuration, kSuccess, kProcess}; }

Counters self_counters(const std::vector<PollsterReport>& reports, const BuildInfo& build, const Stats& process) {
  Counters counters;
  const Resource exporter{nullptr,
                          {{"version", build.version},
                           {"revision", build.revision},
                           {"compiler", build.compiler},
                           {"libvirt", build.libvirt}}};
  sample(kBuild[0], 1, exporter, counters);
  for (const PollsterReport& report : reports) {
    const Resource pollster{nullptr, {{"pollster", report.name}}};
    sample(kDuration[0], report.seconds, pollster, counters);
    sample(kSuccess[0], report.success ? 1 : 0, pollster, counters);
  }
  sample(kProcess, process.record("process"), {}, counters);
  return counters;
}

}  // namespace virt
