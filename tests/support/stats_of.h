// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_STATS_OF_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_STATS_OF_H_

#include <initializer_list>
#include <string_view>
#include <utility>

#include "exporter/stats_builder.h"

namespace virt {

// Stats with these numbers, and then these texts.
inline Stats stats_of(std::initializer_list<std::pair<std::string_view, double>> numbers,
                      std::initializer_list<std::pair<std::string_view, std::string_view>> texts = {}) {
  StatsBuilder stats;
  for (const auto& [key, number] : numbers) stats.add(key, number);
  for (const auto& [key, text] : texts) stats.add(key, text);
  return stats.build();
}

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_STATS_OF_H_
