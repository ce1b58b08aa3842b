// SPDX-License-Identifier: Apache-2.0
#include "exporter/settings.h"

namespace virt {

std::optional<std::string_view> Settings::get(std::string_view key) const {
  asked_.emplace(key);
  const auto value = values_.find(key);
  if (value == values_.end()) return std::nullopt;
  return value->second;
}

std::optional<std::string_view> Settings::unknown() const {
  for (const auto& [key, value] : values_)
    if (asked_.find(key) == asked_.end()) return key;
  return std::nullopt;
}

}  // namespace virt
