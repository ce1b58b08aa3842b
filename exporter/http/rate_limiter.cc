// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/rate_limiter.h"

#include <algorithm>

namespace virt {

bool RateLimiter::allows(const RateLimit& limit, Time now) {
  if (!(limit.interval.count() > 0)) return true;
  const std::lock_guard lock{mutex_};
  const std::chrono::duration<double> passed = std::max(now, last_) - last_;
  used_ = std::clamp(used_ - passed / limit.interval, 0.0, static_cast<double>(limit.burst));
  last_ = std::max(now, last_);
  if (used_ + 1 > limit.burst) return false;
  ++used_;
  return true;
}

}  // namespace virt
