// SPDX-License-Identifier: Apache-2.0
#include "exporter/plugins.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <stdexcept>

#include "tests/support/temporary_directory.h"

namespace virt {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using testing::ThrowsMessage;

// Files that are refused before any of their code could run.
class Plugins : public testing::Test {
 protected:
  static void expect_refused(const std::string& file, const std::string& reason) {
    EXPECT_THAT([&] { load_plugins({file}); }, ThrowsMessage<std::runtime_error>("--plugins: " + file + " " + reason));
  }

  const TemporaryDirectory directory;
  const std::string file = directory.write("plugin.so", "no ELF");
};

TEST_F(Plugins, none_is_fine) { EXPECT_NO_THROW(load_plugins({})); }

TEST_F(Plugins, missing_file_is_refused) {
  expect_refused(directory.path("missing.so"), "cannot be opened: No such file or directory");
  expect_refused("missing.so", "cannot be opened: No such file or directory");  // the loader's path is not searched
}

TEST_F(Plugins, what_is_no_regular_file_is_refused) {
  expect_refused(directory.path("."), "is not a regular file");
  expect_refused("/dev/null", "is not a regular file");
  ASSERT_EQ(mkfifo(directory.path("fifo").c_str(), 0600), 0);
  expect_refused(directory.path("fifo"), "is not a regular file");  // and does not wait for a writer
}

TEST_F(Plugins, symbolic_link_is_refused) {
  std::filesystem::create_symlink("plugin.so", directory.path("link.so"));
  expect_refused(directory.path("link.so"), "is a symbolic link: give the path of the file itself");
}

TEST_F(Plugins, file_that_others_can_write_is_refused) {
  for (const mode_t mode : {0664u, 0646u, 0666u, 0775u, 0777u}) {
    ASSERT_EQ(chmod(file.c_str(), mode), 0);
    expect_refused(file, "is writable by group or others: chmod go-w");
  }
}

TEST_F(Plugins, file_of_another_user_is_refused) {
  ASSERT_EQ(chown(file.c_str(), 1, 0), 0) << "this test needs root";
  expect_refused(file, "is owned by uid 1: it must be owned by root or by this user (chown)");
}

TEST_F(Plugins, file_that_is_no_shared_object_is_refused) {
  for (const std::string& text : {directory.write("empty.so", ""), file,
                                  directory.write("elf.so",
                                                  "\x7f"
                                                  "ELF"),
                                  directory.write("script.so", "#!/bin/sh\nexit 0\n")})
    EXPECT_THAT([&] { load_plugins({text}); },
                ThrowsMessage<std::runtime_error>(AllOf(StartsWith("--plugins: " + text + " cannot be loaded: " + text),
                                                        Not(HasSubstr("\n")), Not(HasSubstr("/proc/self")))));
}

TEST_F(Plugins, first_bad_one_of_several_is_named) {
  EXPECT_THAT(
      [&] {
        load_plugins({"/nonexistent/a.so", "/nonexistent/b.so"});
      },
      ThrowsMessage<std::runtime_error>(StartsWith("--plugins: /nonexistent/a.so ")));
}

}  // namespace
}  // namespace virt
