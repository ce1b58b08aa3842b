// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/snapshot.h"

#include <gmock/gmock.h>

namespace virt {
namespace {

TEST(CloudSnapshot, time_as_the_apis_write_it_is_seconds) {
  EXPECT_EQ(unix_time("1970-01-02T00:00:01"), 86401);
  EXPECT_EQ(unix_time("2026-11-28T14:05:01.123456"), 1795874701);
  EXPECT_EQ(unix_time("2026-11-28T14:05:01Z"), 1795874701);
}

TEST(CloudSnapshot, other_text_is_no_time) {
  for (const char* text : {"", "2026-11-28", "2026-13-28T14:05:01", "2026-02-30T14:05:01", "2026-11-28 14:05:01",
                           "x026-11-28T14:05:01", "2026-11-28T-1:05:01"})
    EXPECT_EQ(unix_time(text), std::nullopt) << text;
}

TEST(CloudSnapshot, list_that_is_not_known_has_no_items) {
  CloudSnapshot snapshot;
  EXPECT_EQ(snapshot.items(CloudList::kPorts), nullptr);
  snapshot.lists[CloudList::kPorts] = std::make_shared<const CloudItems>();
  EXPECT_NE(snapshot.items(CloudList::kPorts), nullptr);
  EXPECT_EQ(snapshot.items(CloudList::kServers), nullptr);
}

}  // namespace
}  // namespace virt
