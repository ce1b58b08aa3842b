// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/named_part.h"

#include <gmock/gmock.h>

#include <map>
#include <stdexcept>

#include "tests/support/captured_log.h"
#include "tests/support/lost_connection.h"
#include "tests/support/simulated_runner.h"

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

// The things of the host, with how long each may be read, and its list.
struct Host {
  std::map<std::string, std::chrono::milliseconds> things;
  std::chrono::milliseconds list{0};
  bool list_fails = false;
  std::string dies_at;  // while that is read libvirt goes
  std::optional<LostConnection> lost = {};
  int lists = 0, looked_up = 0;
  SimulatedRunner* runner = nullptr;
};
Host* the_host;

struct Things {
  using Handle = std::unique_ptr<std::string>;
  static constexpr char kPrefix[] = "thing.";

  static std::vector<std::pair<Handle, ListedFacts>> list(virConnectPtr) {
    ++the_host->lists;
    if (the_host->list > 0s) the_host->runner->sleep(the_host->list);
    if (the_host->list_fails) throw std::runtime_error("cannot list them");
    std::vector<std::pair<Handle, ListedFacts>> all;
    for (const auto& [name, time] : the_host->things)
      all.emplace_back(std::make_unique<std::string>(name), ListedFacts{{"listed", true}});
    return all;
  }
  static std::string* find_by_uuid(virConnectPtr, const char* uuid) {
    ++the_host->looked_up;
    const std::string name{uuid + 3};
    return the_host->things.count(name) > 0 ? new std::string{name} : nullptr;
  }
  static std::string name(const std::string* thing) { return *thing; }
  static std::string uuid(const std::string* thing) { return "id-" + *thing; }
  static ListedFacts facts(const std::string*) { return {{"listed", false}}; }
  static void read(const std::string* thing, const ListedFacts&, const std::string& prefix, StatsBuilder& stats) {
    if (const auto time = the_host->things.at(*thing); time > 0s) the_host->runner->sleep(time);
    if (*thing == the_host->dies_at) the_host->lost.emplace();
    if (!the_host->lost) stats.add(prefix + "size", 7);
  }
};

class NamedPartTest : public testing::Test {
 protected:
  NamedPartTest() {
    host.runner = runner.get();
    the_host = &host;
  }
  ~NamedPartTest() override { runner->end(); }

  // The names of those that have a size, and of those that do not respond.
  void read() {
    const auto end = runner->now() + 10s;
    things.part().begin_read();
    const auto start = runner->now();
    things.ask(start);
    things.go_on();
    while (things.part().is_awaited() && runner->now() < end) {
      runner->wait(std::min(end, things.part().wake()));
      things.part().tend();
      things.go_on();
    }
    took = runner->now() - start;
    stats = things.host();
    sized.clear();
    silent.clear();
    for (const Record& thing : stats.group("thing")) {
      const std::string name{thing.text("name").value_or("")};
      if (thing.number("size")) sized.push_back(name);
      if (thing.number("responding") == 0.0) silent.push_back(name);
    }
  }

  const CallKinds kinds{Instruments{}};
  Host host;
  LogOnce log;
  const std::shared_ptr<SimulatedRunner> runner = std::make_shared<SimulatedRunner>();
  NamedPart<Things> things{
      {.name = "things", .kind = kinds.host, .max_calls = 3}, {runner, log}, "test:///default", 60s};
  Stats stats;
  std::vector<std::string> sized, silent;
  std::chrono::duration<double> took{0};
};

TEST_F(NamedPartTest, each_of_the_list_is_read_and_responds) {
  host.things = {{"a", 0s}, {"b", 0s}};
  read();
  EXPECT_THAT(sized, ElementsAre("a", "b"));
  EXPECT_THAT(silent, IsEmpty());
  EXPECT_EQ(stats.number("thing.0.listed"), 1);
  EXPECT_EQ(stats.number("thing.0.responding"), 1);
  EXPECT_EQ(host.looked_up, 0) << "the list gives handles";
}

