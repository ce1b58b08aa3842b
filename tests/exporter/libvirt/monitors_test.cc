// SPDX-License-Identifier: Apache-2.0
// On libvirt's test driver, whose running domains answer like ones that somebody else holds, as their records
// have nothing that is measured; those that are shut off are complete. QEMU's side is tested in the lab.
#include "exporter/libvirt/monitors.h"

#include <gmock/gmock.h>

#include "tests/support/captured_log.h"
#include "tests/support/no_threads.h"
#include "tests/support/stats_of.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_host.h"

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Field;
using testing::MatchesRegex;
using testing::Optional;

class MonitorsTest : public testing::Test {
 protected:
  MonitorsTest() { host.define(domain_xml("off")); }

  static Deadline in(std::chrono::milliseconds time) { return std::chrono::steady_clock::now() + time; }

  std::vector<Domain> list() const {
    std::vector<Domain> domains;
    for (Reading& reading : read_list(host.connection())) domains.push_back(std::move(reading.domain));
    return domains;
  }

  // Asks for all domains, and for those in `more`.
  Snapshot read(std::vector<Domain> more = {}) {
    Snapshot snapshot;
    snapshot.domains = list();
    for (Domain& domain : snapshot.domains) domain.stats = {};  // what the monitors say stands alone
    for (Domain& domain : more) snapshot.domains.push_back(std::move(domain));
    waiters.begin();
    silent.begin_read();
    monitors->read(snapshot.domains, Group::kCpuTotal, waiters, [&] {
      ++told_early;
      return std::make_shared<Snapshot>();
    });
    monitors->mark(snapshot.domains, snapshot);
    return snapshot;
  }

  static const Domain& domain(const Snapshot& snapshot, const std::string& name) {
    for (const Domain& domain : snapshot.domains)
      if (domain.name == name) return domain;
    throw std::runtime_error("no domain " + name);
  }

  const SharedHost host;
  const std::shared_ptr<ThreadRunner> runner = std::make_shared<ThreadRunner>("libvirt-call", 8);
  const CallKinds kinds{Instruments{}};
  CpuTimes cpu_times;
  LogOnce log;
  PartOf<SilentConnection> silent{{.name = "silent", .kind = kinds.control}, {runner, log}, [] {
                                    return std::make_shared<SilentConnection>("test:///default");
                                  }};
  const Monitors::Context context{runner,
                                  [this](Deadline until) {
                                    const bool came = runner->wait(std::min(until, silent.wake()));
                                    silent.tend();
                                    return came;
                                  },
                                  silent,
                                  kinds.domain,
                                  cpu_times,
                                  log};
  std::shared_ptr<Monitors> monitors = std::make_shared<Monitors>(Monitors::Options{"test:///default", {}}, context);
  Waiters waiters{[] { return std::make_shared<Snapshot>(); }};
  int told_early = 0;
};

TEST_F(MonitorsTest, domain_that_says_nothing_is_asked_again_and_then_silent) {
  waiters.enter(in(60s));
  const auto start = std::chrono::steady_clock::now();
  const Snapshot snapshot = read();
  EXPECT_GE(std::chrono::steady_clock::now() - start, MonitorPlan::Options{}.patience);
  EXPECT_THAT(domain(snapshot, "test").number("monitor.responding"), Optional(0));
  EXPECT_GT(domain(snapshot, "test").number("cpu.time"), 0) << "from a call that takes no job";
  EXPECT_THAT(snapshot.incomplete, Optional(1u));
  EXPECT_THAT(snapshot.calls_left_behind, Optional(0u));
}

TEST_F(MonitorsTest, inactive_domain_is_neither_silent_nor_incomplete) {
  waiters.enter(in(60s));
  const Snapshot snapshot = read();
  EXPECT_FALSE(domain(snapshot, "off").number("monitor.responding"));
}

TEST_F(MonitorsTest, domain_that_vanished_since_it_was_listed_is_not_there) {
  waiters.enter(in(60s));
  Domain vanished;
  vanished.name = "vanished";
  vanished.uuid = uuid_for("vanished");
  vanished.active = true;
  virDomainDestroy(host.domain("test").get());
  const Snapshot snapshot = read({vanished});
  EXPECT_EQ(snapshot.domains.size(), 2u);
  EXPECT_THAT(snapshot.incomplete, Optional(0u));
}

