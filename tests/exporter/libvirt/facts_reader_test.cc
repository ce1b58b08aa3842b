// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/facts_reader.h"

#include <gmock/gmock.h>

#include "exporter/libvirt/domain_statistics.h"
#include "tests/support/captured_log.h"
#include "tests/support/held_domains.h"
#include "tests/support/test_host.h"

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::UnorderedElementsAre;

using Clock = std::chrono::steady_clock;

constexpr std::size_t kCalls = 2;

// A host with domains a, b and c, whose XML is read with a patience of 50 ms.
class FactsReaderTest : public testing::Test {
 protected:
  FactsReaderTest() {
    virDomainDestroy(host.domain("test").get());
    virDomainUndefine(host.domain("test").get());
    for (const char* name : {"a", "b", "c"}) define(name, "old");
  }

  void define(const std::string& name, const std::string& title) {
    host.define(domain_xml(name, nova_metadata("<nova:name>" + title + "</nova:name>")));
  }

  void begin(const FactsCache::Uuids& changed = {}) {
    while (runner->wait(Clock::now())) continue;
    domains.clear();
    for (Reading& reading : read_list(host.connection())) domains.push_back(std::move(reading.domain));
    reader.part().begin_read();
    reader.ask(domains, changed, Clock::now());
  }
  void wait() {
    const auto end = Clock::now() + 30s;
    while (reader.part().is_reading() && Clock::now() < end) {
      runner->wait(reader.part().wake());
      reader.part().tend();
    }
    reader.give(domains);
  }
  void read(const FactsCache::Uuids& changed = {}) {
    begin(changed);
    wait();
  }

  // The domains whose facts say so.
  std::vector<std::string> named(const std::string& title) const {
    std::vector<std::string> names;
    for (const Domain& domain : domains)
      if (domain.facts->nova && domain.facts->nova->name == title) names.push_back(domain.name);
    return names;
  }

  const SharedHost host;
  std::vector<Domain> domains;
  const CallKinds kinds{Instruments{}};
  LogOnce log;
  const std::shared_ptr<ThreadRunner> runner = std::make_shared<ThreadRunner>("facts", 4);
  FactsReader reader{
      {.name = "xml", .kind = kinds.xml, .patience = 50ms, .max_calls = kCalls}, {runner, log}, "test:///default", 60s};
};

TEST_F(FactsReaderTest, read_gives_the_facts_of_all) {
  read();
  EXPECT_THAT(named("old"), UnorderedElementsAre("a", "b", "c"));
  EXPECT_EQ(reader.part().calls_late(), 0u);
}

TEST_F(FactsReaderTest, facts_that_are_known_are_there_at_once) {
  read();
  begin();
  EXPECT_THAT(named("old"), UnorderedElementsAre("a", "b", "c"));
  wait();
}

TEST_F(FactsReaderTest, domain_that_hangs_costs_its_own_facts_alone) {
  HeldDomains held{{"a"}};
  read();
  EXPECT_THAT(named("old"), UnorderedElementsAre("b", "c"));
  EXPECT_EQ(reader.part().calls_late(), 1u);
  held.release();
}

TEST_F(FactsReaderTest, domain_that_hangs_keeps_the_facts_that_are_known_and_the_others_change) {
  read();
  HeldDomains held{{"b"}};
  for (const char* name : {"a", "b", "c"}) define(name, "new");
  read({uuid_for("a"), uuid_for("b"), uuid_for("c")});
  EXPECT_THAT(named("new"), UnorderedElementsAre("a", "c"));
  EXPECT_THAT(named("old"), UnorderedElementsAre("b"));
  held.release();
}

TEST_F(FactsReaderTest, domain_that_hangs_is_asked_once_and_again_when_its_call_is_back) {
  HeldDomains held{{"a"}};
  for (int i = 0; i < 3; ++i) {
    read();
    EXPECT_EQ(held.hanging(), 1);
    EXPECT_FALSE(reader.part().is_reading());
  }
  held.release();
  const auto end = Clock::now() + 30s;
  while (named("old").size() < 3 && Clock::now() < end) read();
  EXPECT_THAT(named("old"), UnorderedElementsAre("a", "b", "c"));
  EXPECT_EQ(reader.part().calls_late(), 0u);
}

TEST_F(FactsReaderTest, only_so_many_calls_hang) {
  HeldDomains held{{"a", "b", "c"}};
  for (int i = 0; i < 3; ++i) read();
  EXPECT_EQ(static_cast<std::size_t>(held.hanging()), kCalls);
  EXPECT_EQ(reader.part().calls_late(), kCalls);
  EXPECT_THAT(named("old"), IsEmpty());
  held.release();
}

TEST_F(FactsReaderTest, xml_that_cannot_be_read_is_logged_once_and_so_is_its_end) {
  const CapturedLog captured;
  HeldDomains held{{"a"}};
  read();
  held.release();  // the call fails
  const auto end = Clock::now() + 30s;
  while (named("old").size() < 3 && Clock::now() < end) read();
  const std::string subject = "XML of domain " + uuid_for("a") + ": ";
  EXPECT_EQ(captured.text(),
            "warning " + subject + "cannot read it: no reason given\ninfo " + subject + "can be read again\n");
}

TEST_F(FactsReaderTest, what_libvirt_did_not_tell_while_it_was_lost_is_read) {
  read();
  define("a", "new");
  reader.outdate_all(Clock::now());
  read();
  EXPECT_THAT(named("new"), UnorderedElementsAre("a"));
}

}  // namespace
}  // namespace virt
