// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/facts_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <utility>

#include "exporter/libvirt/domain_statistics.h"
#include "tests/support/captured_log.h"
#include "tests/support/test_host.h"

namespace virt {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::SizeIs;
using testing::UnorderedElementsAre;

// The host, a cache of it, and a clock of its own. A domain's title stands in its Nova name.
class FactsCacheTest : public testing::Test {
 protected:
  FactsCacheTest() {
    virDomainDestroy(host.domain("test").get());
    virDomainUndefine(host.domain("test").get());
  }

  void define(const std::string& name, const std::string& title) {
    host.define(domain_xml(name, nova_metadata("<nova:name>" + title + "</nova:name>")));
  }
  void define_all(int count, const std::string& title) {
    for (int i = 0; i < count; ++i) define("domain-" + std::to_string(i), title);
  }

  std::vector<WantedXml> choose_after(seconds passed, const FactsCache::Uuids& out = {}) {
    now += passed;
    cache.outdate(std::exchange(changed, {}), now);
    domains.clear();
    for (Reading& reading : read_list(host.connection())) domains.push_back(std::move(reading.domain));
    return cache.choose(domains, out, now);
  }

  void read(const std::vector<WantedXml>& wanted) {
    XmlConnection connection{"test:///default"};
    connection.open();
    for (const WantedXml& xml : wanted) cache.put(*connection.read(xml).found, now);
    cache.give(domains);
  }

  std::vector<Domain> fill_after(seconds passed) {
    read(choose_after(passed));
    return domains;
  }

  std::vector<std::string> wanted_after(seconds passed, const FactsCache::Uuids& out = {}) {
    std::vector<std::string> names;
    for (const WantedXml& xml : choose_after(passed, out)) names.push_back(xml.name);
    return names;
  }

  // What the cache says of each domain.
  std::map<std::string, std::string> titles_after(seconds passed) {
    std::map<std::string, std::string> titles;
    for (const Domain& domain : fill_after(passed))
      titles[domain.name] = domain.facts->nova ? domain.facts->nova->name : "none";
    return titles;
  }

  int known_after(seconds passed, const std::string& title) {
    int count = 0;
    for (const auto& [name, known] : titles_after(passed)) count += known == title ? 1 : 0;
    return count;
  }

