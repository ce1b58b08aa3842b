// SPDX-License-Identifier: Apache-2.0
// On libvirt's test driver; QEMU's side is tested in the lab.
#include "exporter/libvirt/domain_connections.h"

#include <gmock/gmock.h>

#include "exporter/libvirt/cpu_times.h"
#include "exporter/libvirt/event_loop.h"
#include "tests/support/stats_of.h"
#include "tests/support/test_host.h"

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::Optional;

constexpr char kTestUuid[] = "6695eb01-f6a4-8304-79aa-97f2502e193f";

class DomainConnectionTest : public testing::Test {
 protected:
  DomainConnectionTest() {
    feed->events = std::make_shared<Events>();
    connection.open();
  }

  FoundDomains list(Groups groups) { return *connection.read({groups}).found; }
  Domain only_domain(Groups groups) { return list(groups).domains.at(0); }
  FoundSilent silent(const std::string& uuid, Groups groups) {
    SilentConnection silent{"test:///default"};
    silent.open();
    return *silent.read({uuid, groups}).found;
  }

  const struct Loop {
    Loop() { start_event_loop(); }
  } loop;  // before the connection registers for events
  const SharedHost host;
  const std::shared_ptr<EventFeed> feed = std::make_shared<EventFeed>();
  const CallKinds kinds{Instruments{}};
  DomainConnection connection{"test:///default", 60s, feed, kinds.connect};
};

TEST_F(DomainConnectionTest, list_leaves_what_may_wait_to_be_read_for_each_where_there_are_no_bulk_statistics) {
  EXPECT_FALSE(list(Group::kState).has_bulk_statistics);
  Domain domain = only_domain(~0u);
  EXPECT_EQ(domain.uuid, kTestUuid);
  EXPECT_NE(domain.id, 0u);
  EXPECT_THAT(domain.facts->disks, IsEmpty());
  EXPECT_FALSE(domain.number("balloon.current"));
  DomainFacts facts;
  facts.disks.emplace_back().target = "vda";
  domain.facts = std::make_shared<const DomainFacts>(facts);
  domain = connection.read({~0u, domain}).found->domains.at(0);
  EXPECT_TRUE(domain.number("balloon.current"));
  EXPECT_TRUE(domain.number("block.0.rd.bytes"));
}

TEST_F(DomainConnectionTest, domain_that_vanished_since_it_was_listed_has_no_statistics) {
  Domain vanished;
  vanished.uuid = "of no domain";
  EXPECT_TRUE(connection.read({~0u, vanished}).found->domains.at(0).stats.empty());
}

TEST_F(DomainConnectionTest, events_are_counted_once_however_many_connections_there_are) {
  DomainConnection other{"test:///default", 60s, feed, kinds.connect};
  other.open();
  host.define(domain_xml("new"));
  const auto defined = [this] {
    for (const EventCount& count : feed->events->counts())
      if (count.event == "lifecycle" && count.detail == "defined") return count.count;
    return std::uint64_t{0};
  };
  for (const auto end = std::chrono::steady_clock::now() + 30s; defined() == 0;)
    ASSERT_LT(std::chrono::steady_clock::now(), end);
  list(Group::kState);
  EXPECT_EQ(defined(), 1u);
}

// ---- Domains by name ----------------------------------------------------------------------------------

TEST_F(DomainConnectionTest, some_domains_are_read_without_the_others) {
  host.define(domain_xml("other"));
  NamedDomainsConnection some{"test:///default", 60s, feed};
  some.open();
  const auto found = some.read({{kTestUuid, "of no domain"}, Group::kLists | Group::kPlacement}).found;
  ASSERT_EQ(found->size(), 1u);
  EXPECT_THAT(found->at(0).number("list.autostart"), Optional(0));
  EXPECT_TRUE(found->at(0).number("placement.0.cpu"));
}

