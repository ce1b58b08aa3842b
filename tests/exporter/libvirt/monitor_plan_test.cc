// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/monitor_plan.h"

#include <gmock/gmock.h>

#include <set>

namespace virt {
namespace {

using Answer = MonitorPlan::Answer;
using Outcome = MonitorPlan::Outcome;
using testing::IsEmpty;
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
  MonitorPlan plan{MonitorPlan::Options{}};
  std::set<std::string> frozen, held_by_others;
  double seconds_each = 0.003;
  std::size_t most_out = 0;

  // A scrape of at most `budget` seconds; gives the seconds it took.
  double scrape(const std::vector<std::string>& domains, double budget = 10,
                const std::unordered_set<std::string>& released = {}) {
    step(now_ + duration(15));
    const auto start = now_;
    const auto end = start + duration(budget);
    plan.begin(domains, released, now_);
    calls_ = 0;
    while (true) {
      while (const auto batch = plan.next(now_)) call(*batch);
      if (plan.finished() || now_ >= end) return seconds(now_ - start);
      step(std::min({plan.wake(), end, next_answer()}));
    }
  }

  void thaw() {
    frozen.clear();
    for (auto& [id, batch] : stuck_) answers_.emplace(now_ + duration(0.01), batch);
    stuck_.clear();
    held_.clear();
    while (!answers_.empty()) step(answers_.begin()->first);
  }

  std::size_t calls_of_last_scrape() const { return calls_; }
  std::size_t out() const { return answers_.size() + stuck_.size(); }
  int count(const std::vector<std::string>& domains, Outcome outcome) const {
    return static_cast<int>(
        std::count_if(domains.begin(), domains.end(), [&](const auto& d) { return plan.outcome(d) == outcome; }));
  }

 private:
  using Time = MonitorPlan::Time;
  static Time::duration duration(double s) {
    return std::chrono::duration_cast<Time::duration>(std::chrono::duration<double>(s));
  }
  static double seconds(Time::duration d) { return std::chrono::duration<double>(d).count(); }
  Time next_answer() const { return answers_.empty() ? Time::max() : answers_.begin()->first; }

  void call(const MonitorPlan::Batch& batch) {
    ++calls_;
    double time = 0;
    for (const std::string& domain : batch.domains) {
      if (held_.count(domain) > 0 || held_by_others.count(domain) > 0) continue;
      if (frozen.count(domain) > 0) {
        held_.insert(domain);
        stuck_.emplace(batch.id, batch);
        most_out = std::max(most_out, out());
        return;
      }
      time += seconds_each;
    }
    answers_.emplace(now_ + duration(time), batch);
    most_out = std::max(most_out, out());
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
  std::map<std::uint64_t, MonitorPlan::Batch> stuck_;
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
  for (const int frozen : {1, 5, 8}) {
    Libvirtd libvirtd;
    const auto all = guests(100);
    for (int i = 0; i < frozen; ++i) libvirtd.frozen.insert(all[static_cast<std::size_t>(i * 7)]);
    EXPECT_LT(libvirtd.scrape(all), 2.0) << frozen;
    EXPECT_EQ(libvirtd.count(all, Outcome::kComplete), 100 - frozen);
    EXPECT_EQ(libvirtd.count(all, Outcome::kSilent), frozen);
    EXPECT_LE(libvirtd.most_out, 12u);
    EXPECT_LT(libvirtd.scrape(all), 0.2) << "the next scrape knows them";
    EXPECT_EQ(libvirtd.count(all, Outcome::kComplete), 100 - frozen);
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

TEST(MonitorPlan, calls_never_exceed_the_limit) {
  Libvirtd libvirtd;
  const auto all = guests(100);
  for (std::size_t i = 0; i < 100; i += 4) libvirtd.frozen.insert(all[i]);
  EXPECT_DOUBLE_EQ(libvirtd.scrape(all), 10) << "what is late may yet come back";
  for (int i = 0; i < 5; ++i) EXPECT_EQ(libvirtd.scrape(all), 0) << "nothing is to be waited for";
  EXPECT_EQ(libvirtd.most_out, 12u);
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
  libvirtd.scrape(all, 10, {all[9]});
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
