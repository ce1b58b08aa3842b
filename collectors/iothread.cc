// SPDX-License-Identifier: Apache-2.0
// How the I/O threads of each domain poll: libvirt's "iothread.<id>.*".
#include "exporter/pollster.h"

namespace virt {
namespace {

constexpr Meter kPolling[] = {
    {"poll-max-ns", "libvirt_domain_iothread_poll_max_seconds", Type::kGauge, kNanoseconds,
     "Longest polling before the thread sleeps; 0 = it does not poll, iothread.<id>.poll-max-ns."},
    {"poll-grow", "libvirt_domain_iothread_poll_grow", Type::kGauge, kOne,
     "Factor by which polling becomes longer; 0 = QEMU decides, iothread.<id>.poll-grow."},
    {"poll-shrink", "libvirt_domain_iothread_poll_shrink", Type::kGauge, kOne,
     "Divisor by which polling becomes shorter; 0 = QEMU decides, iothread.<id>.poll-shrink."},
    {"poll-weight", "libvirt_domain_iothread_poll_weight", Type::kGauge, kOne,
     "Weight of the last event, as a shift; 0 = QEMU decides. libvirt 12.7 and later, iothread.<id>.poll-weight."},
};

class IothreadPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override { return {kPolling}; }
  Groups groups() const override { return Group::kState | Group::kIothread; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Domain& domain : snapshot.domains)
      for (const Record& thread : domain.stats.group("iothread"))
        sample(kPolling, thread, {&domain, {{"iothread", thread.index()}}}, counters);
    return counters;
  }
};

REGISTER_POLLSTER(compute, iothread, IothreadPollster);

}  // namespace
}  // namespace virt
