// SPDX-License-Identifier: Apache-2.0
#include "exporter/text_format.h"

#include <gtest/gtest.h>

#include <limits>

namespace virt {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using prometheus::MetricType;

MetricFamily gauge(double value) {
  MetricFamily family{"g", "Help.", MetricType::Gauge, {}};
  family.metric.emplace_back().gauge.value = value;
  return family;
}

std::string text_of(const MetricFamily& family) {
  std::string text;
  append_text(family, text);
  return text;
}

std::string number(double value) {
  const std::string text = text_of(gauge(value)), head = "# HELP g Help.\n# TYPE g gauge\ng ";
  EXPECT_EQ(text.substr(0, head.size()), head);
  return text.substr(head.size(), text.size() - head.size() - 1);
}

TEST(TextFormat, numbers_are_the_shortest_that_read_back) {
  EXPECT_EQ(number(0), "0");
  EXPECT_EQ(number(-1), "-1");
  EXPECT_EQ(number(0.1), "0.1");
  EXPECT_EQ(number(1.0 / 3), "0.3333333333333333");
  EXPECT_EQ(number(9007199254740993.0), "9007199254740992");
  EXPECT_EQ(number(1e300), "1e+300");
  EXPECT_EQ(number(8.2e-05), "8.2e-05");
}

TEST(TextFormat, large_counters_keep_every_byte) { EXPECT_EQ(number(999999999999999.0), "999999999999999"); }

TEST(TextFormat, values_that_are_no_numbers_have_prometheus_spelling) {
  EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "+Inf");
  EXPECT_EQ(number(-std::numeric_limits<double>::infinity()), "-Inf");
  EXPECT_EQ(number(std::numeric_limits<double>::quiet_NaN()), "NaN");
}

TEST(TextFormat, help_is_escaped) {
  MetricFamily family = gauge(1);
  family.help = "a\\b\n\"c\"";
  EXPECT_EQ(text_of(family), "# HELP g a\\\\b\\n\"c\"\n# TYPE g gauge\ng 1\n");
}

TEST(TextFormat, label_values_are_escaped) {
  MetricFamily family = gauge(1);
  family.metric[0].label = {{"name", "a\"b\\c\nd{},="}};
  EXPECT_EQ(text_of(family), "# HELP g Help.\n# TYPE g gauge\ng{name=\"a\\\"b\\\\c\\nd{},=\"} 1\n");
}

TEST(TextFormat, a_family_without_samples_is_not_written) {
  EXPECT_EQ(text_of({"g", "Help.", MetricType::Gauge, {}}), "");
}

TEST(TextFormat, a_histogram_without_a_sum_has_no_sum) {
  MetricFamily family{"h", "Help.", MetricType::Histogram, {}};
  ClientMetric& metric = family.metric.emplace_back();
  metric.histogram.bucket = {{1, 0.5}, {3, std::numeric_limits<double>::infinity()}};
  metric.histogram.sample_count = 3;
  metric.histogram.sample_sum = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(text_of(family),
            "# HELP h Help.\n# TYPE h histogram\nh_bucket{le=\"0.5\"} 1\nh_bucket{le=\"+Inf\"} 3\nh_count 3\n");
}

TEST(TextFormat, a_histogram_with_a_sum_has_it) {
  MetricFamily family{"h", "Help.", MetricType::Histogram, {}};
  family.metric.emplace_back().histogram.sample_sum = 2.5;
  EXPECT_EQ(text_of(family), "# HELP h Help.\n# TYPE h histogram\nh_sum 2.5\nh_count 0\n");
}

TEST(TextFormat, the_content_type_names_version_and_charset) {
  EXPECT_STREQ(kTextContentType, "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace
}  // namespace virt
