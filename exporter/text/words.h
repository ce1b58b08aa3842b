// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_TEXT_WORDS_H_
#define VIRT_EXPORTER_TEXT_WORDS_H_

#include <string>
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

// The words with the separator between them.
template <typename Words>
std::string join(const Words& words, std::string_view separator) {
  std::string text;
  for (const auto& word : words) text.append(&word == &*words.begin() ? "" : separator).append(word);
  return text;
}

// With ASCII's letters in lower case, in any locale.
inline std::string lower(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

}  // namespace virt

#endif  // VIRT_EXPORTER_TEXT_WORDS_H_
