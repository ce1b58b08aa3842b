// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/equal_items.h"

#include <charconv>
#include <iterator>
#include <utility>

#include "exporter/stats_builder.h"

namespace virt {
namespace {

// With all digits that tell it from other numbers.
std::string digits(double number) {
  char text[32];
  return {text, std::to_chars(std::begin(text), std::end(text), number).ptr};
}

}  // namespace

// Values that differ give different texts.
std::string EqualItems::values(const Stats& item) const {
  std::string all;
  for (const std::string_view field : *fields_) {
    if (const auto text = item.text(field))
      all.append("t").append(std::to_string(text->size())).append(":").append(*text);
    else if (const auto number = item.number(field))
      all.append("n").append(digits(*number)).append(":");
    else
      all.append("-");
  }
  return all;
}

void EqualItems::add(const CloudItems& items) {
  for (const Stats& item : items) {
    const auto [place, is_new] = places_.try_emplace(values(item), different_.size());
    if (is_new) {
      different_.push_back(item);
      counts_.push_back(0);
    }
    ++counts_[place->second];
  }
  size_ += items.size();
}

CloudItems EqualItems::take() {
  for (std::size_t i = 0; i < different_.size(); ++i) {
    StatsBuilder count;
    count.add("#", static_cast<double>(counts_[i]));
    extend(different_[i], count.build());
  }
  size_ = 0;
  counts_.clear();
  places_.clear();
  return std::exchange(different_, {});
}

}  // namespace virt
