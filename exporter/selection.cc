// SPDX-License-Identifier: Apache-2.0
#include "exporter/selection.h"

#include <fnmatch.h>

#include <algorithm>
#include <stdexcept>

#include "exporter/text/words.h"

namespace virt {
namespace {

bool excludes(std::string_view pattern) { return pattern.starts_with('!'); }

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

void check_each_matches(const std::vector<std::string_view>& patterns, const std::vector<std::string>& names) {
  for (const std::string_view pattern : patterns) {
    const std::string_view glob = excludes(pattern) ? pattern.substr(1) : pattern;
    if (std::none_of(names.begin(), names.end(), [&](const auto& name) { return glob_matches(glob, name); }))
      throw std::invalid_argument("no pollster matches '" + std::string{glob} + "'; pollsters: " + join(names, ", "));
  }
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view name) {
  return fnmatch(std::string{pattern}.c_str(), std::string{name}.c_str(), 0) == 0;
}

std::vector<std::string> select_names(const std::vector<std::string_view>& patterns,
                                      const std::vector<std::string>& names,
                                      const std::vector<std::string>& by_default) {
  check_each_matches(patterns, names);
  const bool only_excludes = std::all_of(patterns.begin(), patterns.end(), excludes);
  std::vector<std::string> chosen;
  for (const std::string& name : names) {
    const auto excluded = [&](auto pattern) { return excludes(pattern) && glob_matches(pattern.substr(1), name); };
    const auto included = [&](auto pattern) { return !excludes(pattern) && glob_matches(pattern, name); };
    if (std::any_of(patterns.begin(), patterns.end(), excluded)) continue;
    if (only_excludes ? contains(by_default, name) : std::any_of(patterns.begin(), patterns.end(), included))
      chosen.push_back(name);
  }
  if (chosen.empty()) throw std::invalid_argument("no pollster is selected; pollsters: " + join(names, ", "));
  return chosen;
}

}  // namespace virt
