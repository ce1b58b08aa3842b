// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/part.h"

#include <gmock/gmock.h>

#include <map>
#include <set>
#include <stdexcept>

#include "tests/support/captured_log.h"
#include "tests/support/no_threads.h"
#include "tests/support/simulated_runner.h"

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// What a call finds: how long each thing takes, which fail, and what comes with one.
struct World {
  std::map<std::string, std::chrono::milliseconds> takes;
  std::map<std::string, std::vector<std::string>> more;
  std::set<std::string> fails;
  int connections = 0;
};

class WorldConnection {
 public:
  struct Wanted {
    std::string name;
    const std::string& key() const { return name; }
  };
  using Found = std::string;

  WorldConnection(World& world, SimulatedRunner& runner) : world_(world), runner_(runner) {}

  void open() {
    if (!std::exchange(is_open_, true)) ++world_.connections;
  }
  Reply<Wanted, Found> read(const Wanted& wanted) {
    if (const auto time = world_.takes.find(wanted.name); time != world_.takes.end()) runner_.sleep(time->second);
    if (world_.fails.count(wanted.name) > 0) throw std::runtime_error("there is no " + wanted.name);
    Reply<Wanted, Found> reply{wanted.name};
    if (const auto more = world_.more.find(wanted.name); more != world_.more.end())
      for (const std::string& name : more->second) reply.more.push_back({name});
    return reply;
  }

 private:
  World& world_;
  SimulatedRunner& runner_;
  bool is_open_ = false;
};

class PartTest : public testing::Test {
 protected:
  explicit PartTest(Part::Options options = {.name = "things", .max_calls = 2}) {
    options.kind = kinds.host;
    part = std::make_unique<PartOf<WorldConnection>>(
        options, Part::Context{runner, log}, [this] { return std::make_shared<WorldConnection>(world, *runner); });
  }
  ~PartTest() override { runner->end(); }

  // A read of ten seconds at most.
  std::vector<std::string> read(const std::vector<std::string>& names) {
    const auto end = runner->now() + 10s;
    part->begin_read();
    std::vector<WorldConnection::Wanted> wanted;
    for (const std::string& name : names) wanted.push_back({name});
    const auto start = runner->now();
    part->ask(std::move(wanted));
    while (part->is_awaited() && runner->now() < end) {
      runner->wait(std::min(end, part->wake()));
      part->tend();
    }
    took = runner->now() - start;
    report = *part->report();
    part->end_read();
    return part->take();
  }
  void pass(std::chrono::seconds time) {
    for (const auto end = runner->now() + time; runner->now() < end;) runner->wait(end);
  }

  const CallKinds kinds{Instruments{}};
  World world;
  const CapturedLog captured;
  LogOnce log;
  const std::shared_ptr<SimulatedRunner> runner = std::make_shared<SimulatedRunner>();
  std::unique_ptr<PartOf<WorldConnection>> part;
  PartReport report{};
  std::chrono::duration<double> took{0};
};

TEST_F(PartTest, things_are_read_one_after_the_other_over_one_connection) {
  world.takes = {{"a", 100ms}, {"b", 200ms}};
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(read({"a", "b", "c"}), ElementsAre("a", "b", "c"));
    EXPECT_TRUE(report.success);
    EXPECT_DOUBLE_EQ(report.duration.count(), 0.3);
    EXPECT_EQ(report.calls_out, 0u);
  }
  EXPECT_EQ(world.connections, 1);
  EXPECT_EQ(captured.text(), "");
}

TEST_F(PartTest, things_that_come_with_another_one_are_read_behind_it) {
  world.more["all"] = {"a", "b"};
  EXPECT_THAT(read({"all"}), ElementsAre("all", "a", "b"));
}

TEST_F(PartTest, thing_that_hangs_costs_itself_and_the_others_are_read) {
  world.takes["b"] = SimulatedRunner::kForEver;
  EXPECT_THAT(read({"a", "b", "c"}), UnorderedElementsAre("a", "c"));
  EXPECT_FALSE(report.success);
  EXPECT_EQ(report.calls_out, 1u);
  EXPECT_DOUBLE_EQ(report.duration.count(), 10) << "it is awaited until the read's end";
}

TEST_F(PartTest, no_later_read_waits_for_a_thing_that_hangs_or_asks_for_it_again) {
  world.takes["b"] = SimulatedRunner::kForEver;
  read({"a", "b", "c"});
  for (int i = 0; i < 3; ++i) {
    EXPECT_THAT(read({"a", "b", "c"}), UnorderedElementsAre("a", "c"));
    EXPECT_FALSE(report.success);
    EXPECT_EQ(report.calls_out, 1u);
    EXPECT_DOUBLE_EQ(took.count(), 0);
  }
}

