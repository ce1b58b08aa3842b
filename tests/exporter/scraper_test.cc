// SPDX-License-Identifier: Apache-2.0
#include "exporter/scraper.h"

#include <gmock/gmock.h>

#include <cstdlib>
#include <fstream>
#include <new>
#include <sstream>
#include <stdexcept>

#include "exporter/http/http_instruments.h"
#include "exporter/libvirt/call_kinds.h"
#include "exporter/testing/domstats.h"
#include "tests/support/captured_log.h"
#include "tests/support/fake_libvirt.h"
#include "tests/support/stats_of.h"

namespace virt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

const Deadline kNever = Deadline::max();

std::string read_file(const std::string& path) {
  std::ifstream file{path};
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

std::string golden(const std::string& name) {
  std::string path = VIRT_EXPORTER_SOURCE;
  return path.append("/tests/golden/").append(name);
}

// Those of the golden file, which shows how a page is put together; a pollster's own families are in its test. So a new
// pollster does not change it.
constexpr std::string_view kGoldenPollsters =
    "compute.backing_chain,compute.cpu,compute.disk,compute.domain,compute.events,compute.host,compute.iothread,"
    "compute.job,compute.kvm,compute.memory,compute.network,compute.openstack,compute.perf,compute.pool,compute."
    "throttle_group,"
    "compute.virtual_network";

// Nothing of what follows depends on the machine or on time.
Clocks constant_clocks() {
  return {[] { return std::chrono::steady_clock::time_point{}; },
          [] { return std::chrono::system_clock::time_point{std::chrono::milliseconds{1'700'000'000'500}}; }};
}

// Some of each that is counted.
Instruments constant_instruments() {
  Instruments instruments;
  const HttpInstruments http{instruments};
  http.answered("/metrics", 200, std::chrono::milliseconds{300});
  http.refused(404);
  const CallKinds calls{instruments};
  for (const Meters& table : log_meters()) instruments.counter(table[0], {{"level", "warning"}}).Increment();
  return instruments;
}

Scraper::Environment constant_environment() {
  Scraper::Environment environment;
  environment.now = constant_clocks().steady;
  environment.process = [] { return stats_of({{"process.cpu", 1.5}, {"process.resident", 20e6}}); };
  environment.instruments = constant_instruments();
  environment.build = {"0.0.0", "0123456789ab", "compiler 1.0", "9.0.0"};
  return environment;
}

class Tester {
 public:
  explicit Tester(Snapshot snapshot,
                  std::vector<NamedPollster> pollsters = choose_pollsters(make_pollsters(), kGoldenPollsters,
                                                                          {libvirt_kind()}))
      : reader_("libvirt", std::make_unique<FakeSource>(std::move(snapshot)), constant_clocks(),
                environment_.instruments),
        scraper_({{libvirt_kind(), &reader_}}, std::move(pollsters), DomainLabels{}, environment_) {}

  std::string scrape(const std::vector<std::string_view>& patterns = {}) {
    std::string text;
    const auto pollsters = scraper_.choose(patterns);
    const Snapshots snapshots = scraper_.read(pollsters, kNever);
    scraper_.write(pollsters, snapshots, [&](const Piece& piece) { text += piece.text(); });
    up_ = all_up(snapshots);
    return text;
  }
  bool up() const { return up_; }
  Scraper& scraper() { return scraper_; }
  const Scraper& scraper() const { return scraper_; }

 private:
  const Scraper::Environment environment_ = constant_environment();
  Reader reader_;
  Scraper scraper_;
  bool up_ = false;
};

constexpr Meter kBrokenMeters[] = {{"", "broken", Type::kGauge, kOne, "Never there."}};

class BrokenPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override { return {kBrokenMeters}; }
  Needs needs() const override { return 0; }
  Counters get_counters(const Snapshot&) const override { throw std::runtime_error("out of order"); }
};

