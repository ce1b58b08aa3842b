// SPDX-License-Identifier: Apache-2.0
#include "exporter/config/plugin_settings.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "exporter/text/words.h"

namespace virt {
namespace {

[[noreturn]] void refuse(const std::string& problem) { throw std::invalid_argument("--plugin_settings: " + problem); }

}  // namespace

PluginSettings::PluginSettings(std::string_view list) {
  std::map<std::string, std::map<std::string, std::string, std::less<>>> values;
  for (const std::string_view entry : split(list, ',')) {
    const auto equals = std::min(entry.find('='), entry.size());
    const auto colon = entry.substr(0, equals).find(':');
    if (equals == entry.size() || colon == std::string_view::npos || colon == 0 || colon + 1 == equals)
      refuse("'" + std::string{entry} + "' is not NAME:KEY=VALUE");
    const std::string name{entry.substr(0, colon)}, key{entry.substr(colon + 1, equals - colon - 1)};
    if (!values[name].emplace(key, entry.substr(equals + 1)).second) refuse(name + ":" + key + " is set twice");
  }
  for (auto& [name, settings] : values) given_[name].settings = Settings{std::move(settings)};
}

const Settings& PluginSettings::of(std::string_view name) const {
  static const Settings none;
  const auto given = given_.find(name);
  if (given == given_.end()) return none;
  given->second.is_known = true;
  return given->second.settings;
}

void PluginSettings::check_all_are_known() const {
  for (const auto& [name, given] : given_) {
    if (!given.is_known) refuse("there is no pollster or source '" + name + "' that is in use");
    if (const auto key = given.settings.unknown()) refuse(name + " has no setting '" + std::string{*key} + "'");
  }
}

}  // namespace virt
