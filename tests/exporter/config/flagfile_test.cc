// SPDX-License-Identifier: Apache-2.0
#include "exporter/config/flagfile.h"

#include <gmock/gmock.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "tests/support/temporary_directory.h"

namespace virt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::StartsWith;
using testing::ThrowsMessage;

std::vector<std::string> expand(const std::vector<std::string>& arguments) {
  return expand_flagfiles(arguments, [](std::string_view name) { return name != "once" && name != "unknown"; });
}

void expect_refused(const std::vector<std::string>& arguments, const std::string& message) {
  EXPECT_THAT([&] { expand(arguments); }, ThrowsMessage<std::invalid_argument>(StartsWith(message)));
}

class Flagfile : public testing::Test {
 protected:
  // A flag that names a file of this text.
  std::string flag(const std::string& text, const std::string& name = "flags") const {
    return "--flagfile=" + directory.write(name, text);
  }
  void expect_line_refused(const std::string& line, const std::string& reason) const {
    expect_refused({flag("--once\n# a comment\n" + line + "\n")}, directory.path("flags") + ":3: " + reason);
  }

  const TemporaryDirectory directory;
};

TEST_F(Flagfile, its_lines_take_its_place) {
  EXPECT_THAT(expand({"program", flag("--a=1\n\n# a comment\n  --b=two words  \n--once"), "--c=3"}),
              ElementsAre("program", "--a=1", "--b=two words", "--once", "--c=3"));
}

TEST_F(Flagfile, lines_may_be_those_of_other_systems) {
  EXPECT_THAT(expand({flag("\xEF\xBB\xBF--a=1\r\n\t--b=2\t\r\n\r\n#\r\n--c=3\r")}),
              ElementsAre("--a=1", "--b=2", "--c=3"));
}

TEST_F(Flagfile, every_spelling_of_the_flag_is_understood) {
  const std::string file = directory.write("flags", "-a=1\n");
  EXPECT_THAT(expand({"--flagfile", file}), ElementsAre("-a=1"));
  EXPECT_THAT(expand({"-flagfile=" + file, "-flagfile", file}), ElementsAre("-a=1", "-a=1"));
  EXPECT_THAT(expand({"--flagfile=" + file + "," + directory.write("more", "--b=2")}), ElementsAre("-a=1", "--b=2"));
}

TEST_F(Flagfile, other_arguments_stay_as_they_are) {
  EXPECT_THAT(expand({"flagfile=x", "--flagfiles=x", "", "-", "--flagfile"}),
              ElementsAre("flagfile=x", "--flagfiles=x", "", "-", "--flagfile"));
  EXPECT_THAT(expand({"--a", "--flagfile=x", "--once", "--", "--flagfile=y"}),
              ElementsAre("--a", "--flagfile=x", "--once", "--", "--flagfile=y"))
      << "the first is a value, and nothing is a flag after --";
}

TEST_F(Flagfile, an_empty_one_says_nothing) {
  EXPECT_THAT(expand({"--a=1", flag("")}), ElementsAre("--a=1"));
  EXPECT_THAT(expand({"--flagfile=", "--flagfile", ""}), IsEmpty());
}

TEST_F(Flagfile, one_within_another_takes_its_place_by_the_same_rules) {
  const std::string inner = flag("--b=2\n\n--c=3\n", "inner");
  EXPECT_THAT(expand({flag("--a=1\n" + inner + "\n" + inner + "\n--d=4\n")}),
              ElementsAre("--a=1", "--b=2", "--c=3", "--b=2", "--c=3", "--d=4"));
  expect_refused({flag(flag("--b=2\nstray\n", "inner"))}, directory.path("inner") + ":2: 'stray' is not a flag");
}

TEST_F(Flagfile, a_circle_of_them_is_refused) {
  expect_refused({flag("--a=1\n--flagfile=" + directory.path("flags"))},
                 directory.path("flags") + ":2: " + directory.path("flags") + " includes itself");
  directory.write("b", "\n--flagfile=" + directory.path("./a"));
  expect_refused({flag("--flagfile=" + directory.path("b"), "a")},
                 directory.path("b") + ":2: " + directory.path("./a") + " includes itself");
}

TEST_F(Flagfile, a_relative_name_is_one_of_the_working_directory) {
  const auto before = std::filesystem::current_path();
  std::filesystem::create_directory(directory.path("folder"));
  directory.write("inner", "--a=1");
  const std::string outer = flag("--flagfile=inner", "folder/outer");
  std::filesystem::current_path(directory.path("."));
  EXPECT_THAT(expand({outer}), ElementsAre("--a=1"));
  std::filesystem::current_path(before);
}

TEST_F(Flagfile, a_line_that_is_not_a_flag_is_refused) {
  for (const std::string line : {"a=1", "-", "--", "\"--a=1\"", "; --a=1"})
    expect_line_refused(line, "'" + line + "' is not a flag: write --NAME=VALUE");
  for (const char* line : {"--a 1", "--once --a=1", "--flagfile x"}) expect_line_refused(line, "'");
}

// It would take the next line for it.
TEST_F(Flagfile, a_flag_without_its_value_is_refused) {
  expect_line_refused("--a", "'--a' lacks its value: write --NAME=VALUE");
  expect_line_refused("--flagfile", "'--flagfile' lacks its value");
  EXPECT_THAT(expand({flag("--once\n--unknown\n--a=")}), ElementsAre("--once", "--unknown", "--a="));
}

TEST_F(Flagfile, one_that_cannot_be_read_is_refused_by_whoever_names_it) {
  expect_refused({"--flagfile=/nonexistent"}, "--flagfile: /nonexistent cannot be read: No such file or directory");
  expect_refused({"--flagfile=/"}, "--flagfile: / cannot be read: Is a directory");
  expect_line_refused("--flagfile=/nonexistent", "/nonexistent cannot be read: No such file or directory");
}

TEST_F(Flagfile, one_that_is_not_text_is_refused) {
  expect_refused({flag(std::string{"--a=1\0--b=2", 11})}, "--flagfile: " + directory.path("flags") + " is not a text");
  expect_refused({"--flagfile=/dev/zero"}, "--flagfile: /dev/zero is larger than 1 MiB");
  const std::string much(1 << 20, '#');
  EXPECT_THAT(expand({flag(much)}), IsEmpty());
  expect_refused({flag(much + "#")}, "--flagfile: " + directory.path("flags") + " is larger than 1 MiB");
}

// gflags would read such a file by rules of its own.
TEST_F(Flagfile, none_comes_from_the_environment) {
  for (const std::string name : {"--fromenv", "-tryfromenv"})
    for (const std::string value : {"flagfile", "a,flagfile", "fromenv", "tryfromenv"}) {
      expect_refused({name + "=" + value}, "--");
      expect_refused({name, value}, "--");
      expect_line_refused(name + "=" + value, "--");
    }
  EXPECT_THAT(expand({"--fromenv=a", flag("--tryfromenv=b,c\n--undefok=d")}),
              ElementsAre("--fromenv=a", "--tryfromenv=b,c", "--undefok=d"));
}

}  // namespace
}  // namespace virt