TEST_F(NamedPartTest, one_that_hangs_says_so_and_the_others_are_there) {
  host.things = {{"a", 0s}, {"b", SimulatedRunner::kForEver}, {"c", 0s}};
  for (int i = 0; i < 2; ++i) {
    read();
    EXPECT_THAT(sized, UnorderedElementsAre("a", "c"));
    EXPECT_THAT(silent, ElementsAre("b"));
    EXPECT_FALSE(things.part().report()->success);
  }
}

TEST_F(NamedPartTest, where_the_list_hangs_each_that_is_known_is_asked) {
  host.things = {{"a", 0s}, {"b", 0s}};
  read();
  host.list = SimulatedRunner::kForEver;
  host.things["b"] = SimulatedRunner::kForEver;
  for (int i = 0; i < 2; ++i) {
    read();
    EXPECT_THAT(sized, ElementsAre("a"));
    EXPECT_THAT(silent, ElementsAre("b"));
    EXPECT_EQ(stats.number("thing.0.listed"), 0) << "by a call of its own";
  }
  EXPECT_EQ(took, 0s) << "no later read waits for what hangs already";
  EXPECT_EQ(host.lists, 2);
}

TEST_F(NamedPartTest, where_the_list_hangs_one_that_vanished_is_not_there) {
  host.things = {{"a", 0s}, {"b", 0s}};
  read();
  host.list = SimulatedRunner::kForEver;
  host.things.erase("b");
  read();
  EXPECT_THAT(sized, ElementsAre("a"));
  EXPECT_THAT(silent, IsEmpty());
}

TEST_F(NamedPartTest, list_that_hangs_before_any_is_known_is_asked_for_again_as_soon_as_it_is_back) {
  host.things = {{"a", 0s}};
  host.list = 12s;
  read();
  EXPECT_THAT(sized, IsEmpty());
  for (const auto end = runner->now() + 5s; runner->wait(end);) continue;
  host.list = 0s;
  read();
  EXPECT_THAT(sized, ElementsAre("a"));
}

TEST_F(NamedPartTest, list_that_fails_before_any_is_known_is_asked_for_again_and_no_success_is_invented) {
  host.things = {{"a", 0s}};
  host.list_fails = true;
  for (int i = 0; i < 3; ++i) {
    read();
    EXPECT_FALSE(things.part().report()->success);
  }
  host.list_fails = false;
  read();
  EXPECT_THAT(sized, ElementsAre("a"));
}

TEST_F(NamedPartTest, nothing_is_said_of_what_was_read_when_libvirt_had_gone) {
  host.things = {{"a", 0s}, {"b", 0s}};
  host.dies_at = "a";
  read();
  EXPECT_FALSE(things.part().report()->success);
  EXPECT_TRUE(stats.all().match("thing.*.responding").empty());
  host.dies_at.clear();
  host.lost.reset();
  read();
  EXPECT_THAT(sized, ElementsAre("a", "b"));
}

TEST_F(NamedPartTest, names_that_are_gone_are_not_known_for_ever) {
  for (int i = 0; i < 300; ++i) {
    host.things = {{"network-" + std::to_string(i), 0s}};
    read();
    EXPECT_LT(std::stoi(std::string{stats.all().match("thing.*.size").at(0).star}), 70);
  }
}

TEST_F(NamedPartTest, where_there_is_none_the_list_is_asked_for_within_the_refresh_time) {
  for (int i = 0; i < 12; ++i) {
    read();
    for (const auto end = runner->now() + 15s; runner->wait(end);) continue;
  }
  EXPECT_EQ(host.lists, 3);
  host.things = {{"a", 0s}};
  for (int i = 0; i < 4; ++i) {
    read();
    for (const auto end = runner->now() + 15s; runner->wait(end);) continue;
  }
  EXPECT_THAT(sized, ElementsAre("a"));
}

}  // namespace
}  // namespace virt
