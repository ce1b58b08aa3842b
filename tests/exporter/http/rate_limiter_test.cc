// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/rate_limiter.h"

#include <gtest/gtest.h>

namespace virt {
namespace {

using namespace std::chrono_literals;

const Time kStart{1h};

int allowed(RateLimiter& limiter, const RateLimit& limit, Time now, int requests) {
  int count = 0;
  for (int i = 0; i < requests; ++i) count += limiter.allows(limit, now) ? 1 : 0;
  return count;
}

TEST(RateLimiter, without_an_interval_everything_is_allowed) {
  RateLimiter limiter;
  EXPECT_EQ(allowed(limiter, {}, kStart, 1000), 1000);
  EXPECT_EQ(allowed(limiter, {0s, 1}, kStart, 1000), 1000);
}

TEST(RateLimiter, a_burst_passes_and_then_one_after_each_interval) {
  RateLimiter limiter;
  const RateLimit limit{2s, 3};
  EXPECT_EQ(allowed(limiter, limit, kStart, 10), 3);
  EXPECT_EQ(allowed(limiter, limit, kStart + 1999ms, 10), 0);
  EXPECT_EQ(allowed(limiter, limit, kStart + 2s, 10), 1);
  EXPECT_EQ(allowed(limiter, limit, kStart + 6s, 10), 2);
}

TEST(RateLimiter, a_long_silence_saves_no_more_than_a_burst) {
  RateLimiter limiter;
  const RateLimit limit{1s, 3};
  EXPECT_EQ(allowed(limiter, limit, kStart, 3), 3);
  EXPECT_EQ(allowed(limiter, limit, kStart + 1h, 10), 3);
}

TEST(RateLimiter, refused_requests_cost_nothing) {
  RateLimiter limiter;
  const RateLimit limit{1s, 1};
  EXPECT_EQ(allowed(limiter, limit, kStart, 1000), 1);
  EXPECT_EQ(allowed(limiter, limit, kStart + 1s, 1000), 1);
}

TEST(RateLimiter, another_limit_counts_at_once) {
  RateLimiter limiter;
  EXPECT_EQ(allowed(limiter, {1s, 5}, kStart, 10), 5);
  EXPECT_EQ(allowed(limiter, {1s, 2}, kStart, 10), 0);
  EXPECT_EQ(allowed(limiter, {1s, 7}, kStart, 10), 5);
}

}  // namespace
}  // namespace virt
