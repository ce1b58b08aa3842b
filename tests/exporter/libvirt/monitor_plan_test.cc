// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/monitor_plan.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <random>
#include <set>
#include <utility>

namespace virt {
namespace {

using Answer = MonitorPlan::Answer;
using Outcome = MonitorPlan::Outcome;
using testing::IsEmpty;
using testing::Not;
using testing::SizeIs;
using testing::UnorderedElementsAre;

std::vector<std::string> guests(int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back("guest-" + std::to_string(i));
  return names;
}

// libvirtd as it behaves: it serves a call's domains one after the other, hangs at a frozen one, and answers at
// once, in part, for one whose monitor another call holds. Time is simulated.
class Libvirtd {
 public:
  explicit Libvirtd(MonitorPlan::Options options = {}) : plan(options) {}

  MonitorPlan plan;
  std::set<std::string> frozen, held_by_others;
  double seconds_each = 0.003;
  std::size_t most_out = 0;

  // A scrape of at most `budget` seconds; gives the seconds it took.
  double scrape(const std::vector<std::string>& domains, double budget = 10) {
    step(now_ + duration(15));
    const auto start = now_;
    const auto end = start + duration(budget);
    std::unordered_set<std::string> released = plan.held();
    std::erase_if(released, [&](const auto& domain) { return held_.count(domain) + held_by_others.count(domain) > 0; });
    plan.begin(domains, released, now_);
    calls_ = 0;
    while (true) {
      while (const auto batch = plan.next(now_)) call(*batch);
      if (plan.finished() || now_ >= end) return seconds(now_ - start);
      step(std::min({plan.wake(), end, next_answer()}));
    }
  }

  void thaw() { thaw(std::set<std::string>{frozen}); }
  // A call that hung at one of these hangs at the next frozen one, or comes back.
  void thaw(const std::set<std::string>& domains) {
    for (const std::string& domain : domains) frozen.erase(domain), held_.erase(domain);
    for (auto& [id, stuck] : std::exchange(stuck_, {})) {
      if (domains.count(stuck.at) == 0)
        stuck_.emplace(id, stuck);
      else
        run(stuck.batch, stuck.at);
    }
    while (!answers_.empty()) step(answers_.begin()->first);
  }

  std::size_t calls_of_last_scrape() const { return calls_; }
  std::size_t out() const { return answers_.size() + stuck_.size(); }
  int count(const std::vector<std::string>& domains, Outcome outcome) const {
    return static_cast<int>(
        std::count_if(domains.begin(), domains.end(), [&](const auto& d) { return plan.outcome(d) == outcome; }));
  }

 private:
  static Time::duration duration(double s) {
    return std::chrono::duration_cast<Time::duration>(std::chrono::duration<double>(s));
  }
  static double seconds(Time::duration d) { return std::chrono::duration<double>(d).count(); }
  Time next_answer() const { return answers_.empty() ? Time::max() : answers_.begin()->first; }

  struct Stuck {
    MonitorPlan::Batch batch;
    std::string at;
  };

  void call(const MonitorPlan::Batch& batch) {
    ++calls_;
    run(batch, batch.domains.front());
    most_out = std::max(most_out, out());
  }

  void run(const MonitorPlan::Batch& batch, const std::string& first) {
    double time = 0;
    for (auto at = std::find(batch.domains.begin(), batch.domains.end(), first); at != batch.domains.end(); ++at) {
      if (held_.count(*at) > 0 || held_by_others.count(*at) > 0) continue;
      if (frozen.count(*at) > 0) {
        held_.insert(*at);
        stuck_.emplace(batch.id, Stuck{batch, *at});
        return;
      }
      time += seconds_each;
    }
    answers_.emplace(now_ + duration(time), batch);
  }

