// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "exporter/plugin.h"

namespace virt {
namespace {

TEST(LogOfTests, lines_go_to_standard_error) {
  testing::internal::CaptureStderr();
  log(LogLevel::kWarning, "the sensor is gone");
  log(LogLevel::kDebug, "retrying");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "warning the sensor is gone\ndebug retrying\n");
}

}  // namespace
}  // namespace virt
