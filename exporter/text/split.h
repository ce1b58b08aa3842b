// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_TEXT_SPLIT_H_
#define VIRT_EXPORTER_TEXT_SPLIT_H_

#include <string_view>
#include <vector>

namespace virt {

// The parts of `text` between separators, without blanks around them and without empty ones.
inline std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    std::string_view part = text.substr(0, text.find(separator));
    text.remove_prefix(part.size() < text.size() ? part.size() + 1 : part.size());
    const auto first = part.find_first_not_of(" \t");
    if (first == std::string_view::npos) continue;
    parts.push_back(part.substr(first, part.find_last_not_of(" \t") - first + 1));
  }
  return parts;
}

}  // namespace virt

#endif  // VIRT_EXPORTER_TEXT_SPLIT_H_
