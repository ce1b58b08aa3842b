// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/rotation.h"

#include <algorithm>
#include <cmath>

namespace virt {

void Pace::tick(Time now) {
  if (ticked_) {
    const Period interval = now - *ticked_;
    next_ = last_ == kForEver ? interval : std::max(interval, last_);
    last_ = interval;
  }
  ticked_ = now;
}

std::size_t turn(std::size_t count, std::size_t due, const Pace& pace, Period refresh) {
  const double share = std::min(1.0, pace.last() / refresh);
  return std::max(due, static_cast<std::size_t>(std::ceil(static_cast<double>(count) * share)));
}

bool Refresh::is_due(Time now) {
  pace_.tick(now);
  if (!virt::is_due(now - taken_, pace_, refresh_)) return false;
  taken_ = now;
  return true;
}

}  // namespace virt
