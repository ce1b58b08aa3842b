// SPDX-License-Identifier: Apache-2.0
// All pollsters that the program and its plug-ins brought, by "namespace.name".
#ifndef VIRT_EXPORTER_REGISTRY_H_
#define VIRT_EXPORTER_REGISTRY_H_

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/pollster.h"

namespace virt {

struct NamedPollster {
  NamedPollster(std::string called, std::shared_ptr<const Pollster> made, bool is_by_default)
      : name(std::move(called)),
        pollster(std::move(made)),
        by_default(is_by_default),
        meters(pollster->meters()),
        groups(pollster->groups()) {}

  std::string name;
  std::shared_ptr<const Pollster> pollster;
  bool by_default;  // enabled unless --pollsters says otherwise
  // Asked for once, so that what is checked at the start stays true.
  std::vector<Meters> meters;
  Groups groups;
};

// The records of all pollsters that registered themselves so far; the newest first.
const virt_pollster_record* registered_pollsters();

// Makes every registered pollster, sorted by name. Throws std::runtime_error if two have one name, or one cannot be
// made.
std::vector<NamedPollster> make_pollsters();

// Those that `patterns` (see selection.h) choose. Throws std::invalid_argument for patterns that name
// nothing, and std::runtime_error if two of the chosen, or one of them and the exporter itself, claim the
// same family.
std::vector<NamedPollster> choose_pollsters(const std::vector<NamedPollster>& all, std::string_view patterns);

}  // namespace virt

#endif  // VIRT_EXPORTER_REGISTRY_H_
