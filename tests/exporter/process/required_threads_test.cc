// SPDX-License-Identifier: Apache-2.0
#include "exporter/process/required_threads.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <regex>
#include <thread>

#include "tests/support/http_client.h"
#include "tests/support/program.h"
#include "tests/support/sanitizers.h"

namespace virt {
namespace {

using testing::HasSubstr;
using testing::MatchesRegex;

constexpr char kRefusal[] =
    "virt_exporter: needs [0-9]+ threads and may have only [0-9]+; raise the limit \\(ulimit -u, TasksMax=, "
    "pids.max\\), "
    "or lower --max_requests or --libvirt_workers\n";

// The program as a user without other processes, who may have so many threads; root has no limit.
class LimitedProgram : public Program {
 public:
  LimitedProgram(int threads, const std::vector<std::string>& flags)
      : Program(arguments(std::to_string(threads + kSanitizersThreads), flags), "/usr/bin/prlimit") {}

 private:
  // It may read the tree of the build wherever that is.
  static std::vector<std::string> arguments(const std::string& threads, const std::vector<std::string>& flags) {
    const std::string user = std::to_string(100'000 + getpid());
    std::vector<std::string> all{"--nproc=" + threads,
                                 "setpriv",
                                 "--reuid=" + user,
                                 "--regid=" + user,
                                 "--clear-groups",
                                 "--inh-caps=+dac_read_search",
                                 "--ambient-caps=+dac_read_search",
                                 VIRT_EXPORTER_PROGRAM,
                                 "--libvirt_uri=test:///default",
                                 "--listen_address=127.0.0.1:0"};
    all.insert(all.end(), flags.begin(), flags.end());
    return all;
  }
};

enum class Outcome { kRefuses, kServes };

// Whatever the limit, it is one of the two, and one line says which.
Outcome outcome(int threads, const std::vector<std::string>& flags = {}) {
  SCOPED_TRACE(threads);
  LimitedProgram program{threads, flags};
  program.wait_for_log("\n");
  const bool serves = program.log().find(" listens on ") != std::string::npos;
  if (serves) {
    EXPECT_THAT(get(program.wait_for_port(), "/metrics").body, HasSubstr("libvirt_up 1\n"));
    program.signal(SIGTERM);
  }
  const Ended ended = program.wait();
  EXPECT_EQ(ended.status, serves ? 0 : 1) << ended.err;
  if (!serves) {
    EXPECT_THAT(ended.err, MatchesRegex(kRefusal));
  }
  return serves ? Outcome::kServes : Outcome::kRefuses;
}

int needed_threads(const std::vector<std::string>& flags = {}) {
  const std::string refusal = LimitedProgram{8, flags}.wait().err;
  std::smatch number;
  return std::regex_search(refusal, number, std::regex{"needs ([0-9]+) threads"}) ? std::stoi(number[1]) : 0;
}

class LimitOfThreads : public testing::Test {
 protected:
  void SetUp() override {
    if (geteuid() != 0) GTEST_SKIP() << "only root can become a user without other processes";
  }
};

TEST(RequiredThreads, threads_are_ended_and_released_again) {
  const auto running = [] { return std::distance(std::filesystem::directory_iterator{"/proc/self/task"}, {}); };
  std::thread{[] {}}.join();  // with it, a sanitizer may have begun one of its own
  const auto before = running();
  EXPECT_NO_THROW(require_threads(40, "remedy"));
  EXPECT_EQ(running(), before);
}

TEST_F(LimitOfThreads, program_serves_or_says_that_it_has_too_few) {
  for (int threads = 8; threads <= 100; threads += 2) outcome(threads);
}

TEST_F(LimitOfThreads, program_serves_with_as_many_as_it_says_that_it_needs) {
  const int needed = needed_threads();
  EXPECT_EQ(outcome(needed - 1), Outcome::kRefuses);
  EXPECT_EQ(outcome(needed), Outcome::kServes);
}

TEST_F(LimitOfThreads, fewer_requests_and_workers_need_fewer) {
  const std::vector<std::string> few{"--max_requests=2", "--libvirt_workers=1"};
  EXPECT_EQ(outcome(20, few), Outcome::kServes);
  EXPECT_LE(needed_threads(few), 20);
}

TEST_F(LimitOfThreads, one_scrape_needs_few) {
  LimitedProgram program{12, {"--once"}};
  const Ended ended = program.wait();
  EXPECT_EQ(ended.status, 0) << ended.err;
  EXPECT_THAT(ended.out, HasSubstr("libvirt_up 1\n"));
}

}  // namespace
}  // namespace virt
