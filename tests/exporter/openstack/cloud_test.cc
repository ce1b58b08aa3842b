// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/cloud.h"

#include <gmock/gmock.h>

#include <atomic>
#include <condition_variable>

#include "tests/support/api_server.h"
#include "tests/support/captured_log.h"

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::Contains;
using testing::HasSubstr;
using testing::IsNull;
using testing::Not;
using testing::Pointee;
using testing::SizeIs;

constexpr char kRouters[] = "/network/v2.0/routers", kPorts[] = "/network/v2.0/ports",
               kServices[] = "/compute/v2.1/os-services";
constexpr Needs kBoth = CloudList::kRouters | CloudList::kComputeServices;

class CloudTest : public testing::Test {
 protected:
  CloudTest() {
    fake_.answer(kRouters, {{200, R"({"routers": [{"id": "a"}]})"}});
    fake_.answer(kServices, {{200, R"({"services": [{"id": "b"}]})"}});
  }

  void open() {
    Cloud::Options options;
    options.limits.total = 2000ms;
    cloud_.emplace(
        fake_.config(), [this] { return fake_.config(is_password_right_ ? "secret" : "old"); }, options,
        [this] {
          const std::lock_guard lock{mutex_};
          changed_.notify_all();
        });
  }

  // What a scrape finds that waits as long as it has to, at most `patience`.
  std::shared_ptr<CloudSnapshot> scrape(Needs needs, std::chrono::milliseconds patience = 15s) {
    const auto since = std::chrono::steady_clock::now(), end = since + patience;
    cloud_->refresh(needs);
    std::unique_lock lock{mutex_};
    while (true) {
      const auto until = std::min(end, cloud_->awaited_until(needs, since));
      if (until <= std::chrono::steady_clock::now()) return cloud_->snapshot(needs);
      changed_.wait_until(lock, until);
    }
  }

  static std::string reason(const CloudSnapshot& snapshot, std::string_view list) {
    for (const CloudListReport& report : snapshot.reports)
      if (report.list == list) return report.reason;
    return "no report";
  }
  static std::optional<bool> up(const CloudSnapshot& snapshot, std::string_view service) {
    for (const CloudService& known : snapshot.services)
      if (known.name == service) return known.up;
    return std::nullopt;
  }

  CapturedLog log_;
  FakeCloud fake_;
  std::atomic<bool> is_password_right_{true};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<Cloud> cloud_;
};

TEST_F(CloudTest, scrape_reads_what_it_needs_and_nothing_else) {
  open();
  const auto snapshot = scrape(kBoth);
  EXPECT_THAT(snapshot->items(CloudList::kRouters), Pointee(SizeIs(1)));
  EXPECT_THAT(snapshot->items(CloudList::kComputeServices), Pointee(SizeIs(1)));
  EXPECT_TRUE(snapshot->up);
  EXPECT_EQ(snapshot->missing, 0);
  EXPECT_EQ(snapshot->logins, 1);
  EXPECT_EQ(snapshot->scope->roles, "admin");
  EXPECT_EQ(up(*snapshot, "neutron"), true);
  EXPECT_EQ(up(*snapshot, "nova"), true);
  EXPECT_EQ(up(*snapshot, "identity"), true);
  EXPECT_EQ(fake_.count(kPorts), 0);
}

TEST_F(CloudTest, nothing_is_read_without_a_scrape) {
  open();
  std::this_thread::sleep_for(50ms);
  EXPECT_EQ(fake_.count("/identity/v3/auth/tokens"), 0);
}

TEST_F(CloudTest, second_scrape_reads_what_is_old_only) {
  open();
  scrape(kBoth);
  EXPECT_THAT(scrape(kBoth)->items(CloudList::kRouters), Pointee(SizeIs(1)));
  EXPECT_EQ(fake_.count(kRouters), 1);
}

TEST_F(CloudTest, service_that_fails_costs_its_own_lists) {
  fake_.answer(kRouters, {{500, "<html>"}});
  open();
  const auto snapshot = scrape(kBoth);
  EXPECT_THAT(snapshot->items(CloudList::kRouters), IsNull());
  EXPECT_THAT(snapshot->items(CloudList::kComputeServices), Pointee(SizeIs(1)));
  EXPECT_EQ(snapshot->missing, CloudList::kRouters);
  EXPECT_EQ(reason(*snapshot, "routers"), "status");
  EXPECT_EQ(up(*snapshot, "neutron"), false);
  EXPECT_EQ(up(*snapshot, "nova"), true);
  EXPECT_THAT(snapshot->requests, Contains(testing::AllOf(testing::Field(&CloudRequests::service, "neutron"),
                                                          testing::Field(&CloudRequests::code, "500"),
                                                          testing::Field(&CloudRequests::count, 1))));
}

TEST_F(CloudTest, service_that_hangs_keeps_one_scrape_waiting_and_the_next_a_moment) {
  fake_.answer(kRouters, {{200, R"({"routers": []})", "", 1900ms}});
  open();
  const auto snapshot = scrape(kBoth, 1100ms);
  EXPECT_EQ(reason(*snapshot, "routers"), "pending");
  EXPECT_THAT(snapshot->items(CloudList::kComputeServices), Pointee(SizeIs(1)));
  EXPECT_EQ(up(*snapshot, "neutron"), false);
}

