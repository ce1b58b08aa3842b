// SPDX-License-Identifier: Apache-2.0
#include "exporter/pollster.h"

#include <gmock/gmock.h>

#include <limits>

#include "tests/support/stats_of.h"

namespace virt {
namespace {

constexpr Meter kMeters[] = {
    {"bytes", "bytes_total", Type::kCumulative, kKibibytes, "Bytes."},
    {"time", "time_seconds_total", Type::kCumulative, kNanoseconds, "Time."},
    {"", "computed", Type::kGauge, kOne, "Computed."},
    {"*.sum", "open_*_total", Type::kCumulative, kOne, "Open."},
};

Counters sampled(const Stats& stats) {
  Counters counters;
  counters.sample(kMeters, stats.all(), {nullptr, {{"device", "a"}}});
  return counters;
}

TEST(Sample, scales_to_the_base_unit) {
  const Stats stats = stats_of({{"bytes", 2}, {"time", 1500000000}});
  const Counters counters = sampled(stats);
  ASSERT_EQ(counters.size(), 2u);
  EXPECT_EQ(counters[0].volume, 2048);
  EXPECT_EQ(counters[1].volume, 1.5);
}

TEST(Sample, nanoseconds_become_the_nearest_double) {
  const Stats stats = stats_of({{"time", 123456789}});
  EXPECT_EQ(sampled(stats)[0].volume, 0.123456789);
}

TEST(Sample, an_absent_key_gives_no_counter) {
  const Stats stats = stats_of({{"other", 1}});
  EXPECT_TRUE(sampled(stats).empty());
}

TEST(Sample, zero_is_a_value) {
  const Stats stats = stats_of({{"bytes", 0}});
  ASSERT_EQ(sampled(stats).size(), 1u);
  EXPECT_EQ(sampled(stats)[0].volume, 0);
}

TEST(Sample, an_empty_key_is_never_looked_up) {
  const Stats stats = stats_of({{"", 1}});
  EXPECT_TRUE(sampled(stats).empty());
}

TEST(Sample, a_star_gives_a_counter_for_each_key) {
  const Stats stats = stats_of({{"exits.sum", 3}, {"poll_ns.sum", 2000000000}});
  const Counters counters = sampled(stats);
  ASSERT_EQ(counters.size(), 2u);
  EXPECT_EQ(counters[0].star, "exits");
  EXPECT_EQ(counters[0].volume, 3);
  EXPECT_EQ(counters[1].star, "poll_ns");
  EXPECT_EQ(counters[1].volume, 2) << "nanoseconds of open groups are scaled by their name";
}

TEST(Sample, counters_of_a_record_share_their_resource) {
  const Stats stats = stats_of({{"bytes", 1}, {"time", 1}});
  const Counters counters = sampled(stats);
  ASSERT_EQ(counters.size(), 2u);
  EXPECT_EQ(counters[0].resource, counters[1].resource);
  EXPECT_EQ(counters[0].resource->labels.at(0).value, "a");
}

// What was found among the keys of one domain goes for another one with the same keys, and for no other.
TEST(Sample, domains_with_the_same_keys_have_values_of_their_own) {
  static constexpr Meter kTable[] = {{"time", "time", Type::kGauge, kNanoseconds, ""},
                                     {"*.sum", "open_*", Type::kGauge, kOne, ""},
                                     {"wait", "wait", Type::kGauge, kOne, ""}};
  const Stats first = stats_of({{"v.0.time", 1e9}, {"v.0.exits.sum", 2}, {"v.1.time", 3e9}});
  const Stats second = stats_of({{"v.0.time", 4e9}, {"v.0.exits.sum", 5}, {"v.1.time", 6e9}});
  const Stats other = stats_of({{"v.0.wait", 7}, {"v.0.halts.sum", 8}});
  Counters counters;
  for (const Stats* stats : {&first, &second, &other, &first})
    for (const Record& record : stats->group("v")) counters.sample(kTable, record, {});
  counters.sample(Meters{kTable}.first(1), second.group("v")[0], {});
  std::vector<std::pair<std::string, double>> found;
  for (const Counter& counter : counters)
    found.emplace_back(std::string{counter.meter->name} + std::string{counter.star}, counter.volume);
  using Found = std::pair<std::string, double>;
  EXPECT_THAT(found,
              testing::ElementsAre(Found{"time", 1}, Found{"open_*exits", 2}, Found{"time", 3},  //
                                   Found{"time", 4}, Found{"open_*exits", 5}, Found{"time", 6}, Found{"open_*halts", 8},
                                   Found{"wait", 7},  //
                                   Found{"time", 1}, Found{"open_*exits", 2}, Found{"time", 3}, Found{"time", 4}));
}

// The texts are those of Go 1.26's strconv.FormatFloat(bound, 'g', -1, 64).
TEST(BoundText, is_that_of_go) {
  const std::pair<double, const char*> bounds[] = {{0, "0"},
                                                   {1, "1"},
                                                   {0.5, "0.5"},
                                                   {0.001, "0.001"},
                                                   {5e-4, "0.0005"},
                                                   {1e-4, "0.0001"},
                                                   {1.5e-4, "0.00015"},
                                                   {1e-5, "1e-05"},
                                                   {1.5e-5, "1.5e-05"},
                                                   {5e-9, "5e-09"},
                                                   {10, "10"},
                                                   {1e5, "100000"},
                                                   {123456, "123456"},
                                                   {999999, "999999"},
                                                   {1e6, "1e+06"},
                                                   {1234567, "1.234567e+06"},
                                                   {1e20, "1e+20"},
                                                   {1.2345678901234568e20, "1.2345678901234568e+20"},
                                                   {1e21, "1e+21"},
                                                   {1.7976931348623157e308, "1.7976931348623157e+308"},
                                                   {5e-324, "5e-324"},
                                                   {-1, "-1"},
                                                   {std::numeric_limits<double>::infinity(), "+Inf"},
                                                   {-std::numeric_limits<double>::infinity(), "-Inf"}};
  for (const auto& [bound, text] : bounds) EXPECT_EQ(bound_text(bound), text);
}

}  // namespace
}  // namespace virt
