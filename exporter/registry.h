// SPDX-License-Identifier: Apache-2.0
// All pollsters that the program and its plug-ins brought, by "namespace.name".
#ifndef VIRT_EXPORTER_REGISTRY_H_
#define VIRT_EXPORTER_REGISTRY_H_

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/pollster.h"

namespace virt {

struct NamedPollster {
  std::string name;
  std::shared_ptr<const Pollster> pollster;
  bool by_default;  // enabled unless --pollsters says otherwise
};

// The records of all pollsters that registered themselves so far; the newest first.
const virt_pollster_record* registered_pollsters();

// Makes every registered pollster, sorted by name. Throws std::runtime_error if two have one name.
std::vector<NamedPollster> make_pollsters();

// Those that `patterns` (see selection.h) choose. Throws std::invalid_argument for patterns that name
// nothing, and std::runtime_error if two of the chosen, or one of them and the exporter itself, claim the
// same family.
std::vector<NamedPollster> choose_pollsters(const std::vector<NamedPollster>& all, std::string_view patterns);

}  // namespace virt

#endif  // VIRT_EXPORTER_REGISTRY_H_
