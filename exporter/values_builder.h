// SPDX-License-Identifier: Apache-2.0
// The quick way to fill Stats, for sources that have very many with the same keys and look these up themselves.
#ifndef VIRT_EXPORTER_VALUES_BUILDER_H_
#define VIRT_EXPORTER_VALUES_BUILDER_H_

#include <cstddef>
#include <string_view>
#include <utility>

#include "exporter/keys.h"
#include "exporter/record.h"

namespace virt {

// Takes one value for each of `keys`, in their order and of their type. One thread at a time.
class ValuesBuilder {
 public:
  explicit ValuesBuilder(SharedKeys keys) {
    constexpr std::size_t kMore = 8;  // which are often appended
    stats_.values_.reserve(keys->size() + kMore);
    stats_.keys_ = std::move(keys);
  }

  void add(double number) { stats_.push(number); }
  void add(std::string_view text) { stats_.push(text); }
  // After the last value.
  Stats build() { return std::move(stats_); }

 private:
  Stats stats_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_VALUES_BUILDER_H_
