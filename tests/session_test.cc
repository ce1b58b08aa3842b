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

TEST_F(SessionTest, driver_without_bulk_statistics_gives_everything_in_its_list) {
  EXPECT_FALSE(session.has_bulk_statistics());
  const Domain domain = only_domain(~0u);
  EXPECT_EQ(domain.uuid, kTestUuid);
  EXPECT_NE(domain.id, 0u);
  EXPECT_TRUE(domain.number("block.0.rd.bytes"));
  EXPECT_THAT(domain.facts->disks, ElementsAre(Field(&Disk::target, "vda")));
}

TEST_F(SessionTest, event_has_the_xml_of_its_domain_read_again) {
  virDomainUndefine(host.domain("test").get());
  const auto title = [this] {
    for (const Domain& domain : session.list(Group::kXml))
      if (domain.name == "a") return domain.facts->nova->name;
    return std::string{"none"};
  };
  const auto define = [this](const std::string& name) {
    host.define(domain_xml("a", nova_metadata("<nova:name>" + name + "</nova:name>")));
  };
  define("old");
  EXPECT_EQ(title(), "old");
  define("new");  // the event comes on another thread
  const auto end = std::chrono::steady_clock::now() + 30s;
  while (title() != "new" && std::chrono::steady_clock::now() < end) continue;
  EXPECT_EQ(title(), "new");
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

TEST_F(SessionTest, lists_are_read_each_time_where_nobody_looks_for_what_changed) {
  const DomainHandle domain = host.domain("test");
  EXPECT_THAT(only_domain(Group::kLists).number("list.autostart"), Optional(0));
  ASSERT_EQ(virDomainSetAutostart(domain.get(), 1), 0);
  EXPECT_THAT(only_domain(Group::kLists).number("list.autostart"), Optional(1));
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
