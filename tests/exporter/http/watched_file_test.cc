// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/watched_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/inotify.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <thread>

#include "tests/support/temporary_directory.h"

namespace virt {
namespace {

using namespace std::chrono_literals;

std::chrono::system_clock::time_point later() { return std::chrono::system_clock::now() + 10s; }

// Whether a file was opened since this was last asked.
class Opened {
 public:
  explicit Opened(const std::string& path) { inotify_add_watch(descriptor_, path.c_str(), IN_OPEN); }
  ~Opened() { close(descriptor_); }
  bool operator()() const {
    char events[4096];
    return read(descriptor_, events, sizeof events) > 0;
  }

 private:
  const int descriptor_ = inotify_init1(IN_NONBLOCK | IN_CLOEXEC);
};

// In place: the file stays the same one, and as large.
void overwrite(const std::string& path, const std::string& text) {
  const int descriptor = open(path.c_str(), O_WRONLY | O_CLOEXEC);
  ASSERT_EQ(pwrite(descriptor, text.data(), text.size(), 0), static_cast<ssize_t>(text.size()));
  close(descriptor);
}

// A file in memory: what is written there changes its status the first time only.
class Mapped {
 public:
  explicit Mapped(const std::string& path) {
    const int descriptor = open(path.c_str(), O_RDWR | O_CLOEXEC);
    text_ = static_cast<char*>(mmap(nullptr, 1, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0));
    close(descriptor);
  }
  ~Mapped() { munmap(text_, 1); }
  char* text() const { return text_; }

 private:
  char* text_;
};

class WatchedFileTest : public testing::Test {
 protected:
  const TemporaryDirectory directory;
  const std::string path = directory.write("file", "one");
};

TEST_F(WatchedFileTest, file_whose_status_did_not_change_is_not_read_again) {
  WatchedFile file{path, later};
  const Opened opened{path};
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(file.changed());
  EXPECT_FALSE(opened());
}

TEST_F(WatchedFileTest, file_that_was_young_is_read_until_it_is_not) {
  auto now = std::chrono::system_clock::now();
  WatchedFile file{path, [&] { return now; }};
  const Opened opened{path};
  EXPECT_FALSE(file.changed());
  EXPECT_TRUE(opened());
  now += 10s;
  EXPECT_FALSE(file.changed());
  EXPECT_TRUE(opened());
  EXPECT_FALSE(file.changed());
  EXPECT_FALSE(opened());
}

TEST_F(WatchedFileTest, change_that_leaves_a_young_status_as_it_was_is_seen) {
  const Mapped mapped{path};
  mapped.text()[0] = 'O';  // the status changes now, and not again
  WatchedFile file{path};
  mapped.text()[0] = 'o';
  EXPECT_TRUE(file.changed());
}

TEST_F(WatchedFileTest, change_in_place_replacement_and_removal_are_seen) {
  WatchedFile file{path, later};
  std::this_thread::sleep_for(20ms);
  overwrite(path, "two");
  EXPECT_TRUE(file.changed());
  WatchedFile second{path, later};
  std::filesystem::rename(directory.write("new", "six"), path);
  EXPECT_TRUE(second.changed());
  WatchedFile third{path, later};
  std::filesystem::remove(path);
  EXPECT_TRUE(third.changed());
}

TEST_F(WatchedFileTest, new_status_with_the_same_text_is_no_change) {
  WatchedFile file{path, later};
  std::filesystem::rename(directory.write("new", "one"), path);
  EXPECT_FALSE(file.changed());
  const Opened opened{path};
  EXPECT_FALSE(file.changed());
  EXPECT_FALSE(opened());
}

TEST_F(WatchedFileTest, file_that_cannot_be_read_says_why_and_is_seen_when_it_can) {
  const std::string missing = directory.path("missing");
  WatchedFile file{missing, later};
  EXPECT_EQ(file.text(), std::nullopt);
  EXPECT_EQ(file.error(), ENOENT);
  EXPECT_FALSE(file.changed());
  directory.write("missing", "here");
  EXPECT_TRUE(file.changed());
}

}  // namespace
}  // namespace virt
