// SPDX-License-Identifier: Apache-2.0
#include "exporter/testing/expose.h"

#include <chrono>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "exporter/plugin.h"
#include "exporter/registered.h"
#include "exporter/text/families.h"

namespace virt {
namespace {

[[noreturn]] void refuse(std::string_view name, const std::string& problem) {
  throw std::invalid_argument(std::string{name} + problem);
}

// Makes what is registered as `name`, which the caller owns.
template <typename Base, typename Record>
std::unique_ptr<Base> make(const Record* newest, std::string_view name, const TestSettings& values) {
  const Record* record = newest;
  while (record != nullptr && record->name != name) record = record->next;
  if (record == nullptr) refuse(name, " is not registered: is its source file linked with the test?");
  if (record->abi != std::string_view{VIRT_EXPORTER_ABI})
    refuse(name, std::string{" was built for "} + record->abi + "; the test kit is of " + VIRT_EXPORTER_ABI);
  const Settings settings{values};
  std::unique_ptr<Base> made{static_cast<Base*>(record->create(&settings))};
  if (const auto key = settings.unknown()) refuse(name, " has no setting '" + std::string{*key} + "'");
  return made;
}

}  // namespace

std::string expose(std::string_view name, std::string_view source, const SnapshotBase& snapshot,
                   const TestSettings& settings) {
  const auto pollster = make<PollsterBase>(registered_pollsters(), name, settings);
  if (pollster->source() != source)
    refuse(name, " takes snapshots of " + std::string{pollster->source()} + ", not of " + std::string{source});
  return families_text(pollster->meters(), pollster->counters(snapshot));
}

std::shared_ptr<const SnapshotBase> read_source(std::string_view name, const TestSettings& settings) {
  constexpr Needs kEverything = ~Needs{0};
  return make<BlockingSource>(registered_sources(), name, settings)
      ->read(kEverything, std::chrono::steady_clock::time_point::max());
}

std::string samples_only(const std::string& text) {
  std::istringstream lines{text};
  std::string samples;
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with('#')) samples += line + "\n";
  return samples;
}

}  // namespace virt
