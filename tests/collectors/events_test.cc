// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "exporter/libvirt/snapshot.h"
#include "exporter/testing/expose.h"

namespace virt {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(EventsPollster, events_are_counters_of_the_host) {
  Snapshot snapshot;
  snapshot.events = {{"lifecycle", "stopped_crashed", 2}, {"reboot", "", 0}};
  EXPECT_EQ(samples_only(expose("compute.events", snapshot)),
            "libvirt_events_total{event=\"lifecycle\",detail=\"stopped_crashed\"} 2\n"
            "libvirt_events_total{event=\"reboot\",detail=\"\"} 0\n");
  EXPECT_THAT(expose("compute.events", snapshot), HasSubstr("# TYPE libvirt_events_total counter\n"));
  EXPECT_THAT(expose("compute.events", Snapshot{}), Not(HasSubstr("libvirt_events_total")));
}

}  // namespace
}  // namespace virt
