// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/openstack_source.h"

#include <gmock/gmock.h>

#include <stdexcept>

#include "tests/support/api_server.h"
#include "tests/support/captured_log.h"
#include "tests/support/temporary_directory.h"

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsNull;
using testing::Pointee;
using testing::SizeIs;
using testing::ThrowsMessage;

constexpr char kRouters[] = "/network/v2.0/routers";

class OpenstackSourceTest : public testing::Test {
 protected:
  std::unique_ptr<Source> open(const std::string& more = "") {
    const std::string file =
        directory_.write("clouds.yaml", "clouds: {c: {auth: {auth_url: '" + fake_.config().auth_url +
                                            "', user_id: u, password: secret, project_id: p}" + more + "}}");
    return openstack_source({"c", file}, {}).open();
  }

  static std::shared_ptr<const CloudSnapshot> read(Source& source, std::chrono::milliseconds patience = 15s) {
    Waiters waiters{[&] { return source.nothing(); }};
    waiters.enter(std::chrono::steady_clock::now() + patience);
    waiters.begin();
    return std::static_pointer_cast<const CloudSnapshot>(source.read(CloudList::kRouters, waiters));
  }

  TemporaryDirectory directory_;
  FakeCloud fake_;
};

TEST_F(OpenstackSourceTest, read_waits_for_the_lists_that_are_needed) {
  fake_.answer(kRouters, {{200, R"({"routers": [{"id": "a"}]})"}});
  const auto source = open();
  const auto snapshot = read(*source);
  EXPECT_TRUE(snapshot->up);
  EXPECT_THAT(snapshot->items(CloudList::kRouters), Pointee(SizeIs(1)));
}

TEST_F(OpenstackSourceTest, read_ends_in_time_whatever_hangs) {
  fake_.answer(kRouters, {{200, "", "", 2000ms}});
  const auto source = open();
  const auto begun = std::chrono::steady_clock::now();
  const auto snapshot = read(*source, 500ms);
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 1500ms);
  EXPECT_THAT(snapshot->items(CloudList::kRouters), IsNull());
}

TEST_F(OpenstackSourceTest, scrape_whose_time_is_up_is_answered_on_the_way) {
  fake_.answer(kRouters, {{200, R"({"routers": [{"id": "a"}]})", "", 1000ms}});
  const auto source = open();
  Waiters waiters{[&] { return source->nothing(); }};
  const auto early = waiters.enter(std::chrono::steady_clock::now() + 300ms);
  waiters.enter(std::chrono::steady_clock::now() + 15s);
  waiters.begin();
  const auto late = source->read(CloudList::kRouters, waiters);
  const auto answer = std::static_pointer_cast<const CloudSnapshot>(waiters.wait(early));
  EXPECT_THAT(answer->reports, SizeIs(1));
  EXPECT_THAT(answer->items(CloudList::kRouters), IsNull());
  EXPECT_THAT(static_cast<const CloudSnapshot&>(*late).items(CloudList::kRouters), Pointee(SizeIs(1)));
}

TEST_F(OpenstackSourceTest, nothing_is_not_up) {
  const auto source = open();
  EXPECT_FALSE(source->nothing()->up);
}

TEST_F(OpenstackSourceTest, wrong_configuration_is_refused_when_it_opens) {
  EXPECT_THAT([&] { open(", auth_type: v3kerberos"); }, ThrowsMessage<std::invalid_argument>(HasSubstr("v3kerberos")));
}

TEST_F(OpenstackSourceTest, certificates_that_are_not_verified_are_warned_of) {
  CapturedLog log;
  open(", verify: false");
  EXPECT_THAT(log.text(), HasSubstr("warning cloud 'c': certificates are not verified\n"));
}

}  // namespace
}  // namespace virt
