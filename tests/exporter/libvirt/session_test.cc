// SPDX-License-Identifier: Apache-2.0
// On libvirt's test driver; QEMU's side is tested in the lab.
#include "exporter/libvirt/session.h"

#include <gmock/gmock.h>

#include "exporter/libvirt/cpu_times.h"
#include "exporter/libvirt/event_loop.h"
#include "tests/support/test_host.h"

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Field;
using testing::IsEmpty;
using testing::Optional;
using testing::UnorderedElementsAre;

constexpr char kTestUuid[] = "6695eb01-f6a4-8304-79aa-97f2502e193f";

class SessionTest : public testing::Test {
 protected:
  Domain only_domain(Groups groups) { return session.list(groups).at(0); }

  const struct Loop {
    Loop() { start_event_loop(); }
  } loop;  // before the session registers for events
  const SharedHost host;
  const std::shared_ptr<Events> events = std::make_shared<Events>();
  Session session{"test:///default", 60s, events};
};

TEST_F(SessionTest, list_leaves_to_read_each_what_may_wait_where_there_are_no_bulk_statistics) {
  EXPECT_FALSE(session.has_bulk_statistics());
  Domain domain = only_domain(~0u);
  EXPECT_EQ(domain.uuid, kTestUuid);
  EXPECT_NE(domain.id, 0u);
  EXPECT_THAT(domain.facts->disks, IsEmpty());
  EXPECT_FALSE(domain.number("balloon.current"));
  DomainFacts facts;
  facts.disks.emplace_back().target = "vda";
  domain.facts = std::make_shared<const DomainFacts>(facts);
  domain = session.read_each({domain}, ~0u).at(0);
  EXPECT_TRUE(domain.number("balloon.current"));
  EXPECT_TRUE(domain.number("block.0.rd.bytes"));
}

TEST_F(SessionTest, domain_that_vanished_since_it_was_listed_costs_nobody_else) {
  Domain vanished;
  vanished.uuid = "of no domain";
  const auto domains = session.read_each({vanished, only_domain(Group::kState)}, ~0u);
  EXPECT_TRUE(domains.at(0).stats.empty());
  EXPECT_TRUE(domains.at(1).number("state.state"));
}

TEST_F(SessionTest, cpu_time_of_a_silent_domain_comes_from_a_call_that_takes_no_job) {
  session.list(Group::kState);
  EXPECT_GT(session.read_silent(kTestUuid, Group::kCpuTotal).number("cpu.time"), 0);
  EXPECT_FALSE(session.read_silent(kTestUuid, Group::kBlock).number("cpu.time")) << "not asked for";
  EXPECT_TRUE(session.read_silent("of no domain", Group::kCpuTotal).empty());
}

TEST_F(SessionTest, domain_that_nobody_is_known_to_hold_is_released) {
  session.list(Group::kState);
  EXPECT_THAT(session.released({kTestUuid, "of no domain"}, 0.4s), UnorderedElementsAre(kTestUuid, "of no domain"));
  EXPECT_THAT(session.released({}, 0.4s), IsEmpty());
}

// Nothing announces a change of autostart.
TEST_F(SessionTest, lists_are_kept_until_a_domain_comes_goes_starts_stops_or_has_an_event) {
  const DomainHandle domain = host.domain("test");
  const auto autostart = [this] {
    for (const Domain& domain : session.list(Group::kLists))
      if (domain.name == "test") return domain.number("list.autostart");
    return std::optional<double>{};
  };
  session.list(Group::kLists);  // two scrapes, so that their pace is known
  EXPECT_THAT(autostart(), Optional(0));
  ASSERT_EQ(virDomainSetAutostart(domain.get(), 1), 0);
  EXPECT_THAT(autostart(), Optional(0));
  events->add(kTestUuid, "lifecycle", "defined");
  EXPECT_THAT(autostart(), Optional(1));
  ASSERT_EQ(virDomainSetAutostart(domain.get(), 0), 0);
  EXPECT_THAT(autostart(), Optional(1));
  ASSERT_EQ(virDomainDestroy(domain.get()), 0);
  EXPECT_THAT(autostart(), Optional(0));
}

TEST_F(SessionTest, is_alive) { EXPECT_TRUE(session.is_alive()); }

// ---- The CPU time of domains that fall silent ---------------------------------------------------------

Domain domain_with(unsigned id, double cpu_time) {
  Domain domain;
  domain.uuid = "a";
  domain.id = id;
  domain.stats.add("cpu.time", cpu_time);
  return domain;
}

TEST(CpuTimes, counter_does_not_go_back_when_another_call_knows_less) {
  CpuTimes times;
  times.remember({domain_with(7, 1'234'567'890)});
  EXPECT_EQ(times.not_before(domain_with(7, 0), 1'230'000'000), 1'234'567'890);
  EXPECT_EQ(times.not_before(domain_with(7, 0), 1'240'000'000), 1'240'000'000);
}

TEST(CpuTimes, new_run_of_the_domain_begins_anew) {
  CpuTimes times;
  times.remember({domain_with(7, 1'234'567'890)});
  EXPECT_EQ(times.not_before(domain_with(8, 0), 10'000'000), 10'000'000);
}

TEST(CpuTimes, what_is_not_there_any_more_is_forgotten) {
  CpuTimes times;
  times.remember({domain_with(7, 1'234'567'890)});
  times.remember({});
  EXPECT_EQ(times.not_before(domain_with(7, 0), 10'000'000), 10'000'000);
}

}  // namespace
}  // namespace virt
