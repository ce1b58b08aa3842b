// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/cloud_session.h"

#include <gmock/gmock.h>

#include <stdexcept>

#include "tests/support/api_server.h"
#include "tests/support/captured_log.h"

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::Not;

constexpr char kLogin[] = "/identity/v3/auth/tokens";

class CloudSessionTest : public testing::Test {
 protected:
  // The token that a user gets, or null.
  TokenPtr token() {
    std::optional<TokenPtr> given;
    session_.with_token([&](const TokenPtr& token) { given = token; });
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!given && std::chrono::steady_clock::now() < end) transfers_.run(end);
    return given.value_or(nullptr);
  }

  std::size_t logins() const { return cloud_.count(kLogin); }

  CapturedLog log_text_;
  FakeCloud cloud_;
  std::string password_ = "secret";
  Time now_ = std::chrono::steady_clock::now();
  LogOnce log_;
  Transfers transfers_{cloud_.config()};
  CloudSession session_{cloud_.config(),
                        [this] { return cloud_.config(password_); },
                        {"admin", [this] { return now_; }},
                        transfers_,
                        log_};
};

TEST_F(CloudSessionTest, one_login_serves_all_who_wait) {
  int served = 0;
  for (int i = 0; i < 5; ++i) session_.with_token([&](const TokenPtr& token) { served += token ? 1 : 0; });
  EXPECT_TRUE(token());
  EXPECT_EQ(served, 5);
  EXPECT_EQ(logins(), 1);
  EXPECT_EQ(session_.logins(), 1);
}

TEST_F(CloudSessionTest, token_is_used_until_it_has_lived_four_fifths) {
  const TokenPtr first = token();
  now_ += 2879s;
  EXPECT_EQ(token(), first);
  EXPECT_EQ(logins(), 1);
}

TEST_F(CloudSessionTest, renewal_keeps_nobody_waiting) {
  const TokenPtr first = token();
  now_ += 2881s;
  EXPECT_EQ(token(), first);
  while (session_.token() == first) transfers_.run(std::chrono::steady_clock::now() + 5s);
  EXPECT_EQ(token()->id, "token-2");
  EXPECT_EQ(logins(), 2);
}

TEST_F(CloudSessionTest, token_that_is_over_is_not_used) {
  token();
  now_ += 3601s;
  EXPECT_FALSE(session_.is_good());
  EXPECT_EQ(token()->id, "token-2");
}

TEST_F(CloudSessionTest, refused_token_is_renewed_once_in_a_minute) {
  const TokenPtr old = token();
  session_.refuse(old);
  EXPECT_EQ(token()->id, "token-2");
  session_.refuse(old);
  session_.refuse(token());
  EXPECT_EQ(token()->id, "token-2");
  now_ += 61s;
  session_.refuse(token());
  EXPECT_EQ(token()->id, "token-3");
}

TEST_F(CloudSessionTest, failed_logins_are_further_and_further_apart) {
  password_ = "wrong";
  EXPECT_FALSE(token());
  EXPECT_FALSE(token());
  EXPECT_EQ(logins(), 1);
  for (const auto pause : {5s, 10s, 20s, 40s, 80s, 160s, 300s, 300s}) {
    const std::size_t before = logins();
    now_ += pause - 1s;
    EXPECT_FALSE(token());
    EXPECT_EQ(logins(), before) << pause.count();
    now_ += 1s;
    EXPECT_FALSE(token());
    EXPECT_EQ(logins(), before + 1) << pause.count();
  }
  EXPECT_EQ(session_.logins(), 0);
}

TEST_F(CloudSessionTest, password_that_was_corrected_in_the_file_is_used) {
  password_ = "wrong";
  EXPECT_FALSE(token());
  password_ = "secret";
  now_ += 5s;
  EXPECT_TRUE(token());
  EXPECT_THAT(log_text_.text(), HasSubstr("status 401"));
  EXPECT_THAT(log_text_.text(), HasSubstr("works again"));
}

TEST_F(CloudSessionTest, problem_is_told_without_the_password) {
  password_ = "hunter2";
  token();
  EXPECT_THAT(log_text_.text(), HasSubstr("openstack login: cloud 'fake', user reader, http://127.0.0.1:"));
  EXPECT_THAT(log_text_.text(), Not(HasSubstr("hunter2")));
}

TEST_F(CloudSessionTest, answer_that_is_no_token_is_a_failure) {
  for (const ApiReply& reply : {ApiReply{500, "{}"}, ApiReply{201, "<html>"}, ApiReply{201, "{}"}}) {
    cloud_.answer(kLogin, {reply});
    now_ += 301s;
    EXPECT_FALSE(token()) << reply.body;
  }
}

TEST(SessionConfiguration, file_that_cannot_be_read_again_leaves_the_last_in_use) {
  CapturedLog log_text;
  const FakeCloud cloud;
  LogOnce log;
  Transfers transfers{cloud.config()};
  CloudSession session{
      cloud.config(), []() -> CloudConfig { throw std::invalid_argument("clouds.yaml: gone"); }, {}, transfers, log};
  bool served = false;
  session.with_token([&](const TokenPtr& token) { served = token != nullptr; });
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (!served && std::chrono::steady_clock::now() < end) transfers.run(end);
  EXPECT_TRUE(served);
  EXPECT_THAT(log_text.text(), HasSubstr("clouds.yaml: gone"));
}

TEST(SessionRegions, cloud_of_several_regions_wants_one_named) {
  CapturedLog log_text;
  FakeCloud cloud;
  cloud.answer(kLogin, {{201, R"({"token": {"issued_at": "2026-11-28T10:00:00Z", "expires_at": "2026-11-28T11:00:00Z",
      "catalog": [{"type": "compute", "endpoints": [
        {"interface": "public", "region_id": "north", "url": "http://n"},
        {"interface": "public", "region_id": "south", "url": "http://s"}]}]}})",
                         "X-Subject-Token: t\r\n"}});
  const auto served_in = [&](const std::string& region) {
    CloudConfig config = cloud.config();
    config.region = region;
    LogOnce log;
    Transfers transfers{config};
    CloudSession session{config, [&] { return config; }, {}, transfers, log};
    std::optional<bool> served;
    session.with_token([&](const TokenPtr& token) { served = token != nullptr; });
    const auto end = std::chrono::steady_clock::now() + 20s;
    while (!served && std::chrono::steady_clock::now() < end) transfers.run(end);
    return served;
  };
  EXPECT_EQ(served_in("north"), true);
  EXPECT_EQ(served_in(""), false);
  EXPECT_EQ(served_in("east"), false);
  EXPECT_THAT(log_text.text(), HasSubstr("several regions, set region_name to one of north, south"));
  EXPECT_THAT(log_text.text(), HasSubstr("no region 'east'; it has north, south"));
}

}  // namespace
}  // namespace virt
