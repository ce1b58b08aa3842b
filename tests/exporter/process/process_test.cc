// SPDX-License-Identifier: Apache-2.0
#include "exporter/process/process.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <chrono>
#include <thread>

#include "tests/support/temporary_directory.h"

namespace virt {
namespace {

using testing::DoubleEq;
using testing::Eq;
using testing::Optional;

// Of proc(5): utime (14) 250, stime (15) 50, threads (20) 5, starttime (22) 1200, vsize (23) 4096000, rss (24) 7.
std::string stat(const std::string& name) {
  return "42 (" + name + ") S 1 42 42 0 -1 4194560 900 0 0 0 250 50 9 9 20 0 5 0 1200 4096000 7 1844674407370955 1 1\n";
}

constexpr char kBoot[] = "cpu  1 2 3\nctxt 99\nbtime 1700000000\nprocesses 5\n";

double ticks() { return static_cast<double>(sysconf(_SC_CLK_TCK)); }
Stats read(const TemporaryDirectory& proc) { return ProcessReader{proc.path(".")}.read(); }

TEST(Process, stat_gives_times_memory_and_threads) {
  const TemporaryDirectory proc;
  proc.write("self/stat", stat("virt_exporter"));
  proc.write("stat", kBoot);
  const Stats stats = read(proc);
  EXPECT_THAT(stats.number("process.cpu"), Optional(DoubleEq(300 / ticks())));
  EXPECT_THAT(stats.number("process.threads"), Optional(5));
  EXPECT_THAT(stats.number("process.virtual"), Optional(4096000));
  EXPECT_THAT(stats.number("process.resident"), Optional(7.0 * static_cast<double>(sysconf(_SC_PAGESIZE))));
  EXPECT_THAT(stats.number("process.start"), Optional(DoubleEq(1700000000 + 1200 / ticks())));
}

TEST(Process, name_may_hold_blanks_and_brackets) {
  const TemporaryDirectory proc;
  proc.write("self/stat", stat("a) S 1 (b 7) 8"));
  EXPECT_THAT(read(proc).number("process.virtual"), Optional(4096000));
}

TEST(Process, open_files_are_counted) {
  const TemporaryDirectory proc;
  for (const char* fd : {"0", "1", "17"}) proc.write(std::string{"self/fd/"} + fd, "");
  EXPECT_THAT(read(proc).number("process.fds"), Optional(3));
}

TEST(Process, soft_limit_of_open_files_is_the_one_that_counts) {
  rlimit limit{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit lower{limit.rlim_cur - 1, limit.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &lower), 0);
  const Stats stats = ProcessReader{}.read();
  setrlimit(RLIMIT_NOFILE, &limit);
  EXPECT_THAT(stats.number("process.max_fds"), Optional(static_cast<double>(lower.rlim_cur)));
}

TEST(Process, what_cannot_be_read_is_absent) {
  const Stats stats = read(TemporaryDirectory{});
  for (const char* key : {"process.cpu", "process.threads", "process.resident", "process.start", "process.fds"})
    EXPECT_THAT(stats.number(key), Eq(std::nullopt)) << key;
}

TEST(Process, stat_that_is_cut_off_gives_nothing) {
  const TemporaryDirectory proc;
  for (const char* text : {"", "42", "42 (virt_exporter)", "42 (virt_exporter) S 1 42 42 0"}) {
    proc.write("self/stat", text);
    EXPECT_THAT(read(proc).number("process.cpu"), Eq(std::nullopt)) << text;
  }
}

TEST(Process, start_is_absent_where_the_boot_is_unknown) {
  const TemporaryDirectory proc;
  proc.write("self/stat", stat("virt_exporter"));
  proc.write("stat", "cpu  1 2 3\n");
  EXPECT_THAT(read(proc).number("process.start"), Eq(std::nullopt));
  EXPECT_THAT(read(proc).number("process.threads"), Optional(5));
}

TEST(Process, real_one_started_before_now_and_has_a_size) {
  const Stats stats = ProcessReader{}.read();
  const double now = std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
  EXPECT_LT(*stats.number("process.start"), now + 1);
  EXPECT_GT(*stats.number("process.start"), now - 3600);
  EXPECT_GT(*stats.number("process.resident"), 1e6);
  EXPECT_GT(*stats.number("process.virtual"), *stats.number("process.resident"));
}

TEST(Process, real_one_sees_its_own_files_and_threads) {
  std::thread{[] {}}.join();  // with it, a sanitizer may have begun one of its own
  const double fds = *ProcessReader{}.read().number("process.fds");
  const double threads = *ProcessReader{}.read().number("process.threads");
  const int opened = open("/dev/null", O_RDONLY | O_CLOEXEC);
  std::thread{[&] { EXPECT_EQ(*ProcessReader{}.read().number("process.threads"), threads + 1); }}.join();
  EXPECT_EQ(*ProcessReader{}.read().number("process.fds"), fds + 1);
  close(opened);
}

}  // namespace
}  // namespace virt
