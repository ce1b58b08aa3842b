// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/rotation.h"

#include <algorithm>

namespace virt {

void Pace::tick(Time now) {
  if (ticked_) {
    const Period interval = now - *ticked_;
    next_ = last_ == kForEver ? interval : std::max(interval, last_);
    last_ = interval;
  }
  ticked_ = now;
}

std::size_t Rotation::share_of(std::size_t count) {
  constexpr double kRounding = 1e-9;
  const double share = static_cast<double>(count) * std::min(1.0, pace_.last() / refresh_) + owed_;
  const auto whole = std::min(static_cast<std::size_t>(share + kRounding), count);
  owed_ = std::clamp(share - static_cast<double>(whole), 0.0, 1.0);
  return whole;
}

bool Refresh::is_due(Time now) {
  pace_.tick(now);
  if (!virt::is_due(now - taken_, pace_, refresh_)) return false;
  taken_ = now;
  return true;
}

}  // namespace virt