// To accept a change of the output: UPDATE_GOLDEN=1 build/release/unit_tests --gtest_filter='Scraper.*golden*'
TEST(Scraper, the_whole_output_equals_the_golden_file) {
  Tester tester{snapshot_of(read_file(golden("host.domstats")),
                            {{"instance-00000001", read_file(golden("instance-00000001.xml"))},
                             {"stopped \"vm\"", read_file(golden("stopped.xml"))}})};
  const std::string text = tester.scrape();
  if (std::getenv("UPDATE_GOLDEN") != nullptr) std::ofstream{golden("metrics.prom")} << text;
  EXPECT_EQ(text, read_file(golden("metrics.prom")));
}

TEST(Scraper, what_is_counted_until_now_is_in_each_scrape) {
  Tester tester{Snapshot{}};
  EXPECT_THAT(tester.scrape(), HasSubstr("virt_read_duration_seconds_count{source=\"libvirt\"} 1\n"));
  EXPECT_THAT(tester.scrape(), HasSubstr("virt_read_duration_seconds_count{source=\"libvirt\"} 2\n"));
}

TEST(Scraper, a_pollster_that_throws_costs_only_itself) {
  auto pollsters = choose_pollsters(make_pollsters(), "compute.domain", {libvirt_kind()});
  pollsters.push_back({"test.broken", std::make_shared<BrokenPollster>()});
  const std::string text = Tester{snapshot_of("Domain: 'a'"), pollsters}.scrape();
  EXPECT_THAT(text, HasSubstr("virt_scrape_pollster_success{pollster=\"test.broken\"} 0\n"));
  EXPECT_THAT(text, HasSubstr("virt_scrape_pollster_success{pollster=\"compute.domain\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("libvirt_domains 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("\nbroken")));
}

// For a sink that fails no pollster is to blame, and what it did not take is not offered to it again.
TEST(Scraper, what_the_sink_throws_ends_the_answer) {
  const CapturedLog log;
  std::string domains;
  for (int i = 0; i < 2000; ++i) domains += "Domain: 'domain " + std::to_string(i) + "'\n";
  Tester tester{snapshot_of(domains)};
  Scraper& scraper = tester.scraper();
  const auto pollsters = scraper.choose({});
  const Snapshots snapshots = scraper.read(pollsters, kNever);
  int pieces = 0;
  const Sink sink = [&](const Piece&) {
    ++pieces;
    throw std::bad_alloc{};
  };
  EXPECT_THROW(scraper.write(pollsters, snapshots, sink), std::bad_alloc);
  EXPECT_EQ(pieces, 1);
  EXPECT_EQ(log.text(), "");
}

TEST(Scraper, without_libvirt_everything_else_is_served) {
  Tester tester{Snapshot{}};
  const std::string text = tester.scrape();
  EXPECT_FALSE(tester.up());
  EXPECT_THAT(text, HasSubstr("libvirt_up 0\n"));
  EXPECT_THAT(text, HasSubstr("process_cpu_seconds_total 1.5\n"));
  EXPECT_THAT(text, Not(HasSubstr("libvirt_domains")));
}

TEST(Scraper, a_selection_narrows_the_scrape) {
  Tester tester{snapshot_of("Domain: 'a'\ncpu.time=1")};
  const std::string text = tester.scrape({"compute.domain"});
  EXPECT_TRUE(tester.up());
  EXPECT_THAT(text, HasSubstr("libvirt_domains 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("cpu_time")));
  EXPECT_THAT(text, Not(HasSubstr("pollster=\"compute.cpu\"")));
}

TEST(Scraper, only_enabled_pollsters_can_be_chosen) {
  const Tester tester{Snapshot{}, choose_pollsters(make_pollsters(), "compute.cpu,compute.disk", {libvirt_kind()})};
  EXPECT_THAT(tester.scraper().choose({"compute.c*"}),
              ElementsAre(testing::Field(&NamedPollster::name, "compute.cpu")));
  EXPECT_THROW(tester.scraper().choose({"compute.memory"}), std::invalid_argument);
}

}  // namespace
}  // namespace virt
