// SPDX-License-Identifier: Apache-2.0
#include "exporter/text/words.h"

#include <gmock/gmock.h>

namespace virt {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

TEST(Words, blanks_and_empty_parts_do_not_count) {
  EXPECT_THAT(split(" a, b\t,,c d , ", ','), ElementsAre("a", "b", "c d"));
  EXPECT_THAT(split(" ,\t", ','), IsEmpty());
}

TEST(Words, separators_stand_between_joined_words) {
  EXPECT_EQ(join(std::vector<std::string>{"a", "", "c"}, ", "), "a, , c");
  EXPECT_EQ(join(std::vector<std::string_view>{"a"}, ":"), "a");
  EXPECT_EQ(join(std::vector<std::string>{}, ":"), "");
}

TEST(Words, only_letters_of_ascii_become_lower_case) { EXPECT_EQ(lower("aZ-[@9\xC4"), "az-[@9\xC4"); }

}  // namespace
}  // namespace virt
