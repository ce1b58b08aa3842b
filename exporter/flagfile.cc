// SPDX-License-Identifier: Apache-2.0
#include "exporter/flagfile.h"

#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <string_view>

#include "exporter/split.h"

namespace virt {
namespace {

void add_file(const std::string& file, std::vector<std::string>& arguments) {
  std::ifstream lines{file};
  if (!lines || std::filesystem::is_directory(file))
    throw std::invalid_argument("--flagfile: " + file + " cannot be read");
  for (std::string line; std::getline(lines, line);)
    for (const std::string_view flag : split(line, '\r'))
      if (!flag.starts_with('#')) arguments.emplace_back(flag);
}

}  // namespace

std::vector<std::string> expand_flagfiles(const std::vector<std::string>& arguments) {
  constexpr std::string_view kName = "flagfile", kWithValue = "flagfile=";
  std::vector<std::string> expanded;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    std::string_view flag = arguments[i];
    for (int dashes = 0; dashes < 2 && flag.starts_with('-'); ++dashes) flag.remove_prefix(1);
    const bool is_flag = flag.size() < arguments[i].size();
    if (is_flag && flag == kName && i + 1 < arguments.size())
      add_file(arguments[++i], expanded);
    else if (is_flag && flag.starts_with(kWithValue))
      add_file(std::string{flag.substr(kWithValue.size())}, expanded);
    else
      expanded.push_back(arguments[i]);
  }
  return expanded;
}

}  // namespace virt