  void step(Time until) {
    now_ = std::max(now_, until);
    while (!answers_.empty() && answers_.begin()->first <= now_) {
      const auto batch = answers_.begin()->second;
      answers_.erase(answers_.begin());
      std::vector<Answer> answers;
      for (const std::string& domain : batch.domains) {
        const bool is_held = held_.count(domain) + held_by_others.count(domain) > 0;
        answers.push_back(is_held ? Answer::kPartial : Answer::kComplete);
      }
      plan.answered(batch, answers, now_);
    }
  }

  Time now_{std::chrono::hours{1}};
  std::size_t calls_ = 0;
  std::multimap<Time, MonitorPlan::Batch> answers_;
  std::map<std::uint64_t, Stuck> stuck_;
  std::set<std::string> held_;
};

TEST(MonitorPlan, idle_guests_are_shared_by_the_workers) {
  MonitorPlan plan{MonitorPlan::Options{}};
  plan.begin(guests(100), {}, {});
  for (int i = 0; i < 4; ++i) EXPECT_THAT(plan.next({})->domains, SizeIs(25));
  EXPECT_FALSE(plan.next({}));
}

TEST(MonitorPlan, all_healthy_guests_are_complete) {
  Libvirtd libvirtd;
  const auto all = guests(100);
  libvirtd.scrape(all);
  EXPECT_EQ(libvirtd.count(all, Outcome::kComplete), 100);
}

TEST(MonitorPlan, frozen_guests_cost_their_neighbours_nothing) {
  for (const std::size_t max_calls : {10u, 12u, 15u})
    for (const int frozen : {1, 5, 8}) {
      for (const int apart : {7, 12}) {
        MonitorPlan::Options options;
        options.max_calls = max_calls;
        Libvirtd libvirtd{options};
        const auto all = guests(100);
        for (int i = 0; i < frozen; ++i) libvirtd.frozen.insert(all[static_cast<std::size_t>(i * apart)]);
        EXPECT_LT(libvirtd.scrape(all), 2.0) << frozen;
        EXPECT_EQ(libvirtd.count(all, Outcome::kComplete), 100 - frozen);
        EXPECT_EQ(libvirtd.count(all, Outcome::kSilent), frozen);
        EXPECT_LE(libvirtd.most_out, max_calls);
        EXPECT_LT(libvirtd.scrape(all), 0.3) << "the next scrape knows them";
        EXPECT_EQ(libvirtd.count(all, Outcome::kComplete), 100 - frozen);
      }
    }
}

TEST(MonitorPlan, thawed_guests_are_back_in_the_next_scrape) {
  Libvirtd libvirtd;
  const auto all = guests(20);
  libvirtd.frozen = {all[3], all[4]};
  libvirtd.scrape(all);
  EXPECT_EQ(libvirtd.plan.calls_left_behind(), 2u);
  libvirtd.thaw();
  libvirtd.scrape(all);
  EXPECT_EQ(libvirtd.count(all, Outcome::kComplete), 20);
  EXPECT_EQ(libvirtd.plan.calls_left_behind(), 0u);
}

// Guests of a hundred, in different order, of which more hang than calls may be out.
class MassOutage : public testing::TestWithParam<unsigned> {
 protected:
  MassOutage() {
    if (GetParam() > 0) std::shuffle(by_fate.begin(), by_fate.end(), std::mt19937{GetParam()});
    libvirtd.scrape(all);
  }

  // So many in all; without a seed, the first of each four and then the rest in order.
  void freeze(std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) libvirtd.frozen.insert(by_fate[i]);
  }
  std::set<std::string> complete() const {
    std::set<std::string> complete;
    for (const auto& guest : all)
      if (libvirtd.plan.outcome(guest) == Outcome::kComplete) complete.insert(guest);
    return complete;
  }
  // Of those, what is not frozen.
  std::set<std::string> healthy(std::set<std::string> guests) const {
    std::erase_if(guests, [&](const auto& guest) { return libvirtd.frozen.count(guest) > 0; });
    return guests;
  }
  int responding_0_though_healthy() const {
    return static_cast<int>(std::count_if(all.begin(), all.end(), [&](const auto& guest) {
      return libvirtd.frozen.count(guest) == 0 && libvirtd.plan.outcome(guest) == Outcome::kSilent;
    }));
  }

