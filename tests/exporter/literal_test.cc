// SPDX-License-Identifier: Apache-2.0
#include "exporter/literal.h"

#include <gtest/gtest.h>
#include <prometheus/check_names.h>

#include <string>

namespace virt {
namespace {

TEST(Literal, is_its_text) {
  constexpr Literal kText = "rd.bytes";
  EXPECT_EQ(kText, "rd.bytes");
  constexpr LabelName kPart{kText.substr(0, 2)};
  EXPECT_EQ(kPart, "rd");
}

// tests/plugin shows that the compiler refuses the names that these refuse.
TEST(Literal, names_are_those_that_prometheus_takes) {
  for (const char* name : {"", "a", "_", "_a", "__", "__name__", "a__", "0", "a0", "a-b", "a:b", ":", "a.b", "a b",
                           "A_z9", "\xc3\xa9", "a\n"}) {
    EXPECT_EQ(is_label_name(name), prometheus::CheckLabelName(name)) << name;
    EXPECT_EQ(is_family_name(name) && !std::string_view{name}.starts_with("__"), prometheus::CheckMetricName(name))
        << name;
  }
}

TEST(Literal, family_may_have_one_star_but_not_in_front) {
  EXPECT_TRUE(is_family_name("gpu_*_total"));
  EXPECT_TRUE(is_family_name("gpu_*"));
  EXPECT_FALSE(is_family_name("*_total")) << "it may stand for a digit";
  EXPECT_FALSE(is_family_name("gpu_*_*"));
}

}  // namespace
}  // namespace virt
