// SPDX-License-Identifier: Apache-2.0
// --plugin_settings: what plug-ins are told.
#ifndef VIRT_EXPORTER_CONFIG_PLUGIN_SETTINGS_H_
#define VIRT_EXPORTER_CONFIG_PLUGIN_SETTINGS_H_

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "exporter/settings.h"

namespace virt {

// One thread at a time.
class PluginSettings {
 public:
  PluginSettings() = default;
  // From a list with commas of NAME:KEY=VALUE, NAME being a pollster's or a source's. Throws std::invalid_argument for
  // what has another form, or sets a key twice.
  explicit PluginSettings(std::string_view list);

  // Those of the pollster or source `name`; live as long as this.
  const Settings& of(std::string_view name) const;

  // When all are made that are used: throws std::invalid_argument if settings have a name that nobody asked of() about,
  // or a key that the one they are for does not know.
  void check_all_are_known() const;

 private:
  struct Given {
    Settings settings;
    bool is_known = false;
  };
  mutable std::map<std::string, Given, std::less<>> given_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_CONFIG_PLUGIN_SETTINGS_H_
