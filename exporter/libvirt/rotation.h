// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_LIBVIRT_ROTATION_H_
#define VIRT_EXPORTER_LIBVIRT_ROTATION_H_

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <limits>
#include <optional>
#include <vector>

#include "exporter/threads/time.h"

namespace virt {

using Period = std::chrono::duration<double>;

// How often the time for a turn comes.
class Pace {
 public:
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

// Gives each of many things its turn within `refresh`: a few with each time, rather than all at once.
class Rotation {
 public:
  explicit Rotation(Period refresh) : refresh_(refresh) {}

  // The time for turns has come: those of `things` that have theirs now. `last_turn` says when one had its last.
  template <typename Thing, typename LastTurn>
  std::vector<Thing> choose(std::vector<Thing> things, Time now, LastTurn last_turn) {
    pace_.tick(now);
    const auto due = std::count_if(things.begin(), things.end(),
                                   [&](const Thing& thing) { return is_due(now - last_turn(thing), pace_, refresh_); });
    const auto number = std::max(share_of(things.size()), static_cast<std::size_t>(due));
    std::partial_sort(things.begin(), things.begin() + static_cast<std::ptrdiff_t>(number), things.end(),
                      [&](const Thing& a, const Thing& b) { return last_turn(a) < last_turn(b); });
    things.erase(things.begin() + static_cast<std::ptrdiff_t>(number), things.end());
    return things;
  }

 private:
  // Of so many things, those whose turn it is if they are spread evenly over the time.
  std::size_t share_of(std::size_t count);

  const Period refresh_;
  Pace pace_;
  double owed_ = 0;  // the part of a turn that was left of the last share
};

// Gives a single thing its turn within `refresh`.
class Refresh {
 public:
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
