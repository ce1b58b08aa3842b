// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/about.h"

#include "exporter/libvirt/call_kinds.h"

namespace virt {
namespace {

constexpr Meter kUp[] = {
    {"", "libvirt_up", Type::kGauge, kOne,
     "1 if the exporter is connected to libvirt and knows its domains, else 0: by libvirt's list or, "
     "where the list hangs, by asking each domain that was known before."}};
constexpr Meter kBegun[] = {
    {"", "virt_scrape_inspect_timestamp_seconds", Type::kGauge, kOne,
     "Unix time at which the read of libvirt behind this scrape began; scrapes that arrive together share a read."}};
constexpr Meter kDuration[] = {
    {"", "virt_scrape_inspect_duration_seconds", Type::kGauge, kOne,
     "Duration of the read of libvirt behind this scrape, up to its end or until this scrape had to answer."}};
constexpr Meter kIncomplete[] = {
    {"", "virt_scrape_domains_incomplete", Type::kGauge, kOne,
     "Active domains without the statistics that only QEMU has, because their monitor did not answer or was not asked "
     "in this scrape."}};
constexpr Meter kLeftBehind[] = {
    {"", "virt_libvirt_calls_left_behind", Type::kGauge, kOne,
     "Calls to libvirt that are stuck on unresponsive domains; at --libvirt_max_calls no monitor is asked any more."}};
constexpr Meter kPartSuccess[] = {
    {"", "virt_libvirt_part_success", Type::kGauge, kOne,
     "1 if all of this part of what is read of libvirt came, 0 if it failed or hangs and its series are missing or "
     "incomplete; the log says why."}};
constexpr Meter kPartDuration[] = {
    {"", "virt_libvirt_part_duration_seconds", Type::kGauge, kOne,
     "Time from asking for this part until the last of it came, or until this scrape had to answer."}};
constexpr Meter kPartCallsOut[] = {
    {"", "virt_libvirt_part_calls_out", Type::kGauge, kOne,
     "Calls to libvirt for this part, of this scrape or earlier ones, that have not come back."}};

}  // namespace

std::vector<Meters> AboutLibvirt::meters() const {
  std::vector<Meters> meters{kUp,         kBegun,       kDuration,     kIncomplete,
                             kLeftBehind, kPartSuccess, kPartDuration, kPartCallsOut};
  const auto of_calls = call_meters();
  meters.insert(meters.end(), of_calls.begin(), of_calls.end());
  return meters;
}

Counters AboutLibvirt::get_counters(const Snapshot& snapshot) const {
  Counters counters;
  const auto add = [&](const Meter& meter, auto number) {
    if (number) counters.sample(meter, static_cast<double>(*number), {});
  };
  counters.sample(kUp[0], snapshot.up ? 1 : 0, {});
  const std::chrono::duration<double> begun = snapshot.timestamp.time_since_epoch();
  if (begun.count() > 0) {  // else the scrape could not even wait for a read to begin
    counters.sample(kBegun[0], begun.count(), {});
    counters.sample(kDuration[0], snapshot.read_duration.count(), {});
  }
  add(kIncomplete[0], snapshot.incomplete);
  add(kLeftBehind[0], snapshot.calls_left_behind);
  for (const PartReport& report : snapshot.parts) {
    const Resource part{nullptr, {{"part", report.name}}};
    counters.sample(kPartSuccess[0], report.success ? 1 : 0, part);
    counters.sample(kPartDuration[0], report.duration.count(), part);
    counters.sample(kPartCallsOut[0], static_cast<double>(report.calls_out), part);
  }
  return counters;
}

}  // namespace virt
