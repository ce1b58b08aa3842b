// SPDX-License-Identifier: Apache-2.0
#include "exporter/plugin.h"

#include <gmock/gmock.h>

#include "tests/support/captured_log.h"

namespace virt {
namespace {

TEST(Plugin, what_it_logs_is_one_line_of_the_log_at_its_level) {
  const CapturedLog captured;
  log(LogLevel::kDebug, "not shown by default");
  log(LogLevel::kInfo, "first");
  log(LogLevel::kWarning, "second\nthird {}");
  log(LogLevel::kError, "last");
  EXPECT_EQ(captured.text(), "info first\nwarning second?third {}\nerror last\n");
}

struct Plain {
  virtual ~Plain() = default;
  std::string value = "none";
};
struct Set : Plain {
  explicit Set(const Settings& settings) { value = settings.get("key").value_or("unset"); }
};

TEST(Plugin, class_gets_settings_if_it_takes_them) {
  const Settings settings{{{"key", "1"}}};
  const std::unique_ptr<Plain> plain{static_cast<Plain*>(make_registered<Plain, Plain>(&settings))};
  const std::unique_ptr<Plain> set{static_cast<Plain*>(make_registered<Plain, Set>(&settings))};
  EXPECT_EQ(plain->value, "none");
  EXPECT_EQ(set->value, "1");
}

}  // namespace
}  // namespace virt
