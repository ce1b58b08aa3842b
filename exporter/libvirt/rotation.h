// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_LIBVIRT_ROTATION_H_
#define VIRT_EXPORTER_LIBVIRT_ROTATION_H_

#include <chrono>
#include <cstddef>
#include <utility>

namespace virt {

using Period = std::chrono::duration<double>;

// Whether what was read an `age` ago would be older than `refresh` the next time, which is an `interval` from now if it
// comes as soon as this time came: so every change is seen within `refresh`.
inline bool is_due(Period age, Period interval, Period refresh) { return age + interval > refresh; }

// How many of `count` have their turn now, of which so many are `due`: a few with each time, rather than all at once.
// Those whose turn is longest ago must be taken first.
std::size_t turn(std::size_t count, std::size_t due, Period interval, Period refresh);

// The same of a single thing.
class Refresh {
 public:
  using Time = std::chrono::steady_clock::time_point;

  explicit Refresh(Period refresh) : refresh_(refresh) {}

  // Whether it has its turn now, as it has the first time. To be asked whenever it could be taken.
  bool is_due(Time now) {
    const auto interval = now - std::exchange(asked_, now);
    if (!virt::is_due(now - taken_, interval, refresh_)) return false;
    taken_ = now;
    return true;
  }

 private:
  const Period refresh_;
  Time asked_{}, taken_{};
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_ROTATION_H_