TEST_F(MonitorsTest, domains_that_come_and_go_between_two_reads_are_told_apart) {
  waiters.enter(in(60s));
  read();
  virDomainUndefine(host.domain("off").get());
  host.define(domain_xml("new"));
  ASSERT_EQ(virDomainCreate(host.domain("new").get()), 0);
  const Snapshot snapshot = read();
  EXPECT_EQ(snapshot.domains.size(), 2u);
  for (const char* name : {"test", "new"}) {
    EXPECT_THAT(domain(snapshot, name).number("monitor.responding"), Optional(0)) << name;
    EXPECT_GT(domain(snapshot, name).number("cpu.time"), 0) << name;
  }
}

TEST_F(MonitorsTest, who_must_leave_early_is_told_on_the_way) {
  const auto hasty = waiters.enter(in(50ms));
  waiters.enter(in(60s));
  const Snapshot snapshot = read();
  EXPECT_EQ(told_early, 1);
  EXPECT_TRUE(hasty->answer);
  EXPECT_GT(domain(snapshot, "test").number("cpu.time"), 0) << "the others get the whole";
}

TEST_F(MonitorsTest, read_ends_in_time) {
  const auto start = std::chrono::steady_clock::now();
  waiters.enter(start + 100ms);
  read();
  EXPECT_LT(std::chrono::steady_clock::now() - start, MonitorPlan::Options{}.patience)
      << "the domain is asked again then";
}

TEST_F(MonitorsTest, nobody_waits_for_what_is_asked_when_all_have_left) {
  const Snapshot snapshot = read();
  EXPECT_THAT(snapshot.incomplete, Optional(1u));
}

TEST_F(MonitorsTest, call_that_comes_back_after_the_end_is_nobody_s) {
  read();
  monitors = nullptr;
  while (runner->wait(in(200ms))) continue;
  SUCCEED() << "the address sanitizer watches";
}

TEST_F(MonitorsTest, libvirt_is_not_lost_where_a_call_failed_that_could_not_even_connect) {
  waiters.enter(in(60s));
  const auto nowhere = std::make_shared<Monitors>(Monitors::Options{"test:///nowhere/host.xml", {}}, context);
  waiters.begin();
  auto domains = list();
  nowhere->read(domains, Group::kCpuTotal, waiters, [] { return std::make_shared<Snapshot>(); });
  Snapshot snapshot;
  nowhere->mark(domains, snapshot);
  EXPECT_THAT(snapshot.incomplete, Optional(1u));
}

TEST_F(MonitorsTest, domain_that_is_known_to_be_silent_is_not_asked) {
  waiters.enter(in(60s));
  auto domains = list();
  for (Domain& domain : domains)
    if (domain.active) extend(domain.stats, stats_of({{"monitor.responding", 0}}));
  waiters.begin();
  silent.begin_read();
  const auto start = std::chrono::steady_clock::now();
  monitors->read(domains, Group::kCpuTotal, waiters, [] { return std::make_shared<Snapshot>(); });
  EXPECT_LT(std::chrono::steady_clock::now() - start, MonitorPlan::Options{}.patience) << "it would be asked again";
  Snapshot snapshot;
  monitors->mark(domains, snapshot);
  EXPECT_THAT(snapshot.incomplete, Optional(1u));
}

TEST_F(MonitorsTest, domains_that_are_listed_are_told_where_no_thread_is_to_be_had) {
  if (geteuid() != 0) GTEST_SKIP() << "only root can become a user without other processes";
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto tried = [this] {
    auto domains = list();
    {
      const NoThreads none;
      waiters.enter(in(60s));
      waiters.begin();
      EXPECT_NO_THROW(monitors->read(domains, Group::kCpuTotal, waiters, [] { return std::make_shared<Snapshot>(); }));
    }
    Snapshot snapshot;
    monitors->mark(domains, snapshot);
    EXPECT_EQ(domains.size(), 2u);
    EXPECT_THAT(snapshot.incomplete, Optional(1u));
    std::_Exit(HasFailure() ? 1 : 0);
  };
  EXPECT_EXIT(tried(), testing::ExitedWithCode(0), "");
}

TEST_F(MonitorsTest, problem_is_logged_when_it_begins_and_when_it_ends) {
  const TemporaryDirectory directory;
  const std::string file = directory.path("host.xml");
  const CapturedLog captured;
  const auto late = std::make_shared<Monitors>(Monitors::Options{"test://" + file, {}}, context);
  const auto read_once = [&] {
    auto domains = list();
    waiters.enter(in(60s));
    waiters.begin();
    late->read(domains, Group::kCpuTotal, waiters, [] { return std::make_shared<Snapshot>(); });
  };
  read_once();
  read_once();
  directory.write("host.xml", host_xml(domain_xml("a")));
  read_once();
  EXPECT_THAT(captured.text(), MatchesRegex("warning monitors of domains: cannot connect to [^\n]*\n"
                                            "info monitors of domains: can be read again\n"));
}

}  // namespace
}  // namespace virt
