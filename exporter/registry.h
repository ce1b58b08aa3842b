// SPDX-License-Identifier: Apache-2.0
// All pollsters that the program and its plug-ins brought, by "namespace.name".
#ifndef VIRT_EXPORTER_REGISTRY_H_
#define VIRT_EXPORTER_REGISTRY_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/config/plugin_settings.h"
#include "exporter/source.h"

namespace virt {

struct NamedPollster {
  NamedPollster(std::string called, std::shared_ptr<const PollsterBase> made)
      : name(std::move(called)),
        pollster(std::move(made)),
        source(pollster->source()),
        by_default(pollster->on_by_default()),
        takes_domain_labels(pollster->takes_domain_labels()),
        meters(pollster->meters()),
        needs(pollster->needs()) {}

  std::string name;
  std::shared_ptr<const PollsterBase> pollster;
  // Asked for once, so that what is checked at the start stays true.
  std::string source;
  bool by_default, takes_domain_labels;
  std::vector<Meters> meters;
  Needs needs;
};

// Makes every registered pollster, sorted by name. Throws std::runtime_error if two have one name, or one cannot be
// made.
std::vector<NamedPollster> make_pollsters(const PluginSettings& settings = {});

// The sources that plug-ins brought. Their open() throws what their constructor throws.
std::vector<SourceKind> plugin_sources(const std::shared_ptr<const PluginSettings>& settings);

// Throws std::runtime_error if two sources have one name.
void check_names(std::vector<SourceKind> sources);

// Those that `patterns` (see selection.h) choose; where they only exclude, of all, or of those that are on by default.
// Throws std::invalid_argument for patterns that match nothing.
std::vector<NamedPollster> select_pollsters(const std::vector<NamedPollster>& all,
                                            const std::vector<std::string_view>& patterns, bool only_by_default);

// Those that --pollsters chooses. Throws std::invalid_argument for patterns that name
// nothing, and std::runtime_error if two of the chosen, or one of them and the exporter or a source itself, claim the
// same family, or if one asks for a source that is not among `sources`.
std::vector<NamedPollster> choose_pollsters(const std::vector<NamedPollster>& all, std::string_view patterns,
                                            const std::vector<SourceKind>& sources);

}  // namespace virt

#endif  // VIRT_EXPORTER_REGISTRY_H_
