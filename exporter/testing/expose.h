// SPDX-License-Identifier: Apache-2.0
// For tests of pollsters and of plug-ins' sources: a snapshot in, exposition text out, as the program would write it.
// The test is linked with the sources that are to be tested; they register themselves.
#ifndef VIRT_EXPORTER_TESTING_EXPOSE_H_
#define VIRT_EXPORTER_TESTING_EXPOSE_H_

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "exporter/snapshot.h"

namespace virt {

// As --plugin_settings would give them: value by key.
using TestSettings = std::map<std::string, std::string, std::less<>>;

// These do it for a source known by name; tests call the templates below.
std::string expose(std::string_view pollster, std::string_view source, const SnapshotBase& snapshot,
                   const TestSettings& settings);
std::shared_ptr<const SnapshotBase> read_source(std::string_view source, const TestSettings& settings);

// Returns the exposition text of one pollster, "namespace.name", for a snapshot of its source. Throws what the pollster
// throws; std::logic_error for counters that Prometheus would refuse; and std::invalid_argument if no pollster of that
// name is linked in, if it is one of another source, or if it has not asked for one of the settings.
template <typename S>
std::string expose(std::string_view pollster, const S& snapshot, const TestSettings& settings = {}) {
  return expose(pollster, S::kSource, snapshot, settings);
}

// Makes the source whose snapshots are `S` and reads it once, without a deadline. Throws what the source throws; and
// std::invalid_argument if no such source is linked in, or if it has not asked for one of the settings.
template <typename S>
std::shared_ptr<const S> read_source(const TestSettings& settings = {}) {
  return std::static_pointer_cast<const S>(read_source(S::kSource, settings));
}

// The lines of an exposition text that are neither HELP nor TYPE.
std::string samples_only(const std::string& text);

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTING_EXPOSE_H_
