// SPDX-License-Identifier: Apache-2.0
// A token bucket: how many requests are let in.
#ifndef VIRT_EXPORTER_HTTP_RATE_LIMITER_H_
#define VIRT_EXPORTER_HTTP_RATE_LIMITER_H_

#include <chrono>
#include <mutex>

#include "exporter/threads/time.h"

namespace virt {

// `burst` requests at once, and one more after each interval. Without an interval there is no limit.
struct RateLimit {
  std::chrono::duration<double> interval{0};
  int burst = 0;
};

// Any thread.
class RateLimiter {
 public:
  // Whether a request that comes `now` is within the limit; the limit may be another one each time.
  bool allows(const RateLimit& limit, Time now);

 private:
  std::mutex mutex_;
  // Guarded by mutex_.
  double used_ = 0;  // of the burst, at `last_`
  Time last_{};
};

}  // namespace virt

#endif  // VIRT_EXPORTER_HTTP_RATE_LIMITER_H_
