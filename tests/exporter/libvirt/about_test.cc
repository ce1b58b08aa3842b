// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/about.h"

#include <gmock/gmock.h>

#include "exporter/testing/expose.h"
#include "exporter/text/families.h"

namespace virt {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string text_of(const Snapshot& snapshot) {
  const AboutLibvirt about;
  return samples_only(families_text(about.meters(), about.counters(snapshot)));
}

TEST(AboutLibvirt, libvirt_up_follows_the_snapshot) {
  Snapshot snapshot;
  EXPECT_THAT(text_of(snapshot), HasSubstr("libvirt_up 0\n"));
  snapshot.up = true;
  EXPECT_THAT(text_of(snapshot), HasSubstr("libvirt_up 1\n"));
}

TEST(AboutLibvirt, time_and_duration_are_those_of_the_read_and_absent_if_none_began) {
  Snapshot snapshot;
  EXPECT_THAT(text_of(snapshot), Not(HasSubstr("virt_scrape_inspect")));
  snapshot.timestamp = std::chrono::system_clock::time_point{std::chrono::milliseconds{1500}};
  snapshot.read_duration = std::chrono::milliseconds{250};
  EXPECT_THAT(text_of(snapshot),
              HasSubstr("virt_scrape_inspect_timestamp_seconds 1.5\nvirt_scrape_inspect_duration_seconds 0.25\n"));
}

TEST(AboutLibvirt, what_is_counted_of_calls_is_declared_with_it) {
  std::vector<std::string> names;
  for (const Meters& table : AboutLibvirt{}.meters()) names.emplace_back(table[0].name);
  EXPECT_THAT(names, testing::IsSupersetOf({"libvirt_up", "virt_libvirt_call_duration_seconds"}));
}

}  // namespace
}  // namespace virt
