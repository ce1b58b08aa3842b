// SPDX-License-Identifier: Apache-2.0
#include "tests/support/libvirt_header.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <stdexcept>

namespace virt {
namespace {

std::string folder() {
  const char* other = std::getenv("VIRT_EXPORTER_LIBVIRT_HEADERS");
  return other != nullptr ? other : VIRT_EXPORTER_LIBVIRT_HEADERS;
}

std::string without_comments(std::string text) {
  for (auto start = text.find("/*"); start != std::string::npos; start = text.find("/*", start))
    text.erase(start, text.find("*/", start + 2) + 2 - start);
  return text;
}

// "3", "1 << 3", "(1 << 3)"
int value_of(const std::string& expression) {
  static const std::regex number{R"(\(?\s*(\d+)\s*(?:<<\s*(\d+)\s*)?\)?\s*)"};
  std::smatch parts;
  if (!std::regex_match(expression, parts, number)) throw std::invalid_argument("not a number: " + expression);
  return parts[2].matched ? std::stoi(parts[1]) << std::stoi(parts[2]) : std::stoi(parts[1]);
}

}  // namespace

LibvirtHeaders::LibvirtHeaders() {
  for (const auto& file : std::filesystem::directory_iterator{folder()}) {
    std::ifstream stream{file.path()};
    text_ += without_comments({std::istreambuf_iterator<char>{stream}, {}});
  }
}

// Each with what stands behind its "=", if anything does.
std::vector<std::pair<std::string, std::string>> LibvirtHeaders::declarations(const std::string& type) const {
  std::vector<std::pair<std::string, std::string>> declarations;
  const auto end = text_.find("} " + type + ";");
  if (end == std::string::npos) return declarations;
  const auto start = text_.rfind('{', end);
  const std::string body = text_.substr(start, end - start);
  static const std::regex member{R"((VIR_\w+)\s*(?:=\s*([^,#\n]+))?[,\n])"};
  for (std::sregex_iterator it{body.begin(), body.end(), member}; it != std::sregex_iterator{}; ++it)
    if (const std::string name = (*it)[1]; name != "VIR_ENUM_SENTINELS" && !name.ends_with("_LAST"))
      declarations.emplace_back(name, (*it)[2]);
  return declarations;
}

std::vector<std::string> LibvirtHeaders::names(const std::string& type) const {
  std::vector<std::string> names;
  for (const auto& [name, value] : declarations(type)) names.push_back(name);
  return names;
}

std::vector<std::pair<std::string, int>> LibvirtHeaders::members(const std::string& type) const {
  std::vector<std::pair<std::string, int>> members;
  int next = 0;
  for (const auto& [name, value] : declarations(type)) {
    members.emplace_back(name, value.empty() ? next : value_of(value));
    next = members.back().second + 1;
  }
  return members;
}

std::map<std::string, std::string> LibvirtHeaders::texts(const std::string& prefix) const {
  std::map<std::string, std::string> texts;
  const std::regex macro{R"(define\s+()" + prefix + R"(\w*)[\s\\]+"([^"]*)\")"};
  for (std::sregex_iterator it{text_.begin(), text_.end(), macro}; it != std::sregex_iterator{}; ++it)
    texts.emplace((*it)[1], (*it)[2]);
  return texts;
}

std::string LibvirtHeaders::parameters(const std::string& callback) const {
  const std::string start = "(*" + callback + ")(";
  const auto found = text_.find(start);
  if (found == std::string::npos) return "";
  const auto first = found + start.size();
  return std::regex_replace(text_.substr(first, text_.find(')', first) - first), std::regex{R"(\s+)"}, " ");
}

}  // namespace virt
