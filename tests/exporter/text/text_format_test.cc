// SPDX-License-Identifier: Apache-2.0
#include "exporter/text/text_format.h"

#include <gtest/gtest.h>

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>
#include <random>

namespace virt {
namespace {

std::string number(double value) {
  char text[kLongestNumber];
  return {text, write_number(value, text)};
}

std::string label(std::string_view value) {
  Text text;
  append_label("name", value, text);
  return std::string{text.view()};
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

std::string shortest(double value) {
  char text[kLongestNumber];
  return {text, std::to_chars(text, text + kLongestNumber, value).ptr};
}

TEST(TextFormat, seconds_are_the_shortest_that_read_back) {
  for (const double value : {0.001, 0.0012, 0.00099999, 1.5, 0.1 + 0.2, 999999.999999999, 1000000.000000001, -1.5})
    EXPECT_EQ(number(value), shortest(value));
  EXPECT_EQ(number(12345.000000001), "12345.000000001");
  std::mt19937_64 random{1};
  for (const double unit : {1e3, 1e9, 1e10, 3.0})
    for (int i = 0; i < 10000; ++i) {
      const double value = static_cast<double>(random() >> (14 + random() % 50)) / unit;
      EXPECT_EQ(std::strtod(number(value).c_str(), nullptr), value);
      if (value != std::floor(value)) {
        EXPECT_EQ(number(value), shortest(value));
      }
    }
}

TEST(TextFormat, large_counters_keep_every_byte) { EXPECT_EQ(number(999999999999999.0), "999999999999999"); }

TEST(TextFormat, values_that_are_no_numbers_have_prometheus_spelling) {
  EXPECT_EQ(number(std::numeric_limits<double>::infinity()), "+Inf");
  EXPECT_EQ(number(-std::numeric_limits<double>::infinity()), "-Inf");
  EXPECT_EQ(number(std::numeric_limits<double>::quiet_NaN()), "NaN");
}

TEST(TextFormat, help_is_valid_utf8) {
  Text text;
  append_head("g", "a\xff", "gauge", text);
  EXPECT_EQ(text.view(), "# HELP g a\xEF\xBF\xBD\n# TYPE g gauge\n");
}

TEST(TextFormat, help_is_escaped) {
  Text text;
  append_head("g", "a\\b\n\"c\"", "gauge", text);
  EXPECT_EQ(text.view(), "# HELP g a\\\\b\\n\"c\"\n# TYPE g gauge\n");
}

TEST(TextFormat, label_values_are_escaped) {
  EXPECT_EQ(label("plain {},= text"), "name=\"plain {},= text\"");
  EXPECT_EQ(label("a\"b\\c\nd"), "name=\"a\\\"b\\\\c\\nd\"");
}

TEST(TextFormat, label_values_are_valid_utf8) {
  EXPECT_EQ(label("gr\xC3\xBC\xC3\x9F"), "name=\"gr\xC3\xBC\xC3\x9F\"");
  EXPECT_EQ(label("a\xFF\"b"), "name=\"a\xEF\xBF\xBD\\\"b\"") << "and escaped as well";
}

TEST(TextFormat, the_content_type_names_version_and_charset) {
  EXPECT_STREQ(kTextContentType, "text/plain; version=0.0.4; charset=utf-8");
}

}  // namespace
}  // namespace virt
