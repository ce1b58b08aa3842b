// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/call_kinds.h"

#include <exception>

namespace virt {
namespace {

constexpr Meter kDuration[] = {
    {"", "virt_libvirt_call_duration_seconds", Type::kHistogram, kOne,
     "Duration of the exporter's calls to libvirt, by kind: connect, list (all domains), domain (statistics of some "
     "domains), control (what blocks domains), xml, job and host."}};
constexpr Meter kErrors[] = {{"", "virt_libvirt_call_errors_total", Type::kCumulative, kOne,
                              "Calls to libvirt that failed, by kind; of kind connect, failed connections."}};
constexpr Meter kTimeouts[] = {{"", "virt_libvirt_call_timeouts_total", Type::kCumulative, kOne,
                                "Calls to libvirt that had not returned when their read had to end, by kind."}};

constexpr Meter kReconnects[] = {{"", "virt_libvirt_reconnects_total", Type::kCumulative, kOne,
                                  "Connections to libvirt that were lost and reestablished."}};

// Calls that QEMU need not be asked for, quick monitors, slow ones, and those that are as good as lost.
const Bounds kBounds{0.01, 0.1, 1, 10};

}  // namespace

std::vector<Meters> call_meters() { return {kDuration, kErrors, kTimeouts, kReconnects}; }

// ---- CallKind ----------------------------------------------------------------------------------------------

CallKind::CallKind(const std::string& name, Instruments instruments)
    : instruments_(std::move(instruments)),
      durations_(instruments_.histogram(kDuration[0], kBounds, {{"kind", name}})),
      errors_(instruments_.counter(kErrors[0], {{"kind", name}})),
      timeouts_(instruments_.counter(kTimeouts[0], {{"kind", name}})) {}

void CallKind::end_read() {
  const std::lock_guard lock{mutex_};
  ++read_;
  timeouts_.Increment(std::exchange(out_, 0));
}

std::uint64_t CallKind::begin() {
  const std::lock_guard lock{mutex_};
  ++out_;
  return read_;
}

void CallKind::end(std::uint64_t read) {
  const std::lock_guard lock{mutex_};
  if (read == read_) --out_;  // else it has timed out
}

// ---- TimedCall ---------------------------------------------------------------------------------------------

TimedCall::TimedCall(CallKind& kind) : kind_(kind), exceptions_(std::uncaught_exceptions()), read_(kind.begin()) {}

TimedCall::~TimedCall() {
  const std::chrono::duration<double> duration = std::chrono::steady_clock::now() - begun_;
  kind_.durations_.Observe(duration.count());
  if (std::uncaught_exceptions() > exceptions_) kind_.errors_.Increment();
  kind_.end(read_);
}

// ---- CallKinds ---------------------------------------------------------------------------------------------

CallKinds::CallKinds(Instruments instruments)
    : instruments_(std::move(instruments)), reconnects(instruments_.counter(kReconnects[0])) {}

void CallKinds::end_read() const {
  for (const auto& kind : all_) kind->end_read();
}

std::shared_ptr<CallKind> CallKinds::add(const std::string& name) {
  return all_.emplace_back(std::make_shared<CallKind>(name, instruments_));
}

}  // namespace virt
