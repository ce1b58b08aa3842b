// SPDX-License-Identifier: Apache-2.0
#include "exporter/registered.h"

#include <gmock/gmock.h>

#include <cstdlib>

namespace virt {
namespace {

using testing::ExitedWithCode;
using testing::StrEq;

void* make_nothing(const void*) { return nullptr; }

// In a process of their own, as records stay.
TEST(RegisteredDeathTest, newest_record_comes_first) {
  const auto check = [] {
    static virt_pollster_record first{VIRT_EXPORTER_ABI, "a.a", make_nothing, nullptr}, second = first;
    const virt_pollster_record* before = registered_pollsters();
    virt_register_pollster(&first);
    virt_register_pollster(&second);
    const bool right = registered_pollsters() == &second && second.next == &first && first.next == before;
    std::_Exit(right ? 0 : 1);
  };
  EXPECT_EXIT(check(), ExitedWithCode(0), StrEq(""));
}

TEST(RegisteredDeathTest, sources_have_a_list_of_their_own) {
  const auto check = [] {
    static virt_source_record source{VIRT_EXPORTER_ABI, "a", make_nothing, nullptr};
    const virt_pollster_record* pollsters = registered_pollsters();
    virt_register_source(&source);
    std::_Exit(registered_sources() == &source && registered_pollsters() == pollsters ? 0 : 1);
  };
  EXPECT_EXIT(check(), ExitedWithCode(0), StrEq(""));
}

}  // namespace
}  // namespace virt
