// SPDX-License-Identifier: Apache-2.0
// What happened to domains: libvirt's events.
#include "exporter/libvirt/snapshot.h"

namespace virt {
namespace {

constexpr Meter kEvents[] = {
    {"", "libvirt_events_total", Type::kCumulative, kOne,
     "Domain events since the exporter started, by event and detail (virConnectDomainEventRegisterAny)."},
};

class EventsPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override { return {kEvents}; }
  Needs needs() const override { return 0; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const EventCount& event : snapshot.events)
      counters.sample(kEvents[0], static_cast<double>(event.count),
                      {nullptr, {{"event", event.event}, {"detail", event.detail}}});
    return counters;
  }
};

REGISTER_POLLSTER(compute, events, EventsPollster);

}  // namespace
}  // namespace virt
