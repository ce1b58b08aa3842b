// SPDX-License-Identifier: Apache-2.0
#include "exporter/guarded_source.h"

#include <gmock/gmock.h>

#include <future>
#include <stdexcept>

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::ThrowsMessage;

// Its reads do what the test says.
class ScriptedSource : public BlockingSource {
 public:
  std::shared_ptr<SnapshotBase> read(Needs needs, std::chrono::steady_clock::time_point) override {
    return next(needs);
  }
  std::shared_ptr<SnapshotBase> nothing() const override { return std::make_shared<SnapshotBase>(); }

  std::function<std::shared_ptr<SnapshotBase>(Needs)> next;
};

std::shared_ptr<SnapshotBase> up() {
  auto snapshot = std::make_shared<SnapshotBase>();
  snapshot->up = true;
  return snapshot;
}

class GuardedSourceTest : public testing::Test {
 protected:
  std::shared_ptr<SnapshotBase> read(std::chrono::milliseconds time = 30s, Needs needs = 0) {
    Waiters waiters{[] { return std::make_shared<SnapshotBase>(); }};
    waiters.enter(std::chrono::steady_clock::now() + time);
    waiters.begin();
    return guarded.read(needs, waiters);
  }

  const std::shared_ptr<ScriptedSource> source = std::make_shared<ScriptedSource>();
  GuardedSource guarded{source};
};

TEST_F(GuardedSourceTest, snapshot_is_passed_on_and_so_is_what_is_needed) {
  source->next = [](Needs needs) { return needs == 5 ? up() : nullptr; };
  EXPECT_TRUE(read(30s, 5)->up);
}

TEST_F(GuardedSourceTest, what_it_throws_or_does_not_return_is_a_failed_read) {
  source->next = [](Needs) -> std::shared_ptr<SnapshotBase> { throw std::runtime_error("no device"); };
  EXPECT_THAT([this] { read(); }, ThrowsMessage<std::runtime_error>("no device"));
  source->next = [](Needs) { return nullptr; };
  EXPECT_THAT([this] { read(); }, ThrowsMessage<std::runtime_error>("returned no snapshot"));
  source->next = [](Needs) { return up(); };
  EXPECT_TRUE(read()->up);
}

TEST_F(GuardedSourceTest, read_that_hangs_ends_with_the_scrapes_and_is_waited_for_by_the_next) {
  std::promise<void> release;
  int reads = 0;
  source->next = [&, released = release.get_future().share()](Needs) {
    if (++reads == 1) released.wait();
    return up();
  };
  for (int i = 0; i < 2; ++i)
    EXPECT_THAT([this] { read(50ms); },
                ThrowsMessage<std::runtime_error>("did not respond before the scrape's deadline"));
  release.set_value();
  EXPECT_TRUE(read()->up);
  EXPECT_EQ(reads, 2);
}

TEST(GuardedSource, read_that_hangs_outlives_it) {
  const auto release = std::make_shared<std::promise<void>>(), ended = std::make_shared<std::promise<void>>();
  {
    const auto source = std::make_shared<ScriptedSource>();
    source->next = [released = release->get_future().share(), ended](Needs) {
      released.wait();
      ended->set_value();
      return up();
    };
    GuardedSource guarded{source};
    Waiters waiters{[] { return std::make_shared<SnapshotBase>(); }};
    waiters.enter(std::chrono::steady_clock::now());
    waiters.begin();
    EXPECT_THROW(guarded.read(0, waiters), std::runtime_error);
  }
  release->set_value();
  EXPECT_EQ(ended->get_future().wait_for(30s), std::future_status::ready);
}

}  // namespace
}  // namespace virt
