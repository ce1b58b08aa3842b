// SPDX-License-Identifier: Apache-2.0
// How the I/O threads of each domain poll: libvirt's "iothread.<id>.*".
#include "exporter/libvirt/snapshot.h"

namespace virt {
namespace {

constexpr Meter kPolling[] = {
    {"poll-max-ns", "libvirt_domain_iothread_poll_max_seconds", Type::kGauge, kNanoseconds,
     "Maximum time that the I/O thread polls before it sleeps, 0 if polling is disabled (libvirt "
     "iothread.<id>.poll-max-ns)."},
    {"poll-grow", "libvirt_domain_iothread_poll_grow", Type::kGauge, kOne,
     "Factor by which the polling time grows, 0 if QEMU decides (libvirt iothread.<id>.poll-grow)."},
    {"poll-shrink", "libvirt_domain_iothread_poll_shrink", Type::kGauge, kOne,
     "Divisor by which the polling time shrinks, 0 if QEMU decides (libvirt iothread.<id>.poll-shrink)."},
    {"poll-weight", "libvirt_domain_iothread_poll_weight", Type::kGauge, kOne,
     "Weight of the last event as a bit shift, 0 if QEMU decides; libvirt 12.7 and later (libvirt "
     "iothread.<id>.poll-weight)."},
};

class IothreadPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override { return {kPolling}; }
  Needs needs() const override { return Group::kState | Group::kIothread; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Domain& domain : snapshot.domains)
      for (const Record& thread : domain.stats.group("iothread"))
        counters.sample(kPolling, thread, {&domain, {{"iothread", thread.index()}}});
    return counters;
  }
};

REGISTER_POLLSTER(compute, iothread, IothreadPollster);

}  // namespace
}  // namespace virt
