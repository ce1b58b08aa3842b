// SPDX-License-Identifier: Apache-2.0
#include "exporter/instruments.h"

#include <gmock/gmock.h>

#include <optional>
#include <thread>

#include "tests/support/counted.h"

namespace virt {
namespace {

constexpr Meter kDone[] = {{"", "done_total", Type::kCumulative, kOne, "What was done."}};
constexpr Meter kAbandoned[] = {{"", "abandoned_total", Type::kCumulative, kOne, "What was not."}};
constexpr Meter kSeconds[] = {{"", "call_seconds", Type::kHistogram, kOne, "How long it took."}};

TEST(Instruments, counter_begins_with_zero_and_is_the_same_for_all_who_ask) {
  const Instruments instruments;
  prometheus::Counter& counter = instruments.counter(kDone[0], {{"code", "200"}});
  EXPECT_EQ(counted(instruments), "done_total{code=\"200\"} 0\n");
  counter.Increment();
  instruments.counter(kDone[0], {{"code", "200"}}).Increment();
  EXPECT_EQ(counted(instruments), "done_total{code=\"200\"} 2\n");
}

TEST(Instruments, order_is_that_of_names_and_labels_whatever_was_made_first) {
  const Instruments instruments;
  instruments.histogram(kSeconds[0], {1}, {{"kind", "b"}});
  for (const char* code : {"503", "404", "200", "500", "429"}) instruments.counter(kDone[0], {{"code", code}});
  instruments.counter(kAbandoned[0]);
  EXPECT_EQ(counted(instruments),
            "abandoned_total 0\n"
            "call_seconds_bucket{kind=\"b\",le=\"1\"} 0\ncall_seconds_bucket{kind=\"b\",le=\"+Inf\"} 0\n"
            "call_seconds_sum{kind=\"b\"} 0\ncall_seconds_count{kind=\"b\"} 0\n"
            "done_total{code=\"200\"} 0\ndone_total{code=\"404\"} 0\ndone_total{code=\"429\"} 0\n"
            "done_total{code=\"500\"} 0\ndone_total{code=\"503\"} 0\n");
}

TEST(Instruments, each_has_its_own_unless_it_is_a_copy) {
  const Instruments one, other, copy = one;
  one.counter(kDone[0]).Increment();
  EXPECT_EQ(counted(copy), "done_total 1\n");
  EXPECT_EQ(counted(other), "");
}

TEST(Instruments, what_a_thread_counts_with_lives_as_long_as_its_copy) {
  std::optional<Instruments> first{std::in_place};
  const Instruments copy = *first;
  prometheus::Counter& counter = copy.counter(kDone[0]);
  first.reset();
  std::thread{[&] { counter.Increment(); }}.join();
  EXPECT_EQ(counted(copy), "done_total 1\n");
}

}  // namespace
}  // namespace virt
