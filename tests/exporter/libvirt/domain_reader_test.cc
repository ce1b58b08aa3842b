// SPDX-License-Identifier: Apache-2.0
// On libvirt's test driver; QEMU's side is tested in the lab.
#include "exporter/libvirt/domain_reader.h"

#include <gmock/gmock.h>

#include <thread>

#include "exporter/libvirt/event_loop.h"
#include "tests/support/captured_log.h"
#include "tests/support/held_domains.h"
#include "tests/support/test_host.h"

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Eq;
using testing::HasSubstr;
using testing::Key;
using testing::Optional;
using testing::Pair;
using testing::UnorderedElementsAre;

using Clock = std::chrono::steady_clock;

// A host with the domains a and b, which run, and c.
class DomainReaderTest : public testing::Test {
 protected:
  DomainReaderTest() {
    virDomainDestroy(host.domain("test").get());
    virDomainUndefine(host.domain("test").get());
    for (const char* name : {"a", "b", "c"}) host.define(domain_xml(name));
    for (const char* name : {"a", "b"}) virDomainCreate(host.domain(name).get());
  }

  // The domains by name, with their state.
  std::map<std::string, std::optional<double>> read(Groups groups = Group::kState) {
    while (runner->wait(Clock::now())) continue;
    for (Part* part : reader.ways()) part->begin_read();
    for (Part* part : reader.apart()) part->begin_read();
    const auto start = Clock::now(), end = start + 9s;
    reader.ask(groups);
    while (reader.is_awaited() && Clock::now() < end) wait(end);
    took = Clock::now() - start;
    domains = reader.take();
    for (Part* part : reader.ways())
      while (part->is_reading() && Clock::now() < end) wait(end);
    reader.end_read();
    for (Part* part : reader.ways()) part->end_read();
    std::map<std::string, std::optional<double>> states;
    for (const Domain& domain : domains) states.emplace(domain.name, domain.number("state.state"));
    return states;
  }
  void wait(Clock::time_point end) {
    for (const Part* part : reader.ways()) end = std::min(end, part->wake());
    runner->wait(end);
    for (Part* part : reader.ways()) part->tend();
    reader.go_on();
  }
  // Those of the last read, in the order in which they are asked one by one.
  std::vector<std::string> running() const {
    std::vector<std::string> names;
    for (const Domain& domain : domains)
      if (domain.active) names.push_back(domain.name);
    return names;
  }
  PartReport list() const { return reader.reports().at(0); }

  const struct Loop {
    Loop() { start_event_loop(); }
  } loop;
  const SharedHost host;
  const CapturedLog captured;
  const CallKinds kinds{Instruments{}};
  LogOnce log;
  const std::shared_ptr<ThreadRunner> runner = std::make_shared<ThreadRunner>("domains", 4);
  DomainReader reader{{runner, log}, kinds, "test:///default", 60s, std::make_shared<Events>()};
  std::vector<Domain> domains;
  std::chrono::duration<double> took{0};
};

TEST_F(DomainReaderTest, domains_are_listed) {
  EXPECT_THAT(read(), UnorderedElementsAre(Key("a"), Key("b"), Key("c")));
  EXPECT_TRUE(reader.reads_each());
  EXPECT_TRUE(list().success);
  EXPECT_EQ(reader.missing(), 0u);
}

TEST_F(DomainReaderTest, what_comes_with_the_list_is_reported_as_a_part_where_it_was_asked_for) {
  read(Group::kInterface | Group::kLists);
  std::vector<std::string_view> names;
  for (const PartReport& report : reader.reports()) names.push_back(report.name);
  EXPECT_THAT(names, ElementsAre("domains", "interfaces", "lists"));
}

TEST_F(DomainReaderTest, where_the_list_hangs_the_domains_that_are_known_are_asked_one_by_one) {
  read();
  HeldDomains held{{"c"}};
  held.lock();
  EXPECT_THAT(read(), UnorderedElementsAre(Pair("a", Optional(VIR_DOMAIN_RUNNING)),
                                           Pair("b", Optional(VIR_DOMAIN_RUNNING)), Pair("c", Eq(std::nullopt))));
  EXPECT_LT(took, 8s);
  EXPECT_FALSE(list().success);
  EXPECT_THAT(captured.text(), HasSubstr("warning libvirt part domains: no answer in time, for 'list"));
  for (const Domain& domain : domains)
    EXPECT_EQ(domain.number("monitor.responding"), domain.name == "c" ? std::optional{0.0} : std::nullopt);
  held.release();
}

