// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/basic_auth.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <string>
#include <thread>
#include <vector>

namespace virt {
namespace {

using testing::Optional;
using testing::Pair;

// Of "secret", as htpasswd -B -C 10, python3-bcrypt ($2b$) and old programs ($2a$) write it.
const std::string kHash = "$2y$10$0I9MFzQE5Ck/RnYtCo3hBeZJH1XRZtKnzpcKIWqPTtiL4PTA0Djk6";

constexpr char kAlice[] = "Basic YWxpY2U6c2VjcmV0";        // alice:secret
constexpr char kAliceWrong[] = "Basic YWxpY2U6U2VjcmV0";   // alice:Secret
constexpr char kMallory[] = "Basic bWFsbG9yeTpzZWNyZXQ=";  // mallory:secret

using Seconds = std::chrono::duration<double>;

// The least of a few, so that a busy machine does not count.
Seconds time_of(BasicAuth& auth, const BasicAuth::Users& users, const char* header) {
  Seconds least{1e9};
  for (int i = 0; i < 3; ++i) {
    const auto start = std::chrono::steady_clock::now();
    auth.admits(users, header);
    least = std::min<Seconds>(least, std::chrono::steady_clock::now() - start);
  }
  return least;
}

TEST(BasicAuth, hash_in_bcrypts_form_is_one) {
  for (const char* method : {"$2a", "$2b", "$2y"}) EXPECT_TRUE(is_bcrypt(method + kHash.substr(3))) << method;
}

TEST(BasicAuth, text_of_another_form_is_no_bcrypt_hash) {
  const auto with = [](std::size_t at, char c) {
    std::string hash = kHash;
    hash[at] = c;
    return hash;
  };
  for (const std::string& text :
       {std::string{}, std::string{"secret"}, std::string{"ab01FAX.bQRSU"}, kHash.substr(1), kHash.substr(0, 59),
        kHash + "x", with(1, '1'), with(2, 'x'), with(2, '$'), with(3, '4'), with(4, 'x'), with(4, '4'), with(5, ':'),
        with(6, '4'), with(30, '$'), with(59, '+'), "$2y$03$" + kHash.substr(7), "$2y$32$" + kHash.substr(7),
        std::string{
            "$6$saltsalt$qFmFH.bQmmtXzyBY0s9v7Oicd2z4XSIecDzlB5KiA2/jctKu9YterLp8wwnSq.qc.eoxqOmSuNp2xS0ktL3nh/"}})
    EXPECT_FALSE(is_bcrypt(text)) << text;
}

TEST(BasicAuth, header_is_taken_apart_at_the_first_colon) {
  EXPECT_THAT(parse_basic("Basic YWxpY2U6c2VjcmV0"), Optional(Pair("alice", "secret")));
  EXPECT_THAT(parse_basic("bAsIc YTpiOmM="), Optional(Pair("a", "b:c")));
  EXPECT_THAT(parse_basic("Basic Og=="), Optional(Pair("", "")));
  EXPECT_THAT(parse_basic("Basic w7w6w6Q="), Optional(Pair("ü", "ä")));
}

TEST(BasicAuth, header_of_another_form_is_no_one) {
  for (const char* header : {"", "Basic", "Basic ", "Bearer YWxpY2U6c2VjcmV0", "YWxpY2U6c2VjcmV0", "Basic YWxpY2U",
                             "Basic YWxpY2U6c2VjcmV", "Basic ====", "Basic !!!!", "Basic YWxpY2U6c2VjcmV0=",
                             "Basic YQBhOmI=" /* a NUL in the name */, "Basic YTpiAGM=" /* and in the password */})
    EXPECT_EQ(parse_basic(header), std::nullopt) << header;
}

TEST(BasicAuth, user_with_the_password_is_admitted_again_and_again) {
  BasicAuth auth;
  for (int i = 0; i < 3; ++i) EXPECT_TRUE(auth.admits({{"alice", kHash}}, kAlice));
}

TEST(BasicAuth, others_are_not_admitted_before_or_after) {
  BasicAuth auth;
  for (int i = 0; i < 2; ++i) {
    EXPECT_FALSE(auth.admits({{"alice", kHash}}, kAliceWrong));
    EXPECT_FALSE(auth.admits({{"alice", kHash}}, kMallory));
    EXPECT_FALSE(auth.admits({{"alice", kHash}}, ""));
    EXPECT_FALSE(auth.admits({{"alice", kHash}}, "Basic YWxpY2U6" /* no password */));
    EXPECT_TRUE(auth.admits({{"alice", kHash}}, kAlice));
  }
}

TEST(BasicAuth, remembered_password_ends_with_its_hash_and_its_user) {
  BasicAuth auth;
  EXPECT_TRUE(auth.admits({{"alice", kHash}}, kAlice));
  EXPECT_FALSE(auth.admits({{"bob", kHash}}, kAlice));
  std::string other = kHash;
  other.back() = 'a';
  EXPECT_FALSE(auth.admits({{"alice", other}}, kAlice));
}

TEST(BasicAuth, hash_that_crypt_refuses_admits_nobody) {
  BasicAuth auth;
  EXPECT_FALSE(auth.admits({{"alice", "*0"}}, kAlice));
  EXPECT_FALSE(auth.admits({{"alice", "*0"}}, "Basic YWxpY2U6KjA=" /* alice:*0 */));
}

TEST(BasicAuth, bcrypt_runs_for_the_unknown_and_the_wrong_but_once_for_the_right_one) {
  BasicAuth auth;
  const BasicAuth::Users users{{"alice", kHash}};
  const Seconds wrong = time_of(auth, users, kAliceWrong), unknown = time_of(auth, users, kMallory);
  EXPECT_TRUE(auth.admits(users, kAlice));
  EXPECT_LT(time_of(auth, users, kAlice), wrong / 20);
  EXPECT_GT(unknown, wrong / 3);
  EXPECT_LT(unknown, wrong * 3);
}

TEST(BasicAuth, many_threads_get_the_same_answers) {
  BasicAuth auth;
  const BasicAuth::Users users{{"alice", kHash}};
  std::vector<std::jthread> threads;
  for (int i = 0; i < 8; ++i)
    threads.emplace_back([&, i] { EXPECT_EQ(auth.admits(users, i % 2 == 0 ? kAlice : kAliceWrong), i % 2 == 0); });
}

}  // namespace
}  // namespace virt
