// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/call_kinds.h"

#include <gmock/gmock.h>

#include <stdexcept>

#include "tests/support/counted.h"

namespace virt {
namespace {

using testing::HasSubstr;

// `call` as a call of that kind.
template <typename Call>
auto timed(std::shared_ptr<CallKind> kind, Call call) {
  return [kind = std::move(kind), call = std::move(call)] {
    const TimedCall timed{*kind};
    return call();
  };
}

class CallKindsTest : public testing::Test {
 protected:
  const Instruments instruments{};
  const CallKinds kinds{instruments};
};

TEST_F(CallKindsTest, every_kind_is_there_before_its_first_call) {
  for (const char* kind : {"connect", "list", "domain", "control", "xml", "job", "host"})
    for (const char* family : {"virt_libvirt_call_duration_seconds_count", "virt_libvirt_call_errors_total",
                               "virt_libvirt_call_timeouts_total"})
      EXPECT_THAT(counted(instruments), HasSubstr(std::string{family} + "{kind=\"" + kind + "\"} 0\n"));
  EXPECT_THAT(counted(instruments), HasSubstr("virt_libvirt_reconnects_total 0\n"));
}

TEST_F(CallKindsTest, call_that_returns_has_a_duration_and_nothing_else) {
  EXPECT_EQ(timed(kinds.xml, [] { return 7; })(), 7);
  kinds.end_read();
  const std::string text = counted(instruments);
  EXPECT_THAT(text, HasSubstr("virt_libvirt_call_duration_seconds_count{kind=\"xml\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("virt_libvirt_call_errors_total{kind=\"xml\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("virt_libvirt_call_timeouts_total{kind=\"xml\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("virt_libvirt_call_duration_seconds_count{kind=\"job\"} 0\n"));
}

TEST_F(CallKindsTest, call_that_throws_has_failed) {
  const auto call = timed(kinds.connect, [] { throw std::runtime_error("refused"); });
  for (int i = 0; i < 2; ++i) EXPECT_THROW(call(), std::runtime_error);
  EXPECT_THAT(counted(instruments), HasSubstr("virt_libvirt_call_errors_total{kind=\"connect\"} 2\n"));
}

// A destructor may make a call, while another exception is on its way.
TEST_F(CallKindsTest, call_made_while_an_exception_is_on_its_way_has_not_failed) {
  struct Caller {
    const CallKinds& kinds;
    ~Caller() {
      timed(kinds.list, [] {})();
    }
  };
  EXPECT_THROW(
      {
        const Caller caller{kinds};
        throw std::runtime_error("elsewhere");
      },
      std::runtime_error);
  EXPECT_THAT(counted(instruments), HasSubstr("virt_libvirt_call_errors_total{kind=\"list\"} 0\n"));
}

TEST_F(CallKindsTest, call_that_outlasts_its_read_times_out_once) {
  {
    const TimedCall hanging{*kinds.domain}, other{*kinds.domain};
    for (int i = 0; i < 2; ++i) kinds.end_read();
    timed(kinds.domain, [] {})();
    kinds.end_read();
    EXPECT_THAT(counted(instruments), HasSubstr("virt_libvirt_call_timeouts_total{kind=\"domain\"} 2\n"));
    EXPECT_THAT(counted(instruments), HasSubstr("virt_libvirt_call_duration_seconds_count{kind=\"domain\"} 1\n"));
  }
  kinds.end_read();
  EXPECT_THAT(counted(instruments), HasSubstr("virt_libvirt_call_timeouts_total{kind=\"domain\"} 2\n"));
  EXPECT_THAT(counted(instruments), HasSubstr("virt_libvirt_call_duration_seconds_count{kind=\"domain\"} 3\n"));
}

TEST_F(CallKindsTest, call_may_outlive_all_that_it_is_counted_with) {
  const auto call = [] {
    const CallKinds gone{{}};
    return timed(gone.host, [] { return 7; });
  }();
  EXPECT_EQ(call(), 7);
}

}  // namespace
}  // namespace virt