TEST_F(DomainConnectionTest, state_of_a_domain_is_that_of_the_moment) {
  StateConnection states{"test:///default", std::make_shared<HandleConnections>(1)};
  states.open();
  EXPECT_FALSE(states.read({kTestUuid}).found) << "there is no handle yet";
  states.read({});
  EXPECT_THAT(states.read({kTestUuid}).found->domain->number("state.state"), Optional(VIR_DOMAIN_RUNNING));
  ASSERT_EQ(virDomainDestroy(host.domain("test").get()), 0);
  const auto off = states.read({kTestUuid}).found->domain;
  EXPECT_THAT(off->number("state.state"), Optional(VIR_DOMAIN_SHUTOFF));
  EXPECT_FALSE(off->active);
}

TEST_F(DomainConnectionTest, list_gives_handles_to_all_connections_that_are_in_no_call) {
  const auto connections = std::make_shared<HandleConnections>(3);
  StateConnection first{"test:///default", connections}, second{"test:///default", connections};
  first.open();
  EXPECT_TRUE(first.read({}).found);
  second.open();
  EXPECT_TRUE(second.read({kTestUuid}).found->domain);
  EXPECT_FALSE(connections->take().handles.empty());
  EXPECT_TRUE(connections->take().handles.empty()) << "all three are in use";
}

TEST_F(DomainConnectionTest, connection_with_handles_goes_to_the_next_one_who_takes_it) {
  const auto connections = std::make_shared<HandleConnections>(1);
  {
    StateConnection states{"test:///default", connections};
    states.open();
    states.read({});
  }
  StateConnection next{"test:///default", connections};
  next.open();
  EXPECT_TRUE(next.read({kTestUuid}).found->domain);
}

TEST_F(DomainConnectionTest, cpu_time_is_known_without_the_monitor_unless_that_is_asked_anyway) {
  NamedDomainsConnection some{"test:///default", 60s, feed};
  some.open();
  const auto time = [&](Groups groups) { return some.read({{kTestUuid}, groups}).found->at(0).number("cpu.time"); };
  EXPECT_GT(time(Group::kCpuTotal), 0);
  EXPECT_FALSE(time(Group::kCpuTotal | Group::kHaltPolling));
  EXPECT_FALSE(time(Group::kBalloon));
  EXPECT_FALSE(only_domain(Group::kCpuTotal).number("cpu.time"))
      << "read one by one where there are no bulk statistics";
}

TEST_F(DomainConnectionTest, cpu_time_of_a_silent_domain_comes_from_a_call_that_takes_no_job) {
  EXPECT_GT(silent(kTestUuid, Group::kCpuTotal).stats.number("cpu.time"), 0);
  EXPECT_FALSE(silent(kTestUuid, Group::kBlock).stats.number("cpu.time")) << "not asked for";
  EXPECT_TRUE(silent("of no domain", Group::kCpuTotal).stats.empty());
}

TEST_F(DomainConnectionTest, nobody_is_known_to_hold_a_domain_that_is_free_or_gone) {
  EXPECT_FALSE(silent(kTestUuid, 0).held);
  EXPECT_FALSE(silent("of no domain", 0).held);
}

// Nothing announces a change of autostart.
TEST_F(DomainConnectionTest, lists_are_kept_until_a_domain_comes_goes_starts_stops_or_has_an_event) {
  const DomainHandle domain = host.domain("test");
  const auto autostart = [this] {
    for (const Domain& domain : list(Group::kLists).domains)
      if (domain.name == "test") return domain.number("list.autostart");
    return std::optional<double>{};
  };
  list(Group::kLists);  // two scrapes, so that their pace is known
  EXPECT_THAT(autostart(), Optional(0));
  ASSERT_EQ(virDomainSetAutostart(domain.get(), 1), 0);
  EXPECT_THAT(autostart(), Optional(0));
  feed->events->add(kTestUuid, "lifecycle", "defined");
  EXPECT_THAT(autostart(), Optional(1));
  ASSERT_EQ(virDomainSetAutostart(domain.get(), 0), 0);
  EXPECT_THAT(autostart(), Optional(1));
  ASSERT_EQ(virDomainDestroy(domain.get()), 0);
  EXPECT_THAT(autostart(), Optional(0));
}

// ---- The CPU time of domains that fall silent ---------------------------------------------------------

Domain domain_with(unsigned id, double cpu_time) {
  Domain domain;
  domain.uuid = "a";
  domain.id = id;
  domain.stats = stats_of({{"cpu.time", cpu_time}});
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
