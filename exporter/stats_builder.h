// SPDX-License-Identifier: Apache-2.0
// How sources fill Stats.
#ifndef VIRT_EXPORTER_STATS_BUILDER_H_
#define VIRT_EXPORTER_STATS_BUILDER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/record.h"

#pragma GCC visibility push(default)  // plug-ins find it in the program

namespace virt {

// Collects keys and values for a Stats. One thread at a time.
class StatsBuilder {
 public:
  // Keys keep the order in which they are added. A key that is added twice keeps its first value.
  void add(std::string_view key, double number);
  void add(std::string_view key, std::string_view text);
  // Adds all that `other` has.
  void append(const Stats& other);

  bool empty() const { return keys_.empty(); }
  // Everything added so far. The builder is empty afterwards.
  Stats build();

 private:
  struct Key {
    std::uint32_t at, size;  // in names_
    bool is_number;
  };
  void add_key(std::string_view name, bool is_number);

  std::string names_;
  std::vector<Key> keys_;
  Stats stats_;  // the values; build() adds the keys
};

// Adds all that `more`, which is another one, has; of equal keys the first value counts. Far quicker than a
// StatsBuilder, as equal keys are joined only once; but each pair that is joined is remembered, so where many parts
// are put together that have keys of their own, use StatsBuilder::append.
void extend(Stats& stats, const Stats& more);

}  // namespace virt

#pragma GCC visibility pop

#endif  // VIRT_EXPORTER_STATS_BUILDER_H_
