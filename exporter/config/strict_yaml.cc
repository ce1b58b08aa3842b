// SPDX-License-Identifier: Apache-2.0
#include "exporter/config/strict_yaml.h"

#include <cstring>
#include <sstream>
#include <stdexcept>

#include "exporter/process/log.h"
#include "exporter/text/number.h"
#include "exporter/text/words.h"

namespace virt {
namespace {

[[noreturn]] void fail_at(const std::string& file, int line, const std::string& what) {
  throw std::invalid_argument(file + ":" + std::to_string(line) + ": " + what);
}

YAML::Node load(const std::string& text, const std::string& file) {
  try {
    return YAML::Load(text);
  } catch (const YAML::Exception& error) {
    fail_at(file, error.mark.line + 1, "invalid YAML: " + in_quotes(error.msg));
  }
}

bool is_marker(const std::string& line, const char* marker) {
  return line.starts_with(marker) && (line.size() == 3 || std::strchr(" \t\r", line[3]) != nullptr);
}

bool says_nothing(const std::string& line) {
  const auto first = line.find_first_not_of(" \t\r");
  return first == std::string::npos || line[first] == '#' || line[0] == '%';
}

// The line where a second document begins, or 0. yaml-cpp reads the first only, and its LoadAll does not end for some
// texts, "!a_,b" for one.
int second_document(const std::string& text) {
  std::istringstream lines{text};
  bool begun = false, ended = false;
  int number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (says_nothing(line)) continue;
    if (ended || (begun && is_marker(line, "---"))) return number;
    ended = is_marker(line, "...");
    begun = true;
  }
  return 0;
}

// Text in quotes is text, even if it looks like a number.
bool is_quoted(const YAML::Node& node) { return node.Tag() == "!"; }

}  // namespace

YamlValue YamlValue::parse(const std::string& text, const std::string& file) {
  const YAML::Node document = load(text, file);
  if (const int line = second_document(text)) fail_at(file, line, "a second document starts here; only one is allowed");
  return {document, file, 1, ""};
}

void YamlValue::fail(const std::string& what) const {
  fail_at(file_, line_, key_.empty() ? what : one_line(key_) + ": " + what);
}

YamlValue YamlValue::value_of(const YAML::Node& key, const YAML::Node& value) const {
  const int line = key.Mark().line + 1;
  if (!key.IsScalar()) fail_at(file_, line, "a key must be a scalar");
  return {value, file_, line, key.Scalar()};
}

std::map<std::string, YamlValue> YamlValue::entries() const {
  if (!node_.IsMap() && !empty()) fail("must be a mapping, \"key: value\"");
  std::map<std::string, YamlValue> all;
  for (const auto& pair : node_) {
    const YamlValue entry = value_of(pair.first, pair.second);
    if (const auto [first, is_new] = all.emplace(entry.key_, entry); !is_new)
      fail_at(file_, entry.line_,
              "key " + in_quotes(entry.key_) + " is a duplicate, first used in line " +
                  std::to_string(first->second.line_));
  }
  return all;
}

void YamlValue::mapping(const std::map<std::string, Use>& fields) const {
  for (const auto& [key, value] : entries()) {
    const auto field = fields.find(key);
    if (field != fields.end()) {
      field->second(value);
      continue;
    }
    std::vector<std::string_view> known;
    known.reserve(fields.size());
    for (const auto& [name, use] : fields) known.emplace_back(name);
    fail_at(file_, value.line_, "unknown key " + in_quotes(key) + "; known keys: " + join(known, ", "));
  }
}

std::vector<YamlValue> YamlValue::list() const {
  if (!node_.IsSequence() && !empty()) fail("must be a list");
  std::vector<YamlValue> items;
  for (const YAML::Node& item : node_) items.push_back({item, file_, item.Mark().line + 1, key_});
  return items;
}

const std::string& YamlValue::scalar(const char* kind) const {
  if (!node_.IsScalar()) fail(std::string{"must be "} + kind);
  return node_.Scalar();
}

std::string YamlValue::text() const { return empty() ? "" : scalar("text"); }

bool YamlValue::boolean(bool by_default) const {
  constexpr char kKind[] = "true or false";
  if (empty()) return by_default;
  bool value = false;
  if (scalar(kKind); is_quoted(node_) || !YAML::convert<bool>::decode(node_, value))
    fail(std::string{"must be "} + kKind);
  return value;
}

int YamlValue::integer() const {
  constexpr char kKind[] = "a whole number";
  if (empty()) return 0;
  const auto value = to_number<int>(scalar(kKind));
  if (is_quoted(node_) || !value) fail(std::string{"must be "} + kKind);
  return *value;
}

}  // namespace virt
