// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/per_domain.h"

#include <gmock/gmock.h>

namespace virt {
namespace {

using testing::Pointee;

TEST(PerDomain, value_of_a_domain_that_is_kept_stays) {
  PerDomain<int> numbers;
  numbers.keep("a") = 1;
  numbers.forget_others();
  EXPECT_EQ(numbers.keep("a"), 1);
  numbers.forget_others();
  EXPECT_THAT(numbers.find("a"), Pointee(1));
}

TEST(PerDomain, domain_that_is_not_kept_is_forgotten) {
  PerDomain<int> numbers;
  numbers.keep("a") = 1;
  numbers.keep("b") = 2;
  numbers.forget_others();
  numbers.keep("b");
  numbers.forget_others();
  EXPECT_EQ(numbers.find("a"), nullptr);
  EXPECT_THAT(numbers.find("b"), Pointee(2));
}

TEST(PerDomain, domain_that_comes_back_begins_anew) {
  PerDomain<int> numbers;
  numbers.keep("a") = 1;
  numbers.forget_others();
  numbers.forget_others();
  EXPECT_EQ(numbers.keep("a"), 0);
}

TEST(PerDomain, all_values_are_visited) {
  PerDomain<int> numbers;
  numbers.keep("a") = 1;
  numbers.keep("b") = 2;
  numbers.for_each([](int& number) { number *= 10; });
  EXPECT_THAT(numbers.find("a"), Pointee(10));
  EXPECT_THAT(numbers.find("b"), Pointee(20));
}

}  // namespace
}  // namespace virt