  const SharedHost host;
  FactsCache cache{seconds{60}};
  Time now{seconds{5}};         // the machine was just started
  FactsCache::Uuids changed;    // since the last read
  std::vector<Domain> domains;  // of the last read
};

TEST_F(FactsCacheTest, new_domain_has_its_facts_at_once) {
  define("a", "web");
  EXPECT_THAT(titles_after(seconds{0}), ElementsAre(Pair("a", "web")));
  define("b", "db");
  EXPECT_THAT(titles_after(seconds{0}), ElementsAre(Pair("a", "web"), Pair("b", "db")));
}

TEST_F(FactsCacheTest, facts_are_kept_and_shared_until_their_turn) {
  define("a", "web");
  const auto first = fill_after(seconds{0});
  define("a", "changed");
  const auto second = fill_after(seconds{0});
  EXPECT_EQ(first.at(0).facts, second.at(0).facts);
}

TEST_F(FactsCacheTest, same_xml_read_again_gives_the_same_facts) {
  define("a", "web");
  const auto first = fill_after(seconds{0});
  const auto second = fill_after(seconds{60});
  EXPECT_EQ(first.at(0).facts, second.at(0).facts);
}

TEST_F(FactsCacheTest, a_few_domains_are_read_again_with_each_scrape) {
  define_all(60, "old");
  fill_after(seconds{0});
  define_all(60, "new");
  EXPECT_EQ(known_after(seconds{10}, "new"), 10);  // 60 domains in 60 seconds
  EXPECT_EQ(known_after(seconds{10}, "new"), 20);
  EXPECT_EQ(known_after(seconds{0}, "new"), 20);
  EXPECT_EQ(known_after(seconds{30}, "new"), 60);
}

// Whenever the change comes, and however often somebody scrapes.
TEST_F(FactsCacheTest, every_change_is_seen_within_the_refresh_time) {
  define_all(60, "0");
  for (const int interval : {1, 7, 10, 15, 20, 29, 30, 45, 60}) {
    for (int warm_up = 0; warm_up < 130; warm_up += interval) fill_after(seconds{interval});
    const std::string title = std::to_string(interval);
    define_all(60, title);
    for (int passed = interval; passed + interval <= 60; passed += interval) fill_after(seconds{interval});
    EXPECT_EQ(known_after(seconds{interval}, title), 60) << interval;
  }
}

TEST_F(FactsCacheTest, what_is_not_read_comes_again) {
  define("a", "old");
  EXPECT_THAT(wanted_after(seconds{0}), ElementsAre("a"));
  fill_after(seconds{0});
  EXPECT_THAT(wanted_after(seconds{1}), IsEmpty());
  changed = {uuid_for("a")};
  EXPECT_THAT(wanted_after(seconds{1}), ElementsAre("a"));
  EXPECT_THAT(wanted_after(seconds{1}), ElementsAre("a"));
}

TEST_F(FactsCacheTest, what_is_being_read_is_not_wanted) {
  define("a", "old");
  define("b", "old");
  EXPECT_THAT(wanted_after(seconds{0}, {uuid_for("a")}), ElementsAre("b"));
}

TEST_F(FactsCacheTest, what_is_known_is_there_until_the_new_is_read) {
  define("a", "old");
  fill_after(seconds{0});
  define("a", "new");
  changed = {uuid_for("a")};
  const auto wanted = choose_after(seconds{0});
  EXPECT_EQ(domains.at(0).facts->nova->name, "old");
  read(wanted);
  EXPECT_EQ(domains.at(0).facts->nova->name, "new");
}

TEST_F(FactsCacheTest, new_and_changed_domains_are_read_before_those_in_their_turn) {
  define_all(3, "old");
  fill_after(seconds{0});
  changed = {uuid_for("domain-1")};
  define("new", "new");
  const auto wanted = wanted_after(seconds{60});
  ASSERT_THAT(wanted, SizeIs(4));
  EXPECT_THAT((std::vector{wanted[0], wanted[1]}), UnorderedElementsAre("domain-1", "new"));
}

TEST_F(FactsCacheTest, change_that_comes_while_the_xml_is_read_is_read_the_next_time) {
  define("a", "old");
  const auto wanted = choose_after(seconds{0});
  changed = {uuid_for("a")};
  choose_after(seconds{1});
  now -= seconds{1};
  read(wanted);  // was asked before
  EXPECT_THAT(wanted_after(seconds{1}), ElementsAre("a"));
}

TEST_F(FactsCacheTest, all_is_read_again_after_changes_may_have_been_missed) {
  define_all(3, "old");
  fill_after(seconds{0});
  cache.outdate_all(now + seconds{1});
  EXPECT_THAT(wanted_after(seconds{1}), SizeIs(3));
}

TEST_F(FactsCacheTest, scrapes_rarer_than_the_refresh_time_read_everything) {
  define_all(5, "old");
  fill_after(seconds{0});
  define_all(5, "new");
  EXPECT_EQ(known_after(seconds{3600}, "new"), 5);
}

TEST_F(FactsCacheTest, start_and_stop_have_the_xml_read_at_once) {
  define("a", "web");
  fill_after(seconds{0});
  define("a", "started");
  ASSERT_EQ(virDomainCreate(host.domain("a").get()), 0);
  EXPECT_THAT(titles_after(seconds{0}), ElementsAre(Pair("a", "started")));
  define("a", "stopped");
  ASSERT_EQ(virDomainDestroy(host.domain("a").get()), 0);
  EXPECT_THAT(titles_after(seconds{0}), ElementsAre(Pair("a", "stopped")));
}

TEST_F(FactsCacheTest, domain_that_went_away_is_forgotten) {
  define("a", "web");
  fill_after(seconds{0});
  virDomainUndefine(host.domain("a").get());
  EXPECT_THAT(titles_after(seconds{0}), IsEmpty());
  define("a", "again");
  EXPECT_THAT(titles_after(seconds{0}), ElementsAre(Pair("a", "again")));
}

TEST_F(FactsCacheTest, what_is_said_to_have_changed_is_read_at_once) {
  define_all(3, "old");
  fill_after(seconds{0});
  define_all(3, "new");
  changed = {uuid_for("domain-1"), "of no domain"};
  EXPECT_THAT(titles_after(seconds{0}),
              ElementsAre(Pair("domain-0", "old"), Pair("domain-1", "new"), Pair("domain-2", "old")));
}

TEST_F(FactsCacheTest, domain_that_vanished_since_it_was_listed_has_empty_facts_and_costs_nobody_else) {
  define_all(2, "web");
  const auto wanted = choose_after(seconds{0});
  virDomainUndefine(host.domain(domains.at(0).name).get());
  read(wanted);
  ASSERT_NE(domains.at(0).facts, nullptr);
  EXPECT_FALSE(domains.at(0).facts->nova);
  EXPECT_EQ(domains.at(1).facts->nova->name, "web");
}

TEST_F(FactsCacheTest, what_is_broken_is_logged_once_and_the_rest_is_there) {
  const CapturedLog log;
  const auto broken = [this](const char* vcpus) {
    host.define(domain_xml("a\"b", nova_metadata("<nova:name>web</nova:name><nova:flavor><nova:vcpus>" +
                                                 std::string{vcpus} + "</nova:vcpus></nova:flavor>")));
  };
  broken("many");
  for (int i = 0; i < 5; ++i) EXPECT_THAT(titles_after(seconds{60}), ElementsAre(Pair("a\"b", "web")));
  const std::string line = "warning domain 'a\"b': Nova's metadata: vcpus of the flavor is not a number\n";
  EXPECT_EQ(log.text(), line);
  broken("2");
  fill_after(seconds{60});
  broken("many");
  fill_after(seconds{60});
  EXPECT_EQ(log.text(), line + line);
}

}  // namespace
}  // namespace virt
