// SPDX-License-Identifier: Apache-2.0
#include "exporter/process/log.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <stdexcept>

#include "tests/support/captured_log.h"
#include "tests/support/counted.h"

namespace virt {
namespace {

using testing::AllOf;
using testing::ExitedWithCode;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;
using testing::ThrowsMessage;

// Ends the process that a death test made, whose standard error the test then looks at.
[[noreturn]] void say_everything(const char* level) {
  start_log(level);
  spdlog::debug("is debug");
  spdlog::info("is info");
  spdlog::warn("is warning");
  spdlog::error("is error");
  std::_Exit(0);
}

TEST(LogDeathTest, level_is_the_least_that_is_said) {
  const auto all = AllOf(HasSubstr("is info"), HasSubstr("is warning"), HasSubstr("is error"));
  EXPECT_EXIT(say_everything("debug"), ExitedWithCode(0), AllOf(HasSubstr("is debug"), all));
  EXPECT_EXIT(say_everything("info"), ExitedWithCode(0), AllOf(Not(HasSubstr("is debug")), all));
  EXPECT_EXIT(say_everything("warning"), ExitedWithCode(0), AllOf(Not(HasSubstr("is info")), HasSubstr("is warning")));
  EXPECT_EXIT(say_everything("error"), ExitedWithCode(0), AllOf(Not(HasSubstr("is warning")), HasSubstr("is error")));
}

TEST(LogDeathTest, line_says_when_and_how_bad) {
  EXPECT_EXIT(say_everything("error"), ExitedWithCode(0),
              MatchesRegex("20..-..-..T..:..:..\\.[0-9]+[+-]..:.. error is error\n"));
}

TEST(LogDeathTest, journal_is_told_how_bad_in_its_own_way) {
  const auto say_to_the_journal = [](ino_t off_by) {
    struct stat file {};
    fstat(STDERR_FILENO, &file);
    setenv("JOURNAL_STREAM", (std::to_string(file.st_dev) + ":" + std::to_string(file.st_ino + off_by)).c_str(), 1);
    say_everything("debug");
  };
  EXPECT_EXIT(say_to_the_journal(0), ExitedWithCode(0),
              MatchesRegex("<7>is debug\n<6>is info\n<4>is warning\n<3>is error\n"));
  EXPECT_EXIT(say_to_the_journal(1), ExitedWithCode(0), HasSubstr(" error is error\n"));  // somebody else's
}

TEST(LogDeathTest, lines_are_counted_by_level_if_they_are_written) {
  const auto count = [] {
    const Instruments instruments;
    start_log("info", instruments);
    for (int i = 0; i < 3; ++i) spdlog::debug("is debug");
    for (int i = 0; i < 2; ++i) spdlog::warn("is warning");
    spdlog::error("is error");
    std::cerr << counted(instruments);
    std::_Exit(0);
  };
  EXPECT_EXIT(count(), ExitedWithCode(0),
              HasSubstr("is error\n"
                        "virt_exporter_log_messages_total{level=\"debug\"} 0\n"
                        "virt_exporter_log_messages_total{level=\"error\"} 1\n"
                        "virt_exporter_log_messages_total{level=\"info\"} 0\n"
                        "virt_exporter_log_messages_total{level=\"warning\"} 2\n"));
}

TEST(LogDeathTest, line_may_be_written_after_all_else_that_counts_is_gone) {
  const auto log_late = [] {
    start_log("info", Instruments{});
    spdlog::error("is late");
    std::_Exit(0);
  };
  EXPECT_EXIT(log_late(), ExitedWithCode(0), HasSubstr("is late"));
}

TEST(Log, unknown_level_is_an_error_that_lists_the_choices) {
  for (const std::string level : {"", "off", "INFO", "warn", "loud"})
    EXPECT_THAT([&] { start_log(level); },
                ThrowsMessage<std::invalid_argument>("--log_level: unknown level '" + level +
                                                     "'; choose from debug, info, warning, error"));
}

TEST(Log, quoted_text_is_one_line_of_valid_utf8) {
  EXPECT_EQ(in_quotes("instance-1"), "'instance-1'");
  EXPECT_EQ(in_quotes("a\nb\tc\x1b[31m\x7f"), "'a?b?c?[31m?'");
  EXPECT_EQ(in_quotes("\xFF ż"), "'\xEF\xBF\xBD ż'");
}

TEST(Log, problem_is_said_once) {
  const CapturedLog log;
  LogOnce once;
  for (int i = 0; i < 3; ++i) once.problem("libvirt", "no daemon");
  EXPECT_EQ(log.text(), "warning libvirt: no daemon\n");
}

TEST(Log, other_problem_of_the_same_subject_is_said) {
  const CapturedLog log;
  LogOnce once;
  for (const char* problem : {"no daemon", "no daemon", "permission denied", "no daemon"})
    once.problem("libvirt", problem);
  EXPECT_EQ(log.text(), "warning libvirt: no daemon\nwarning libvirt: permission denied\nwarning libvirt: no daemon\n");
}

TEST(Log, subjects_do_not_hide_each_other) {
  const CapturedLog log;
  LogOnce once;
  for (const char* subject : {"pollster a", "pollster b", "pollster a", "pollster b"}) once.problem(subject, "failed");
  EXPECT_EQ(log.text(), "warning pollster a: failed\nwarning pollster b: failed\n");
}

TEST(Log, relief_is_said_once_and_the_problem_may_come_again) {
  const CapturedLog log;
  LogOnce once;
  for (int i = 0; i < 2; ++i) {
    once.problem("libvirt", "no daemon");
    for (int j = 0; j < 2; ++j) once.no_problem("libvirt", "connected again");
  }
  EXPECT_EQ(log.text(),
            "warning libvirt: no daemon\ninfo libvirt: connected again\n"
            "warning libvirt: no daemon\ninfo libvirt: connected again\n");
}

TEST(Log, what_was_never_a_problem_has_no_relief) {
  const CapturedLog log;
  LogOnce{}.no_problem("libvirt", "connected again");
  EXPECT_THAT(log.text(), IsEmpty());
}

}  // namespace
}  // namespace virt