TEST_F(PartTest, thing_that_is_late_but_comes_within_the_read_is_there) {
  world.takes["b"] = 3s;
  EXPECT_THAT(read({"a", "b", "c"}), UnorderedElementsAre("a", "b", "c"));
  EXPECT_TRUE(report.success);
  EXPECT_DOUBLE_EQ(report.duration.count(), 3);
}

TEST_F(PartTest, thing_that_hung_is_read_again_when_its_call_is_back_and_what_it_said_is_old) {
  world.takes["b"] = 12s;
  read({"a", "b"});
  EXPECT_THAT(read({"a", "b"}), ElementsAre("a"));
  pass(2s);
  world.takes.clear();
  EXPECT_THAT(read({"a", "b"}), ElementsAre("a", "b"));
  EXPECT_TRUE(report.success);
}

TEST_F(PartTest, only_so_many_calls_hang) {
  world.takes = {{"a", SimulatedRunner::kForEver}, {"b", SimulatedRunner::kForEver}};
  EXPECT_THAT(read({"a", "b", "c"}), IsEmpty());
  EXPECT_EQ(report.calls_out, 2u);
  EXPECT_THAT(read({"c"}), IsEmpty());
  EXPECT_FALSE(report.success);
}

TEST_F(PartTest, failure_costs_the_rest_of_its_read_and_the_next_one_connects_again) {
  world.fails = {"b"};
  EXPECT_THAT(read({"a", "b", "c"}), ElementsAre("a"));
  EXPECT_FALSE(report.success);
  world.fails = {};
  EXPECT_THAT(read({"a", "b", "c"}), ElementsAre("a", "b", "c"));
  EXPECT_EQ(world.connections, 2);
}

TEST_F(PartTest, problem_is_logged_when_it_begins_and_when_it_ends) {
  world.takes["b"] = 25s;
  for (int i = 0; i < 3; ++i) {
    read({"a", "b"});
    pass(15s);
    world.takes.clear();
  }
  EXPECT_EQ(captured.text(),
            "warning libvirt part things: no answer in time, for 'b'\ninfo libvirt part things: can be read again\n");
}

TEST_F(PartTest, what_is_to_be_read_may_be_nothing) {
  EXPECT_THAT(read({}), IsEmpty());
  EXPECT_TRUE(report.success);
}

TEST_F(PartTest, part_that_was_not_asked_has_no_report) {
  part->begin_read();
  EXPECT_FALSE(part->report());
}

TEST_F(PartTest, connections_are_new_after_libvirt_was_lost) {
  read({"a"});
  part->disconnect();
  EXPECT_THAT(read({"a"}), ElementsAre("a"));
  EXPECT_EQ(world.connections, 2);
}

// One whose late calls are followed by a rest of three times as long.
struct RestingPartTest : PartTest {
  RestingPartTest() : PartTest({.name = "things", .rest = 3}) {}
};

TEST_F(RestingPartTest, after_a_late_call_others_have_libvirt_to_themselves_for_a_while) {
  world.takes["a"] = 4s;
  EXPECT_THAT(read({"a"}), ElementsAre("a"));
  for (int i = 0; i < 2; ++i) {
    pass(5s);
    EXPECT_THAT(read({"a"}), IsEmpty());
    EXPECT_FALSE(report.success);
    EXPECT_EQ(report.calls_out, 0u);
  }
  pass(2s);
  world.takes.clear();
  EXPECT_THAT(read({"a"}), ElementsAre("a"));
  EXPECT_TRUE(report.success);
}

TEST_F(PartTest, nothing_waits_or_throws_where_no_thread_is_to_be_had) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become a user without other processes";
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto tried = [this] {
    const auto threads = std::make_shared<ThreadRunner>("part", 1);
    PartOf<WorldConnection> real{{.name = "things", .kind = kinds.host}, {threads, log}, [this] {
                                   return std::make_shared<WorldConnection>(world, *runner);
                                 }};
    const auto ask = [&] {
      real.begin_read();
      real.ask({{"a"}});
      while (real.is_awaited()) threads->wait(threads->now() + 30s);
      real.end_read();
      return real.take();
    };
    {
      const NoThreads none;
      EXPECT_THAT(ask(), IsEmpty());
      EXPECT_FALSE(real.report()->success);
      EXPECT_THAT(captured.text(), HasSubstr("warning libvirt part things: Resource temporarily unavailable"));
    }
    EXPECT_THAT(ask(), ElementsAre("a"));
    std::_Exit(HasFailure() ? 1 : 0);
  };
  EXPECT_EXIT(tried(), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace virt