  const std::vector<std::string> all = guests(100);
  std::vector<std::string> by_fate = every_fourth_first();
  Libvirtd libvirtd;

 private:
  static std::vector<std::string> every_fourth_first() {
    const auto all = guests(100);
    std::vector<std::string> ordered;
    for (std::size_t i = 0; i < 100; i += 4) ordered.push_back(all[i]);
    for (std::size_t i = 0; i < 100; ++i)
      if (i % 4 != 0) ordered.push_back(all[i]);
    return ordered;
  }
};
INSTANTIATE_TEST_SUITE_P(MonitorPlan, MassOutage, testing::Range(0u, 20u));

TEST_P(MassOutage, calls_never_exceed_the_limit) {
  for (const std::size_t frozen : {25u, 60u, 100u}) {
    freeze(frozen);
    EXPECT_LE(libvirtd.scrape(all), 10);
    for (int i = 0; i < 3; ++i) EXPECT_LT(libvirtd.scrape(all), 1) << "what hangs is not waited for again";
  }
  EXPECT_LE(libvirtd.most_out, 12u);
}

TEST_P(MassOutage, guests_that_answered_during_the_outage_are_complete_in_each_scrape) {
  for (const std::size_t frozen : {25u, 60u}) {
    freeze(frozen);
    libvirtd.scrape(all);
    const auto answered = complete();
    for (int i = 0; i < 5; ++i) {
      libvirtd.scrape(all);
      EXPECT_EQ(complete(), answered);
    }
  }
}

TEST_P(MassOutage, some_answer_where_most_hang_at_once) {
  freeze(60);
  for (int i = 0; i < 3; ++i) {
    libvirtd.scrape(all);
    EXPECT_THAT(complete(), Not(IsEmpty()));
  }
}

TEST_P(MassOutage, each_call_that_is_lost_finds_a_guest_that_hangs_and_those_in_front_of_it) {
  freeze(25);
  libvirtd.scrape(all);
  EXPECT_EQ(libvirtd.plan.calls_left_behind(), 9u) << "three are kept";
  EXPECT_EQ(libvirtd.count(all, Outcome::kSilent), 9);
  EXPECT_EQ(responding_0_though_healthy(), 0) << "what cannot be known is not told";
  EXPECT_GT(complete().size(), 10u);
}

TEST_P(MassOutage, guests_in_batches_of_which_none_hangs_are_complete) {
  for (std::size_t i = 30; i < 55; ++i) libvirtd.frozen.insert(all[i]);
  for (int i = 0; i < 3; ++i) {
    libvirtd.scrape(all);
    EXPECT_GE(complete().size(), 55u);
  }
}

TEST_P(MassOutage, all_are_back_in_the_scrape_after_the_repair) {
  for (const std::size_t frozen : {25u, 60u}) {
    freeze(frozen);
    libvirtd.scrape(all);
    libvirtd.scrape(all);
    libvirtd.thaw();
    libvirtd.scrape(all);
    EXPECT_EQ(libvirtd.count(all, Outcome::kComplete), 100);
    EXPECT_EQ(libvirtd.plan.calls_left_behind(), 0u);
  }
}

TEST_P(MassOutage, unknown_guests_are_found_out_one_by_one_as_calls_come_back) {
  freeze(25);
  libvirtd.scrape(all);
  auto known = complete();
  while (!libvirtd.frozen.empty()) {
    std::set<std::string> repaired;
    for (const auto& guest : all)
      if (libvirtd.plan.outcome(guest) == Outcome::kSilent && repaired.size() < 3) repaired.insert(guest);
    libvirtd.thaw(repaired);
    libvirtd.scrape(all);
    known.insert(repaired.begin(), repaired.end());
    const auto found = complete();
    EXPECT_TRUE(std::includes(found.begin(), found.end(), known.begin(), known.end()));
    EXPECT_EQ(responding_0_though_healthy(), 0);
    ASSERT_FALSE(repaired.empty());
    known = found;
  }
  EXPECT_EQ(known.size(), 100u);
  EXPECT_LE(libvirtd.most_out, 12u);
}

TEST_P(MassOutage, another_guest_that_hangs_costs_itself_only) {
  freeze(25);
  libvirtd.scrape(all);
  auto known = complete();
  for (const unsigned position : {2u, 3u}) {
    const auto next = std::next(known.begin(), static_cast<std::ptrdiff_t>(known.size() * position / 5));
    libvirtd.frozen.insert(*next);
    known.erase(next);
    for (int i = 0; i < 2; ++i) {
      libvirtd.scrape(all);
      EXPECT_EQ(complete(), known) << position;
    }
  }
}

TEST(MonitorPlan, guest_that_answers_again_is_back_while_those_of_its_batch_hang) {
  Libvirtd libvirtd;
  const auto all = guests(100);
  libvirtd.frozen = {all[3], all[5], all[7]};
  libvirtd.scrape(all);
  for (int back = 1; back <= 3; ++back) {
    libvirtd.thaw({all[static_cast<std::size_t>(1 + 2 * back)]});
    libvirtd.scrape(all);
    EXPECT_EQ(libvirtd.count(all, Outcome::kComplete), 97 + back);
    EXPECT_EQ(libvirtd.count(all, Outcome::kSilent), 3 - back);
  }
}

TEST(MonitorPlan, guests_of_a_batch_that_hung_in_a_scrape_that_ended_early_are_complete_in_the_next) {
  Libvirtd libvirtd;
  const auto all = guests(100);
  libvirtd.frozen = {all[30]};
  libvirtd.scrape(all, 0.3);
  EXPECT_EQ(libvirtd.count(all, Outcome::kComplete), 75);
  libvirtd.scrape(all);
  EXPECT_EQ(libvirtd.count(all, Outcome::kComplete), 99);
  EXPECT_EQ(libvirtd.count(all, Outcome::kSilent), 1);
}

TEST(MonitorPlan, low_limit_has_no_reserve) {
  for (const std::size_t limit : {2u, 4u, 5u}) {
    MonitorPlan::Options options;
    options.max_calls = limit;
    Libvirtd libvirtd{options};
    const auto all = guests(20);
    libvirtd.frozen = {all[7]};
    for (int i = 0; i < 2; ++i) {
      libvirtd.scrape(all);
      EXPECT_EQ(libvirtd.count(all, Outcome::kComplete), 19) << limit;
    }
  }
}

TEST(MonitorPlan, guests_that_others_hold_count_towards_the_limit) {
  Libvirtd libvirtd;
  const auto all = guests(100);
  for (std::size_t i = 0; i < 8; ++i) libvirtd.held_by_others.insert(all[i * 5]);
  libvirtd.scrape(all);
  EXPECT_THAT(libvirtd.plan.held(), SizeIs(8));
  EXPECT_EQ(libvirtd.count(all, Outcome::kComplete), 92);
  libvirtd.most_out = 0;
  libvirtd.scrape(all);
  EXPECT_LE(libvirtd.most_out, 4u);
}

TEST(MonitorPlan, guest_that_another_call_holds_for_less_than_a_second_is_complete) {
  MonitorPlan plan{MonitorPlan::Options{}};
  const Time start{std::chrono::hours{1}};
  plan.begin({"busy"}, {}, start);
  for (auto now = start; now < start + std::chrono::milliseconds{980}; now = plan.wake())
    plan.answered(plan.next(now).value(), {Answer::kPartial}, now);
  plan.answered(plan.next(plan.wake()).value(), {Answer::kComplete}, plan.wake());
  EXPECT_EQ(plan.outcome("busy"), Outcome::kComplete);
}

TEST(MonitorPlan, slow_guests_are_asked_in_small_batches_by_many) {
  Libvirtd libvirtd;
  libvirtd.seconds_each = 0.095;
  const auto all = guests(100);
  double last = 0;
  for (int i = 0; i < 6; ++i) last = libvirtd.scrape(all);
  EXPECT_EQ(libvirtd.count(all, Outcome::kComplete), 100);
  EXPECT_LT(last, 9.5 / 3);
}

TEST(MonitorPlan, idle_guests_are_asked_in_few_batches_again_after_others_were_slow) {
  Libvirtd libvirtd;
  const auto all = guests(100);
  libvirtd.seconds_each = 0.095;
  for (int i = 0; i < 6; ++i) libvirtd.scrape(all);
  libvirtd.seconds_each = 0.003;
  for (int i = 0; i < 6; ++i) libvirtd.scrape(all);
  EXPECT_LE(libvirtd.calls_of_last_scrape(), 4u);
}

TEST(MonitorPlan, frozen_guest_does_not_make_the_others_be_asked_in_small_batches) {
  Libvirtd libvirtd;
  const auto all = guests(100);
  libvirtd.scrape(all);
  libvirtd.frozen = {all[50]};
  libvirtd.scrape(all);
  libvirtd.scrape(all);
  EXPECT_LE(libvirtd.calls_of_last_scrape(), 4u);
}

TEST(MonitorPlan, slow_guests_are_all_complete_the_first_time_too) {
  Libvirtd libvirtd;
  const auto all = guests(100);
  libvirtd.scrape(all);
  libvirtd.seconds_each = 0.095;
  libvirtd.scrape(all);
  EXPECT_EQ(libvirtd.count(all, Outcome::kComplete), 100);
}

TEST(MonitorPlan, suspects_are_those_whose_answer_is_not_to_be_expected_soon) {
  Libvirtd libvirtd;
  const auto all = guests(20);
  libvirtd.frozen = {all[3]};
  libvirtd.held_by_others = {all[9]};
  libvirtd.scrape(all);
  EXPECT_THAT(libvirtd.plan.suspects(), UnorderedElementsAre(all[3], all[9]));
  libvirtd.thaw();
  libvirtd.held_by_others.clear();
  libvirtd.scrape(all);
  EXPECT_THAT(libvirtd.plan.suspects(), IsEmpty());
}

TEST(MonitorPlan, domain_that_vanished_is_gone_and_not_silent) {
  MonitorPlan plan{MonitorPlan::Options{}};
  plan.begin({"a", "b"}, {}, {});
  while (const auto batch = plan.next({})) {
    std::vector<Answer> answers;
    for (const std::string& domain : batch->domains)
      answers.push_back(domain == "a" ? Answer::kGone : Answer::kComplete);
    plan.answered(*batch, answers, {});
  }
  EXPECT_TRUE(plan.finished());
  EXPECT_EQ(plan.outcome("a"), Outcome::kGone);
  EXPECT_EQ(plan.outcome("b"), Outcome::kComplete);
}

TEST(MonitorPlan, answer_that_comes_when_the_scrape_is_over_is_not_used) {
  MonitorPlan plan{MonitorPlan::Options{}};
  const Time now{std::chrono::hours{1}};
  plan.begin({"late"}, {}, now);
  const auto batch = plan.next(now).value();
  plan.end();
  EXPECT_FALSE(plan.answered(batch, {Answer::kComplete}, now));
  EXPECT_EQ(plan.outcome("late"), Outcome::kSilent);
}

TEST(MonitorPlan, answer_to_an_earlier_scrape_is_not_used) {
  MonitorPlan plan{MonitorPlan::Options{}};
  plan.begin({"a"}, {}, {});
  const auto batch = plan.next({});
  plan.begin({"a"}, {}, {});
  EXPECT_FALSE(plan.next({})) << "it is not asked while a call to it is out";
  EXPECT_FALSE(plan.answered(*batch, {Answer::kComplete}, {}));
  EXPECT_EQ(plan.outcome("a"), Outcome::kNotAsked);
}

}  // namespace
}  // namespace virt
