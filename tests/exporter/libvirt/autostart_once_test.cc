// SPDX-License-Identifier: Apache-2.0
// libvirt's test driver, and Debian 12's library, do not know it: a function of ours stands in for libvirt's.
#include "exporter/libvirt/autostart_once.h"

#include <gmock/gmock.h>

#include <optional>
#include <set>
#include <utility>

#include "exporter/libvirt/jobs.h"
#include "tests/support/test_host.h"

namespace virt {
namespace {

using std::chrono::seconds;
using testing::Optional;

std::set<std::string> starting;  // at the next boot
int calls = 0;

int is_starting(virDomainPtr domain, int* autostart) {
  ++calls;
  *autostart = starting.count(virDomainGetName(domain)) > 0 ? 1 : 0;
  return 0;
}

// Gives the thread the error of a driver that lacks a call.
int not_supported(virDomainPtr domain, int*) {
  ++calls;
  read_job(domain);
  return -1;
}

int failing(virDomainPtr, int*) {
  ++calls;
  virDomainLookupByName(nullptr, "");
  return -1;
}

class AutostartOnceTest : public testing::Test {
 protected:
  AutostartOnceTest() {
    for (const char* name : {"a", "b", "c"}) host.define(domain_xml(name));
    starting.clear();
    calls = 0;
  }

  std::optional<double> value_after(seconds passed, const std::string& name) {
    auto readings = read_list(host.connection());
    once->add(readings, now += passed);
    for (const Reading& reading : readings)
      if (reading.domain.name == name) return reading.domain.number("autostart.once");
    return std::nullopt;
  }

  void stand_in(AutostartOnce::Call call) { once.emplace(seconds{60}, call); }

  const SharedHost host;  // with "test" as well
  std::optional<AutostartOnce> once{std::in_place, seconds{60}, is_starting};
  Time now{seconds{5}};
};

TEST_F(AutostartOnceTest, each_domain_has_a_value) {
  starting = {"b"};
  EXPECT_THAT(value_after(seconds{0}, "a"), Optional(0));
  EXPECT_THAT(value_after(seconds{0}, "b"), Optional(1));
}

TEST_F(AutostartOnceTest, change_is_seen_within_the_refresh_time_by_one_call_for_each_domain) {
  value_after(seconds{0}, "a");
  value_after(seconds{15}, "a");
  calls = 0;
  starting = {"a", "b", "c", "test"};
  for (int i = 0; i < 4; ++i) value_after(seconds{15}, "a");
  for (const char* name : {"a", "b", "c", "test"}) EXPECT_THAT(value_after(seconds{0}, name), Optional(1)) << name;
  EXPECT_LE(calls, 8) << "not all in each scrape";
}

TEST_F(AutostartOnceTest, new_domain_is_asked_at_once) {
  value_after(seconds{0}, "a");
  value_after(seconds{15}, "a");
  host.define(domain_xml("d"));
  EXPECT_THAT(value_after(seconds{15}, "d"), Optional(0));
}

TEST_F(AutostartOnceTest, library_that_does_not_know_it_leaves_it_absent) {
  stand_in(nullptr);
  EXPECT_EQ(value_after(seconds{0}, "a"), std::nullopt);
}

TEST_F(AutostartOnceTest, daemon_that_does_not_know_it_is_asked_once) {
  stand_in(not_supported);
  EXPECT_EQ(value_after(seconds{0}, "a"), std::nullopt);
  EXPECT_EQ(value_after(seconds{60}, "a"), std::nullopt);
  EXPECT_EQ(calls, 1);
}

TEST_F(AutostartOnceTest, domain_of_which_libvirt_does_not_say_it_is_asked_in_its_next_turn) {
  stand_in(failing);
  EXPECT_EQ(value_after(seconds{0}, "a"), std::nullopt);
  EXPECT_EQ(calls, 4);
  EXPECT_EQ(value_after(seconds{60}, "a"), std::nullopt);
  EXPECT_EQ(calls, 8);
}

TEST(AutostartOnce, call_is_the_library_s) {
  unsigned long version = 0;
  virGetVersion(&version, nullptr, nullptr);
  EXPECT_EQ(AutostartOnce::of_library() != nullptr, version >= 11002000);
}

}  // namespace
}  // namespace virt
