// SPDX-License-Identifier: Apache-2.0
// The settings of a plug-in's pollsters and sources.
#ifndef VIRT_EXPORTER_SETTINGS_H_
#define VIRT_EXPORTER_SETTINGS_H_

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#pragma GCC visibility push(default)  // plug-ins find it in the program

namespace virt {

// What --plugin_settings says for one pollster or source. A class that is registered gets them if its constructor takes
// `const Settings&`; it keeps what it needs, as they do not outlive the constructor. One thread at a time.
class Settings {
 public:
  Settings() = default;
  explicit Settings(std::map<std::string, std::string, std::less<>> values) : values_(std::move(values)) {}

  // The value of `key`; nothing if it is not set. A key that is set and that nobody asks for ends the start with an
  // error, so that no misspelt one goes unnoticed.
  std::optional<std::string_view> get(std::string_view key) const;

  // A key that is set and was not asked for.
  std::optional<std::string_view> unknown() const;

 private:
  std::map<std::string, std::string, std::less<>> values_;
  mutable std::set<std::string, std::less<>> asked_;
};

// Makes an object of the class for a record, as a pointer to its base.
template <typename Base, typename Class>
void* make_registered(const void* settings) {
  if constexpr (std::is_constructible_v<Class, const Settings&>)
    return static_cast<Base*>(new Class(*static_cast<const Settings*>(settings)));
  else
    return static_cast<Base*>(new Class);
}

}  // namespace virt

#pragma GCC visibility pop

#endif  // VIRT_EXPORTER_SETTINGS_H_
