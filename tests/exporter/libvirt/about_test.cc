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

TEST(AboutLibvirt, each_part_that_was_asked_says_how_it_went) {
  Snapshot snapshot;
  snapshot.parts = {{"pools", false, std::chrono::milliseconds{9500}, 1},
                    {"host", true, std::chrono::milliseconds{2}, 0}};
  EXPECT_THAT(text_of(snapshot), HasSubstr("virt_libvirt_part_success{part=\"pools\"} 0\n"
                                           "virt_libvirt_part_success{part=\"host\"} 1\n"
                                           "virt_libvirt_part_duration_seconds{part=\"pools\"} 9.5\n"
                                           "virt_libvirt_part_duration_seconds{part=\"host\"} 0.002\n"
                                           "virt_libvirt_part_calls_out{part=\"pools\"} 1\n"
                                           "virt_libvirt_part_calls_out{part=\"host\"} 0\n"));
}

}  // namespace
}  // namespace virt
