// SPDX-License-Identifier: Apache-2.0
#include "exporter/self.h"

#include <gmock/gmock.h>

#include "exporter/testing/expose.h"
#include "exporter/text/families.h"
#include "tests/support/stats_of.h"

namespace virt {
namespace {

using testing::HasSubstr;
using testing::Not;

std::string text_of(const std::vector<PollsterReport>& reports, const Stats& process) {
  return samples_only(
      families_text(self_meters(), self_counters(reports, {}, {"1.2.3", "abc", "GNU 12", "9.0.0"}, process)));
}

TEST(Self, build_info_names_versions) {
  EXPECT_THAT(text_of({}, {}),
              HasSubstr("virt_exporter_build_info{version=\"1.2.3\",revision=\"abc\",compiler=\"GNU 12\","
                        "libvirt=\"9.0.0\"} 1\n"));
}

TEST(Self, every_pollster_has_a_duration_and_its_success) {
  const std::string text = text_of({{"a.x", 0.25, true}, {"a.y", 0.5, false}}, {});
  EXPECT_THAT(text, HasSubstr("virt_scrape_pollster_duration_seconds{pollster=\"a.x\"} 0.25\n"));
  EXPECT_THAT(text, HasSubstr("virt_scrape_pollster_success{pollster=\"a.x\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("virt_scrape_pollster_success{pollster=\"a.y\"} 0\n"));
}

TEST(Self, source_without_words_of_its_own_says_whether_it_is_up_and_when_it_was_read) {
  const auto read = std::make_shared<SnapshotBase>();
  read->up = true;
  read->timestamp = std::chrono::system_clock::time_point{std::chrono::milliseconds{1500}};
  read->read_duration = std::chrono::milliseconds{250};
  const auto counters = self_counters({}, {{"acme", read}, {"late", std::make_shared<SnapshotBase>()}}, {}, {});
  EXPECT_THAT(samples_only(families_text(self_meters(), counters)),
              HasSubstr("virt_source_up{source=\"acme\"} 1\nvirt_source_up{source=\"late\"} 0\n"
                        "virt_source_read_timestamp_seconds{source=\"acme\"} 1.5\n"
                        "virt_source_read_duration_seconds{source=\"acme\"} 0.25\n"));
}

TEST(Self, what_is_counted_is_declared_with_it) {
  std::vector<std::string> names;
  for (const Meters& table : self_meters()) names.emplace_back(table[0].name);
  EXPECT_THAT(names,
              testing::IsSupersetOf({"virt_read_duration_seconds", "promhttp_metric_handler_requests_total",
                                     "virt_exporter_tls_handshake_errors_total", "virt_exporter_log_messages_total"}));
}

TEST(Self, the_process_is_told_with_the_usual_names) {
  const Stats process = stats_of({{"process.cpu", 1.5}, {"process.resident", 4096}});
  const std::string text = text_of({}, process);
  EXPECT_THAT(text, HasSubstr("process_cpu_seconds_total 1.5\nprocess_resident_memory_bytes 4096\n"));
  EXPECT_THAT(text, Not(HasSubstr("process_threads"))) << "what could not be read is absent";
}

}  // namespace
}  // namespace virt
