// SPDX-License-Identifier: Apache-2.0
#include "exporter/text/collected.h"

#include <gmock/gmock.h>
#include <prometheus/text_serializer.h>

#include <algorithm>
#include <limits>
#include <sstream>
#include <stdexcept>

#include "tests/support/counted.h"

namespace virt {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

TEST(Collected, histogram_has_cumulative_buckets_a_sum_and_a_count) {
  const Instruments instruments;
  static constexpr Meter kMeter[] = {{"", "read_seconds", Type::kHistogram, kOne, "How long\nit took."}};
  prometheus::Histogram& reads = instruments.histogram(kMeter[0], {0.25, 10}, {{"source", "a\"b"}});
  for (const double seconds : {0.25, 0.5, 1.5, 60.0}) reads.Observe(seconds);
  EXPECT_EQ(text_of(instruments.collect()),
            "# HELP read_seconds How long\\nit took.\n"
            "# TYPE read_seconds histogram\n"
            "read_seconds_bucket{source=\"a\\\"b\",le=\"0.25\"} 1\n"
            "read_seconds_bucket{source=\"a\\\"b\",le=\"10\"} 3\n"
            "read_seconds_bucket{source=\"a\\\"b\",le=\"+Inf\"} 4\n"
            "read_seconds_sum{source=\"a\\\"b\"} 62.25\n"
            "read_seconds_count{source=\"a\\\"b\"} 4\n");
}

// prometheus-cpp has a histogram's count and sum before its buckets, which no reader minds.
std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream{text};
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  std::ranges::sort(lines);
  return lines;
}

TEST(Collected, text_is_that_of_prometheus_cpp) {
  ClientMetric metric;
  metric.label = {{"a", "x"}, {"b", "y\\z\n"}};
  metric.gauge.value = metric.counter.value = 2.5;
  metric.histogram = {3, 4.5, {{1, 0.5}, {3, std::numeric_limits<double>::infinity()}}};
  const std::vector<MetricFamily> families{{"a_total", "A.", MetricType::Counter, {metric}},
                                           {"b", "B.", MetricType::Gauge, {metric, {}}},
                                           {"c_seconds", "C.", MetricType::Histogram, {metric}}};
  EXPECT_EQ(lines_of(text_of(families)), lines_of(prometheus::TextSerializer{}.Serialize(families)));
}

TEST(Collected, other_types_are_refused) {
  EXPECT_THROW(text_of({{"a", "A.", MetricType::Summary, {}}}), std::logic_error);
}

}  // namespace
}  // namespace virt
