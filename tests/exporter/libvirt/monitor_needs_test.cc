// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/monitor_needs.h"

#include <gmock/gmock.h>
#include <libvirt/libvirt.h>

#include <algorithm>

#include "tests/support/stats_of.h"

namespace virt {
namespace {

using std::chrono::seconds;
using testing::Each;
using testing::ElementsAre;
using testing::Optional;

constexpr Groups kAlways = Group::kBalloon | Group::kBlock;
constexpr Groups kAll = kAlways | Group::kCpuTotal | Group::kIothread | Group::kDirtyRate;

// Domains with a rotation of a minute, and a clock of its own.
class MonitorNeedsTest : public testing::Test {
 protected:
  // One that runs, with the CPU time that is known without its monitor.
  Domain& add(const std::string& uuid) {
    Domain& domain = domains.emplace_back();
    domain.uuid = uuid;
    domain.active = true;
    domain.id = 1;
    domain.facts = std::make_shared<const DomainFacts>();
    domain.stats = stats_of({{"cpu.time", 1}});
    return domain;
  }

  std::vector<Groups> choose_after(seconds passed, Groups groups = kAll) {
    return needs.choose(domains, groups, now += passed);
  }
  Stats answer(const std::string& uuid, Groups asked, double dirty_rate_status = 0) {
    return needs.answered(uuid, asked, stats_of({{"dirtyrate.calc_status", dirty_rate_status}}));
  }
  void let_all_answer() {
    choose_after(seconds{0});
    for (const Domain& domain : domains) answer(domain.uuid, kAll);
  }
  static DomainFacts& facts(Domain& domain) {
    const auto facts = std::make_shared<DomainFacts>();
    domain.facts = facts;
    return *facts;
  }

  MonitorNeeds needs{seconds{60}};
  Time now{seconds{1000}};
  std::vector<Domain> domains;
};

TEST_F(MonitorNeedsTest, domain_is_asked_for_all_until_it_has_answered_and_then_for_what_says_something) {
  add("a");
  EXPECT_THAT(choose_after(seconds{0}), ElementsAre(kAll));
  EXPECT_THAT(choose_after(seconds{1}), ElementsAre(kAll));
  answer("a", kAll);
  EXPECT_THAT(choose_after(seconds{1}), ElementsAre(kAlways));
}

TEST_F(MonitorNeedsTest, new_run_of_a_domain_is_asked_for_all) {
  Domain& domain = add("a");
  let_all_answer();
  domain.id = 2;
  EXPECT_THAT(choose_after(seconds{1}), ElementsAre(kAll));
}

TEST_F(MonitorNeedsTest, domain_that_does_not_run_is_not_asked_for_what_only_runs_have) {
  add("a").active = false;
  EXPECT_THAT(choose_after(seconds{0}), ElementsAre(kAlways));
}

TEST_F(MonitorNeedsTest, groups_that_nobody_wants_are_not_asked) {
  add("a");
  EXPECT_THAT(choose_after(seconds{0}, kAlways), ElementsAre(kAlways));
}

TEST_F(MonitorNeedsTest, io_threads_are_asked_where_the_xml_has_them) {
  facts(add("with")).has_iothreads = true;
  add("without");
  let_all_answer();
  EXPECT_THAT(choose_after(seconds{1}), ElementsAre(kAlways | Group::kIothread, kAlways));
}

TEST_F(MonitorNeedsTest, domain_whose_xml_is_not_known_may_have_all_that_xml_says) {
  add("a").facts = DomainFacts::none();
  let_all_answer();
  EXPECT_THAT(choose_after(seconds{1}), ElementsAre(kAlways | Group::kIothread | Group::kCpuTotal));
}

TEST_F(MonitorNeedsTest, cpu_is_asked_where_only_the_monitor_s_call_knows_of_it) {
  add("no time").stats = {};
  facts(add("cache")).has_cpu_monitors = true;
  add("neither");
  let_all_answer();
  EXPECT_THAT(choose_after(seconds{1}), ElementsAre(kAlways | Group::kCpuTotal, kAlways | Group::kCpuTotal, kAlways));
}

TEST_F(MonitorNeedsTest, cpu_is_asked_of_all_where_halt_polling_is_wanted) {
  add("a");
  let_all_answer();
  EXPECT_THAT(choose_after(seconds{1}, kAll | Group::kHaltPolling),
              ElementsAre(kAlways | Group::kCpuTotal | Group::kHaltPolling));
}

TEST_F(MonitorNeedsTest, dirty_rate_is_asked_each_time_while_there_is_a_measurement) {
  add("a");
  choose_after(seconds{0});
  answer("a", kAll, VIR_DOMAIN_DIRTYRATE_MEASURING);
  EXPECT_THAT(choose_after(seconds{1}), ElementsAre(kAlways | Group::kDirtyRate));
  answer("a", kAlways | Group::kDirtyRate, VIR_DOMAIN_DIRTYRATE_MEASURED);
  EXPECT_THAT(choose_after(seconds{1}), ElementsAre(kAlways | Group::kDirtyRate));
  answer("a", kAlways | Group::kDirtyRate, VIR_DOMAIN_DIRTYRATE_UNSTARTED);
  EXPECT_THAT(choose_after(seconds{1}), ElementsAre(kAlways));
}

TEST_F(MonitorNeedsTest, measurements_of_others_are_found_in_rotation) {
  for (int i = 0; i < 60; ++i) add(std::to_string(i));
  let_all_answer();
  std::vector<int> times(domains.size());
  for (int scrape = 0; scrape < 6; ++scrape) {
    const std::vector<Groups> chosen = choose_after(seconds{10});
    EXPECT_EQ(std::count(chosen.begin(), chosen.end(), kAlways | Group::kDirtyRate), 10);
    for (std::size_t i = 0; i < chosen.size(); ++i) {
      times[i] += chosen[i] != kAlways;
      answer(domains[i].uuid, chosen[i]);
    }
  }
  EXPECT_THAT(times, Each(1));
}

TEST_F(MonitorNeedsTest, domain_that_did_not_answer_in_its_turn_has_it_again) {
  add("a");
  let_all_answer();
  for (int scrape = 0; scrape < 3; ++scrape)
    EXPECT_THAT(choose_after(seconds{60}), ElementsAre(kAlways | Group::kDirtyRate));
}

TEST_F(MonitorNeedsTest, domain_that_is_not_asked_for_its_dirty_rate_still_has_none) {
  add("a");
  choose_after(seconds{0});
  EXPECT_TRUE(answer("a", kAll).empty()) << "its own answer says so";
  choose_after(seconds{1});
  EXPECT_THAT(answer("a", kAlways).number("dirtyrate.calc_status"), Optional(0));
}

TEST_F(MonitorNeedsTest, nothing_is_known_of_a_dirty_rate_that_nobody_wants_or_libvirt_does_not_know) {
  add("a");
  let_all_answer();
  choose_after(seconds{1}, kAlways);
  EXPECT_TRUE(answer("a", kAlways).empty());
  choose_after(seconds{1});
  needs.answered("a", kAll, Stats{});
  EXPECT_TRUE(answer("a", kAlways).empty());
}

TEST_F(MonitorNeedsTest, domain_that_went_is_forgotten) {
  add("a");
  let_all_answer();
  const std::vector<Domain> before = std::exchange(domains, {});
  choose_after(seconds{1});
  EXPECT_TRUE(answer("a", kAlways).empty());
  domains = before;
  EXPECT_THAT(choose_after(seconds{1}), ElementsAre(kAll));
}

}  // namespace
}  // namespace virt