TEST_F(DomainReaderTest, state_that_comes_in_this_read_counts_though_an_earlier_one_asked_for_it) {
  host.define(domain_xml("d"));
  virDomainCreate(host.domain("d").get());
  read();
  const std::string last = running().at(2);
  HeldDomains held{{"c", last}};
  held.lock();
  EXPECT_EQ(read().at(last), std::nullopt);
  held.hold(running().at(1));  // for which the next read waits a second
  std::thread later{[&] {
    std::this_thread::sleep_for(200ms);
    held.release(last);
  }};
  EXPECT_THAT(read().at(last), Optional(VIR_DOMAIN_RUNNING));
  later.join();
  held.release();
}

TEST_F(DomainReaderTest, the_others_are_asked_when_as_many_calls_hung_as_may_be_out_and_one_is_back) {
  for (const char* name : {"d", "e"}) {
    host.define(domain_xml(name));
    virDomainCreate(host.domain(name).get());
  }
  read();
  const std::vector<std::string> names = running();
  const std::string first = names.front(), last = names.back();
  HeldDomains held{{"c", names[0], names[1], names[2]}};
  held.lock();
  EXPECT_THROW(read(), Late);
  std::thread later{[&] {
    std::this_thread::sleep_for(200ms);
    held.release(first);
  }};
  const auto states = read();
  EXPECT_THAT(states.at(first), Optional(VIR_DOMAIN_RUNNING));
  EXPECT_THAT(states.at(last), Optional(VIR_DOMAIN_RUNNING));
  later.join();
  held.release();
}

TEST_F(DomainReaderTest, domains_are_asked_one_by_one_over_the_connection_that_follows_one_that_was_lost) {
  read();
  for (Part* part : reader.ways()) part->disconnect();
  read();
  HeldDomains held{{"c"}};
  held.lock();
  EXPECT_THAT(read(), UnorderedElementsAre(Pair("a", Optional(VIR_DOMAIN_RUNNING)),
                                           Pair("b", Optional(VIR_DOMAIN_RUNNING)), Pair("c", Eq(std::nullopt))));
  held.release();
}

TEST_F(DomainReaderTest, running_domain_that_is_locked_keeps_no_other_one_from_being_asked) {
  read();
  const std::string first = running().front(), last = running().back();
  HeldDomains held{{"c", first}};
  held.lock();
  for (int i = 0; i < 3; ++i) {
    const auto states = read();
    EXPECT_THAT(states.at(first), Eq(std::nullopt));
    EXPECT_THAT(states.at(last), Optional(VIR_DOMAIN_RUNNING));
  }
  held.release();
}

TEST_F(DomainReaderTest, log_tells_the_end_of_a_hang_of_domains_that_need_not_be_asked_any_more) {
  read();
  {
    HeldDomains held{{"c", running().back()}};
    held.lock();
    read();
    EXPECT_THAT(captured.text(), HasSubstr("warning libvirt part states: no answer in time"));
  }
  for (const auto end = Clock::now() + 30s; !list().success && Clock::now() < end;) read();
  read();
  EXPECT_THAT(captured.text(), HasSubstr("info libvirt part states: "));
}

TEST_F(DomainReaderTest, list_that_hangs_is_soon_given_up_though_the_last_one_was_slow) {
  {
    HeldDomains held{{"c"}};
    held.lock();
    std::thread later{[&] {
      std::this_thread::sleep_for(4s);
      held.release();
    }};
    read();
    later.join();
  }
  HeldDomains held{{"c"}};
  held.lock();
  EXPECT_THAT(read().at("a"), Optional(VIR_DOMAIN_RUNNING));
  EXPECT_LT(took, 8s);
  held.release();
}

TEST_F(DomainReaderTest, list_is_used_again_as_soon_as_it_answers) {
  read();
  {
    HeldDomains held{{"c"}};
    held.lock();
    read();
  }
  for (const auto end = Clock::now() + 30s; !list().success && Clock::now() < end;) read();
  EXPECT_TRUE(list().success);
  EXPECT_THAT(captured.text(), HasSubstr("info libvirt part domains: can be read again"));
}

TEST_F(DomainReaderTest, where_the_list_hangs_and_nothing_is_known_the_read_is_late) {
  HeldDomains held{{"a"}};
  held.lock();
  EXPECT_THROW(read(), Late);
  held.release();
}

TEST(DomainReader, libvirt_that_cannot_be_reached_is_told_from_one_that_is_late) {
  const CallKinds kinds{Instruments{}};
  LogOnce log;
  const auto runner = std::make_shared<ThreadRunner>("domains", 4);
  DomainReader reader{{runner, log}, kinds, "test:///nowhere/host.xml", 60s, std::make_shared<Events>()};
  for (Part* part : reader.ways()) part->begin_read();
  reader.ask(Group::kState);
  while (reader.is_awaited()) {
    runner->wait(Clock::now() + 1s);
    reader.go_on();
  }
  try {
    reader.take();
    FAIL();
  } catch (const std::runtime_error& error) {
    EXPECT_THAT(error.what(), HasSubstr("cannot connect to test:///nowhere/host.xml"));
  }
}

}  // namespace
}  // namespace virt
