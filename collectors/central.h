// SPDX-License-Identifier: Apache-2.0
// What the pollsters of OpenStack's APIs have in common.
#ifndef VIRT_EXPORTER_COLLECTORS_CENTRAL_H_
#define VIRT_EXPORTER_COLLECTORS_CENTRAL_H_

#include <array>
#include <charconv>
#include <cmath>
#include <iterator>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/openstack/snapshot.h"

namespace virt::central {

// As a label: empty where the item has none.
inline std::string_view text(const Stats& item, std::string_view key) { return item.text(key).value_or(""); }

// A whole number, however large: what comes from an API may be beyond all integers.
template <typename Item>
std::string number_text(const Item& item, std::string_view key) {
  const auto number = item.number(key);
  if (!number) return "";
  char text[512];
  return {text, std::to_chars(std::begin(text), std::end(text), std::trunc(*number), std::chars_format::fixed).ptr};
}

inline std::string_view flag_text(const Stats& item, std::string_view key) {
  const auto flag = item.number(key);
  return !flag ? "" : *flag != 0 ? "true" : "false";
}

// The hosts of one of Nova's aggregates.
inline std::vector<std::string> hosts_of(const Stats& aggregate) {
  std::vector<std::string> hosts;
  while (const auto host = aggregate.text("hosts." + std::to_string(hosts.size()))) hosts.emplace_back(*host);
  return hosts;
}

// How many equal ones of the list it stands for.
inline double number_of(const Stats& item) { return item.number("#").value_or(1); }

// How many items have the same values of these keys, which are texts.
template <std::size_t kSize>
std::map<std::array<std::string_view, kSize>, double> count_by(const CloudItems& items,
                                                               const std::array<std::string_view, kSize>& keys) {
  std::map<std::array<std::string_view, kSize>, double> counts;
  for (const Stats& item : items) {
    std::array<std::string_view, kSize> values;
    for (std::size_t i = 0; i < kSize; ++i) values[i] = text(item, keys[i]);
    counts[values] += number_of(item);
  }
  return counts;
}

template <typename Condition>
double count_if(const CloudItems& items, Condition condition) {
  double count = 0;
  for (const Stats& item : items) count += condition(item) ? number_of(item) : 0;
  return count;
}

inline void sample_count(const Meter& meter, const CloudItems* items, Counters& counters) {
  if (items != nullptr) counters.sample(meter, count_if(*items, [](const Stats&) { return true; }), {});
}

}  // namespace virt::central

#endif  // VIRT_EXPORTER_COLLECTORS_CENTRAL_H_