TEST_F(CloudTest, silence_of_a_service_is_one_line_of_the_log) {
  fake_.answer(kRouters, {{200, "", "", 2500ms}});
  fake_.answer("/network/v2.0/subnets", {{200, "", "", 2500ms}});
  open();
  const auto snapshot = scrape(CloudList::kRouters | CloudList::kSubnets);
  EXPECT_EQ(reason(*snapshot, "routers"), "timeout");
  EXPECT_EQ(reason(*snapshot, "subnets"), "timeout");
  cloud_.reset();
  EXPECT_THAT(log_.text(), testing::MatchesRegex("warning openstack neutron: does not answer: [^\n]*\n"));
}

TEST_F(CloudTest, keystone_that_is_down_is_told_for_all) {
  fake_.answer("/identity/v3/auth/tokens", {{503, ""}});
  open();
  const auto snapshot = scrape(kBoth | CloudList::kUsers);
  EXPECT_FALSE(snapshot->up);
  EXPECT_EQ(reason(*snapshot, "routers"), "login");
  EXPECT_EQ(up(*snapshot, "identity"), false);
  EXPECT_EQ(snapshot->scope, std::nullopt);
}

TEST_F(CloudTest, keystone_that_goes_down_leaves_what_is_known) {
  open();
  scrape(CloudList::kComputeServices);
  fake_.answer("/identity/v3/auth/tokens", {{503, ""}});
  fake_.answer(kRouters, {{401, ""}});
  const auto snapshot = scrape(kBoth);
  EXPECT_TRUE(snapshot->up);
  EXPECT_EQ(snapshot->missing, CloudList::kRouters);
  EXPECT_EQ(reason(*snapshot, "routers"), "login");
  EXPECT_EQ(up(*snapshot, "identity"), false);
  EXPECT_THAT(snapshot->items(CloudList::kComputeServices), Pointee(SizeIs(1)));
}

TEST_F(CloudTest, service_is_up_after_a_login_though_a_list_waited_for_it_and_is_not_there_yet) {
  constexpr Needs kNeeds = CloudList::kRouters | CloudList::kPorts;
  is_password_right_ = false;
  open();
  EXPECT_EQ(up(*scrape(kNeeds), "neutron"), false);
  fake_.answer(kPorts, {{200, R"({"ports": []})", "", 1900ms}});
  is_password_right_ = true;
  std::this_thread::sleep_for(5100ms);  // the pause after a login that failed
  const auto snapshot = scrape(kNeeds, 1500ms);
  EXPECT_THAT(snapshot->items(CloudList::kRouters), Pointee(SizeIs(1)));
  EXPECT_THAT(snapshot->items(CloudList::kPorts), IsNull());
  EXPECT_EQ(up(*snapshot, "neutron"), true);
}

TEST_F(CloudTest, reader_counts_nothing_that_it_sees_in_part) {
  fake_.give_tokens("reader");
  fake_.answer(kServices, {{403, ""}});
  open();
  const auto snapshot = scrape(kBoth);
  EXPECT_THAT(snapshot->lists, SizeIs(0));
  EXPECT_TRUE(snapshot->up);
  EXPECT_EQ(snapshot->missing, kBoth);
  EXPECT_EQ(reason(*snapshot, "routers"), "scope");
  EXPECT_EQ(reason(*snapshot, "os-services"), "forbidden");
  EXPECT_EQ(up(*snapshot, "neutron"), std::nullopt);
  EXPECT_EQ(up(*snapshot, "nova"), true);
  cloud_.reset();
  EXPECT_THAT(log_.text(),
              testing::MatchesRegex("warning openstack scope: the token does not have the role 'admin'[^\n]*\n"));
}

TEST_F(CloudTest, what_fails_without_a_request_keeps_no_scrape_waiting) {
  fake_.give_tokens("reader");
  open();
  scrape(CloudList::kComputeServices);
  const auto since = std::chrono::steady_clock::now();
  const auto snapshot = scrape(CloudList::kRouters, 60s);
  EXPECT_LT(std::chrono::steady_clock::now() - since, 30s);
  EXPECT_EQ(reason(*snapshot, "routers"), "scope");
  EXPECT_EQ(fake_.count(kRouters), 0);
}

TEST_F(CloudTest, empty_list_is_asked_for_again) {
  fake_.answer(kRouters, {{200, R"({"routers": []})"}, {200, R"({"routers": [{"id": "a"}]})"}});
  open();
  EXPECT_THAT(scrape(CloudList::kRouters)->items(CloudList::kRouters), Pointee(SizeIs(1)));
  EXPECT_EQ(fake_.count(kRouters), 2);
}

TEST_F(CloudTest, list_that_stays_empty_is_empty) {
  fake_.answer(kRouters, {{200, R"({"routers": []})"}});
  open();
  EXPECT_THAT(scrape(CloudList::kRouters)->items(CloudList::kRouters), Pointee(SizeIs(0)));
}

TEST_F(CloudTest, end_gives_up_what_is_under_way) {
  fake_.answer(kRouters, {{200, "", "", 1000ms}});
  open();
  cloud_->refresh(CloudList::kRouters);
  std::this_thread::sleep_for(100ms);
  const auto begun = std::chrono::steady_clock::now();
  cloud_.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 800ms);
}

}  // namespace
}  // namespace virt
