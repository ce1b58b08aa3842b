// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/aside.h"

#include <gmock/gmock.h>

#include <stdexcept>

#include "tests/support/captured_log.h"
#include "tests/support/no_threads.h"

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Optional;

class AsideTest : public testing::Test {
 protected:
  template <typename Work>
  std::optional<int> read(Work work) {
    aside.begin_read();
    aside.begin(work);
    while (aside.is_awaited()) inbox->run_one(std::chrono::steady_clock::now() + 30s);
    return aside.take();
  }

  const CapturedLog captured;
  LogOnce log;
  const std::shared_ptr<Inbox> inbox = std::make_shared<Inbox>();
  ThreadPool threads{"aside", 1};
  Aside<int> aside{"numbers", threads, inbox, log};
};

TEST_F(AsideTest, result_is_given_once) {
  EXPECT_THAT(read([] { return 1; }), Optional(1));
  EXPECT_EQ(aside.take(), std::nullopt);
}

TEST_F(AsideTest, work_that_throws_has_no_result_and_is_logged_with_its_end) {
  EXPECT_EQ(read([]() -> int { throw std::runtime_error("no numbers"); }), std::nullopt);
  EXPECT_THAT(read([] { return 2; }), Optional(2));
  EXPECT_EQ(captured.text(), "warning numbers: no numbers\ninfo numbers: readable again\n");
}

TEST_F(AsideTest, nothing_waits_or_throws_where_no_thread_is_to_be_had) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become a user without other processes";
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto tried = [this] {
    {
      const NoThreads none;
      EXPECT_EQ(read([] { return 1; }), std::nullopt);
      EXPECT_FALSE(aside.is_out());
      EXPECT_THAT(captured.text(), HasSubstr("warning numbers: Resource temporarily unavailable"));
    }
    EXPECT_THAT(read([] { return 2; }), Optional(2));
    std::_Exit(HasFailure() ? 1 : 0);
  };
  EXPECT_EXIT(tried(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace virt
