// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_LIBVIRT_ROTATION_H_
#define VIRT_EXPORTER_LIBVIRT_ROTATION_H_

#include <chrono>
#include <cstddef>
#include <utility>

namespace virt {

// How many of `count` have their turn now, the last turn having been an `interval` ago, so that everything that changes
// is seen within `refresh`: those whose turn is longest ago must be taken first.
std::size_t turn(std::size_t count, std::chrono::duration<double> interval, std::chrono::duration<double> refresh);

// The same of a single thing.
class Refresh {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Refresh(std::chrono::duration<double> refresh) : refresh_(refresh) {}

  // Whether it has its turn now, as it has the first time. To be asked whenever it could be taken.
  bool is_due(Time now) {
    const auto interval = now - std::exchange(asked_, now);
    if (now - taken_ + interval <= refresh_) return false;
    taken_ = now;
    return true;
  }

 private:
  const std::chrono::duration<double> refresh_;
  Time asked_{}, taken_{};
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_ROTATION_H_
