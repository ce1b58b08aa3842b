// SPDX-License-Identifier: Apache-2.0
#include "exporter/settings.h"

#include <gmock/gmock.h>

namespace virt {
namespace {

using testing::Eq;
using testing::Optional;

TEST(Settings, value_is_found_by_its_key_and_others_are_absent) {
  const Settings settings{{{"file", "/x"}}};
  EXPECT_THAT(settings.get("file"), Optional(Eq("/x")));
  EXPECT_EQ(settings.get("other"), std::nullopt);
}

TEST(Settings, key_that_nobody_asked_for_is_unknown) {
  const Settings settings{{{"a", "1"}, {"b", "2"}}};
  settings.get("b");
  EXPECT_THAT(settings.unknown(), Optional(Eq("a")));
  settings.get("a");
  EXPECT_EQ(settings.unknown(), std::nullopt);
}

}  // namespace
}  // namespace virt
