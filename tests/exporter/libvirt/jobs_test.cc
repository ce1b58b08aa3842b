// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/jobs.h"

#include <gmock/gmock.h>

#include <set>

#include "tests/support/lost_connection.h"
#include "tests/support/stats_of.h"
#include "tests/support/test_host.h"

namespace virt {
namespace {

using std::chrono::seconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::SizeIs;
using testing::UnorderedElementsAre;

Domain domain_of(const std::string& uuid, int state = VIR_DOMAIN_RUNNING, int reason = VIR_DOMAIN_RUNNING_BOOTED) {
  Domain domain;
  domain.uuid = uuid;
  domain.active = state != VIR_DOMAIN_SHUTOFF;
  domain.stats = stats_of({{"state.state", static_cast<double>(state)}, {"state.reason", static_cast<double>(reason)}});
  return domain;
}

// A rotation of a minute, and a clock of its own.
class JobRotationTest : public testing::Test {
 protected:
  std::vector<std::string> choose_after(seconds passed) { return rotation.choose(domains, now += passed); }

  void add(int count) {
    for (int i = 0; i < count; ++i) domains.push_back(domain_of(std::to_string(i)));
  }

  JobRotation rotation{seconds{60}};
  Time now{seconds{5}};
  std::vector<Domain> domains;
};

TEST_F(JobRotationTest, domains_without_a_job_are_asked_in_turn_and_each_within_the_refresh_time) {
  add(60);
  EXPECT_THAT(choose_after(seconds{0}), SizeIs(60));
  EXPECT_THAT(choose_after(seconds{0}), IsEmpty());
  std::set<std::string> asked;
  for (int i = 0; i < 6; ++i) {
    const auto chosen = choose_after(seconds{10});
    EXPECT_THAT(chosen, SizeIs(10));
    asked.insert(chosen.begin(), chosen.end());
  }
  EXPECT_THAT(asked, SizeIs(60));
}

TEST_F(JobRotationTest, domain_that_had_a_job_is_asked_each_time_until_it_has_none) {
  add(60);
  choose_after(seconds{0});
  rotation.answered("7", true);
  EXPECT_THAT(choose_after(seconds{0}), ElementsAre("7"));
  EXPECT_THAT(choose_after(seconds{0}), ElementsAre("7"));
  rotation.answered("7", false);
  EXPECT_THAT(choose_after(seconds{0}), IsEmpty());
}

TEST_F(JobRotationTest, domain_that_looks_as_if_it_had_a_job_is_asked_each_time) {
  add(3);
  choose_after(seconds{0});
  domains[0] = domain_of("0", VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_MIGRATION);
  domains[1] = domain_of("1", VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_POSTCOPY);
  extend(domains[2].stats, stats_of({{"monitor.responding", 0}}));
  for (int i = 0; i < 2; ++i) EXPECT_THAT(choose_after(seconds{0}), UnorderedElementsAre("0", "1", "2"));
  domains[0] = domain_of("0", VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_USER);
  domains[1] = domain_of("1", VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_MIGRATED);
  domains[2] = domain_of("2");
  extend(domains[2].stats, stats_of({{"monitor.responding", 1}}));
  EXPECT_THAT(choose_after(seconds{0}), IsEmpty());
}

TEST_F(JobRotationTest, domain_that_is_new_comes_first) {
  add(60);
  choose_after(seconds{0});
  domains.push_back(domain_of("new"));
  EXPECT_THAT(choose_after(seconds{1}), testing::Contains("new"));
}

TEST_F(JobRotationTest, domain_that_does_not_run_has_no_job_and_is_forgotten) {
  add(1);
  choose_after(seconds{0});
  rotation.answered("0", true);
  domains[0] = domain_of("0", VIR_DOMAIN_SHUTOFF, 0);
  EXPECT_THAT(choose_after(seconds{60}), IsEmpty());
  domains[0] = domain_of("0");
  EXPECT_THAT(choose_after(seconds{0}), ElementsAre("0")) << "as any new one";
  EXPECT_THAT(choose_after(seconds{0}), IsEmpty()) << "it had a job before it stopped, which is over";
}

TEST_F(JobRotationTest, answer_of_a_domain_that_went_away_is_nothing) {
  rotation.answered("gone", true);
  EXPECT_THAT(choose_after(seconds{60}), IsEmpty());
}

// libvirt's test driver knows no jobs; the lab has real ones.
TEST(Jobs, driver_that_knows_no_jobs_says_nothing) {
  const SharedHost host;
  EXPECT_TRUE(read_job(host.domain("test").get()).empty());
}

TEST(Jobs, connection_says_of_each_domain_that_is_there_whether_it_has_one) {
  const SharedHost host;
  JobConnection connection{"test:///default"};
  connection.open();
  for (const std::string& uuid : {uuid_of(host.domain("test").get()), uuid_for("nobody")}) {
    const auto found = connection.read({uuid}).found;
    EXPECT_EQ(found->uuid, uuid);
    EXPECT_TRUE(found->job.empty());
  }
}

TEST(JobConnection, domain_has_not_no_job_because_libvirt_has_gone) {
  const SharedHost host;
  JobConnection connection{"test:///default"};
  connection.open();
  const std::string uuid = uuid_of(host.domain("test").get());
  EXPECT_TRUE(connection.read({uuid}).found);
  const LostConnection lost;
  EXPECT_THROW(connection.read({uuid}), LibvirtError);
}

}  // namespace
}  // namespace virt
