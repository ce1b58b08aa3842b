// SPDX-License-Identifier: Apache-2.0
#include "exporter/self.h"

namespace virt {
namespace {

enum { kUp, kBuild, kBegun, kInspect, kReconnects, kIncomplete, kLeftBehind, kDuration, kSuccess, kProcess };

constexpr Meter kMeters[] = {
    {"", "libvirt_up", Type::kGauge, kOne,
     "1 if the exporter is connected to libvirt and could list its domains, else 0."},
    {"", "virt_exporter_build_info", Type::kGauge, kOne,
     "Constant 1; labels hold the exporter's version, commit, compiler and libvirt library version."},
    {"", "virt_scrape_inspect_timestamp_seconds", Type::kGauge, kOne,
     "Unix time at which the read of libvirt behind this scrape began; scrapes that arrive together share a read."},
    {"", "virt_scrape_inspect_duration_seconds", Type::kGauge, kOne,
     "Duration of the read of libvirt behind this scrape, up to its end or until this scrape had to answer."},
    {"", "virt_libvirt_reconnects_total", Type::kCumulative, kOne,
     "Connections to libvirt that were lost and reestablished."},
    {"", "virt_scrape_domains_incomplete", Type::kGauge, kOne,
     "Active domains without the statistics that only QEMU has, because their monitor did not answer or was not asked "
     "in this scrape."},
    {"", "virt_libvirt_calls_left_behind", Type::kGauge, kOne,
     "Calls to libvirt that are stuck on unresponsive domains; at --libvirt_max_calls no monitor is asked any more."},
    {"", "virt_scrape_pollster_duration_seconds", Type::kGauge, kOne, "Time that the pollster took in this scrape."},
    {"", "virt_scrape_pollster_success", Type::kGauge, kOne,
     "1 if the pollster succeeded, 0 if it failed and has no samples in this scrape; the log says why."},
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

Meters self_meters() { return kMeters; }

Counters self_counters(const Snapshot& snapshot, const std::vector<PollsterReport>& reports, const BuildInfo& build,
                       const Stats& process) {
  Counters counters;
  sample(kMeters[kUp], snapshot.up ? 1 : 0, {}, counters);
  const Resource exporter{nullptr,
                          {{"version", build.version},
                           {"revision", build.revision},
                           {"compiler", build.compiler},
                           {"libvirt", build.libvirt}}};
  sample(kMeters[kBuild], 1, exporter, counters);
  const std::chrono::duration<double> begun = snapshot.timestamp.time_since_epoch();
  if (begun.count() > 0) {  // else the scrape could not even wait for a read to begin
    sample(kMeters[kBegun], begun.count(), {}, counters);
    sample(kMeters[kInspect], snapshot.inspect_duration.count(), {}, counters);
  }
  if (snapshot.reconnects) sample(kMeters[kReconnects], static_cast<double>(*snapshot.reconnects), {}, counters);
  if (snapshot.incomplete) sample(kMeters[kIncomplete], static_cast<double>(*snapshot.incomplete), {}, counters);
  if (snapshot.calls_left_behind)
    sample(kMeters[kLeftBehind], static_cast<double>(*snapshot.calls_left_behind), {}, counters);
  for (const PollsterReport& report : reports) {
    const Resource pollster{nullptr, {{"pollster", report.name}}};
    sample(kMeters[kDuration], report.seconds, pollster, counters);
    sample(kMeters[kSuccess], report.success ? 1 : 0, pollster, counters);
  }
  sample(Meters{kMeters}.subspan(kProcess), process.record("process"), {}, counters);
  return counters;
}

}  // namespace virt
