// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/facts_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

#include "tests/support/captured_log.h"
#include "tests/support/test_host.h"

namespace virt {
namespace {

using std::chrono::seconds;
using testing::Each;
using testing::ElementsAre;
using testing::Eq;
using testing::IsEmpty;
using testing::Pair;

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

  // Those whose turn it is keep their facts until the refresh.
  std::vector<Reading> fill_without_refresh_after(seconds passed) {
    now += passed;
    auto readings = read_list(host.connection());
    cache.fill(readings, std::exchange(changed, {}), now);
    return readings;
  }

  std::vector<Reading> fill_after(seconds passed) {
    auto readings = fill_without_refresh_after(passed);
    const FactsByUuid refreshed = cache.refresh();
    for (Reading& reading : readings) give(refreshed, reading.domain);
    return readings;
  }

  // What the cache says of each domain.
  std::map<std::string, std::string> titles_after(seconds passed) {
    std::map<std::string, std::string> titles;
    for (const Reading& reading : fill_after(passed))
      titles[reading.domain.name] = reading.domain.facts->nova ? reading.domain.facts->nova->name : "none";
    return titles;
  }

  int known_after(seconds passed, const std::string& title) {
    int count = 0;
    for (const auto& [name, known] : titles_after(passed)) count += known == title ? 1 : 0;
    return count;
  }

  const SharedHost host;
  FactsCache cache{seconds{60}};
  FactsCache::Time now{seconds{5}};         // the machine was just started
  std::unordered_set<std::string> changed;  // since the last fill, by UUID
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
  EXPECT_EQ(first.at(0).domain.facts, second.at(0).domain.facts);
}

TEST_F(FactsCacheTest, same_xml_read_again_gives_the_same_facts) {
  define("a", "web");
  const auto first = fill_after(seconds{0});
  const auto second = fill_after(seconds{60});
  EXPECT_EQ(first.at(0).domain.facts, second.at(0).domain.facts);
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

TEST_F(FactsCacheTest, refresh_gives_the_facts_that_are_others_now_and_once) {
  define_all(3, "old");
  fill_after(seconds{0});
  define("domain-1", "new");
  EXPECT_FALSE(cache.has_turns());
  fill_without_refresh_after(seconds{60});
  EXPECT_TRUE(cache.has_turns());
  const FactsByUuid changed = cache.refresh();
  EXPECT_FALSE(cache.has_turns());
  EXPECT_THAT(changed, ElementsAre(Pair(uuid_for("domain-1"), testing::NotNull())));
  EXPECT_EQ(changed.begin()->second->nova->name, "new");
  EXPECT_THAT(cache.refresh(), IsEmpty());
}

TEST_F(FactsCacheTest, turn_that_was_not_taken_comes_again) {
  define("a", "old");
  fill_after(seconds{0});
  define("a", "new");
  fill_without_refresh_after(seconds{60});
  EXPECT_THAT(titles_after(seconds{1}), ElementsAre(Pair("a", "new")));
}

TEST_F(FactsCacheTest, refresh_that_was_late_shows_the_next_time) {
  define("a", "old");
  fill_after(seconds{0});
  define("a", "new");
  fill_without_refresh_after(seconds{60});
  cache.refresh();  // nobody takes it
  EXPECT_EQ(fill_without_refresh_after(seconds{0}).at(0).domain.facts->nova->name, "new");
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

TEST_F(FactsCacheTest, tells_whether_a_domain_is_new_changed_started_or_stopped) {
  const auto fill = [this](seconds passed) {
    auto readings = read_list(host.connection());
    return cache.fill(readings, std::exchange(changed, {}), now += passed);
  };
  define("a", "web");
  EXPECT_TRUE(fill(seconds{0})) << "new";
  EXPECT_FALSE(fill(seconds{0}));
  EXPECT_FALSE(fill(seconds{60})) << "in its turn";
  changed = {uuid_for("a")};
  EXPECT_TRUE(fill(seconds{0})) << "changed";
  virDomainCreate(host.domain("a").get());
  EXPECT_TRUE(fill(seconds{0})) << "started";
  virDomainDestroy(host.domain("a").get());
  EXPECT_TRUE(fill(seconds{0})) << "stopped";
}

TEST_F(FactsCacheTest, domain_that_vanished_since_it_was_listed_has_empty_facts_and_costs_nobody_else) {
  define_all(2, "web");
  auto readings = read_list(host.connection());
  virDomainUndefine(readings.at(0).handle.get());
  cache.fill(readings, {}, now);
  ASSERT_NE(readings.at(0).domain.facts, nullptr);
  EXPECT_FALSE(readings.at(0).domain.facts->nova);
  EXPECT_EQ(readings.at(1).domain.facts->nova->name, "web");
}

TEST_F(FactsCacheTest, what_is_broken_is_logged_once_and_the_rest_is_there) {
  const CapturedLog log;
  const auto broken = [this](const char* vcpus) {
    host.define(domain_xml("a\"b", nova_metadata("<nova:name>web</nova:name><nova:flavor><nova:vcpus>" +
                                                 std::string{vcpus} + "</nova:vcpus></nova:flavor>")));
  };
  broken("many");
  for (int i = 0; i < 5; ++i) EXPECT_THAT(titles_after(seconds{60}), ElementsAre(Pair("a\"b", "web")));
  const std::string line = "warning domain 'a\"b': Nova's metadata: vcpus of the flavor is no number\n";
  EXPECT_EQ(log.text(), line);
  broken("2");
  fill_after(seconds{60});
  broken("many");
  fill_after(seconds{60});
  EXPECT_EQ(log.text(), line + line);
}

}  // namespace
}  // namespace virt
