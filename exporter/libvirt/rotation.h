// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_LIBVIRT_ROTATION_H_
#define VIRT_EXPORTER_LIBVIRT_ROTATION_H_

#include <chrono>
#include <cstddef>
#include <limits>
#include <optional>

namespace virt {

using Period = std::chrono::duration<double>;

// How often the time for a turn comes.
class Pace {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // It has come once more.
  void tick(Time now);
  // Since the time before; for ever if this is the first.
  Period last() const { return last_; }
  // Until the next time: the longer one of the last two, for two servers scrape in turn.
  Period next() const { return next_; }

 private:
  static constexpr Period kForEver{std::numeric_limits<double>::infinity()};

  std::optional<Time> ticked_;
  Period last_ = kForEver, next_ = kForEver;
};

// Whether what was read an `age` ago would be older than `refresh` the next time: so every change is seen within it.
inline bool is_due(Period age, const Pace& pace, Period refresh) { return age + pace.next() > refresh; }

// How many of `count` have their turn now, of which so many are `due`: a few with each time, rather than all at once.
// Those whose turn is longest ago must be taken first.
std::size_t turn(std::size_t count, std::size_t due, const Pace& pace, Period refresh);

// The same of a single thing.
class Refresh {
 public:
  using Time = Pace::Time;

  explicit Refresh(Period refresh) : refresh_(refresh) {}

  // Whether it has its turn now, as it has the first time. To be asked whenever it could be taken.
  bool is_due(Time now);

 private:
  const Period refresh_;
  Pace pace_;
  Time taken_{};
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_ROTATION_H_
