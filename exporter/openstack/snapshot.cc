// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/snapshot.h"

#include <chrono>

#include "exporter/text/number.h"

namespace virt {

std::optional<double> unix_time(std::string_view text) {
  if (text.size() < 19 || text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':')
    return std::nullopt;
  const auto part = [&](std::size_t at, std::size_t size) { return to_number<unsigned>(text.substr(at, size)); };
  const auto year = part(0, 4), month = part(5, 2), day = part(8, 2);
  const auto hour = part(11, 2), minute = part(14, 2), second = part(17, 2);
  if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year{static_cast<int>(*year)}, std::chrono::month{*month},
                                         std::chrono::day{*day}};
  if (!date.ok()) return std::nullopt;
  const std::chrono::seconds midnight = std::chrono::sys_days{date}.time_since_epoch();
  return static_cast<double>(midnight.count()) + *hour * 3600.0 + *minute * 60.0 + *second;
}

}  // namespace virt
