// SPDX-License-Identifier: Apache-2.0
#include "exporter/flagfile.h"

#include <gmock/gmock.h>

#include <stdexcept>

#include "tests/support/temporary_directory.h"

namespace virt {
namespace {

using testing::ElementsAre;

TEST(Flagfile, its_lines_take_its_place) {
  const TemporaryDirectory directory;
  const std::string file = directory.write("flags", "--a=1\n\n# a comment\n  --b=two words  \r\n");
  EXPECT_THAT(expand_flagfiles({"program", "--flagfile=" + file, "--c"}),
              ElementsAre("program", "--a=1", "--b=two words", "--c"));
}

TEST(Flagfile, every_spelling_of_the_flag_is_understood) {
  const TemporaryDirectory directory;
  const std::string file = directory.write("flags", "--a\n");
  EXPECT_THAT(expand_flagfiles({"--flagfile", file}), ElementsAre("--a"));
  EXPECT_THAT(expand_flagfiles({"-flagfile=" + file}), ElementsAre("--a"));
}

TEST(Flagfile, other_arguments_stay_as_they_are) {
  EXPECT_THAT(expand_flagfiles({"flagfile=x", "--flagfiles=x", ""}), ElementsAre("flagfile=x", "--flagfiles=x", ""));
}

TEST(Flagfile, an_empty_one_says_nothing) {
  const TemporaryDirectory directory;
  EXPECT_THAT(expand_flagfiles({"--a", "--flagfile=" + directory.write("flags", "")}), ElementsAre("--a"));
}

TEST(Flagfile, one_that_cannot_be_read_is_refused) {
  EXPECT_THROW(expand_flagfiles({"--flagfile=/nonexistent"}), std::invalid_argument);
  EXPECT_THROW(expand_flagfiles({"--flagfile=/"}), std::invalid_argument);
}

}  // namespace
}  // namespace virt
