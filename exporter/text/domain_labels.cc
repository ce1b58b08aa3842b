// SPDX-License-Identifier: Apache-2.0
#include "exporter/text/domain_labels.h"

#include <algorithm>
#include <stdexcept>

#include "exporter/text/words.h"

namespace virt {
namespace {

template <std::string Nova::*kMember>
std::string_view nova(const Domain& domain) {
  return domain.facts->nova ? std::string_view{(*domain.facts->nova).*kMember} : std::string_view{};
}

constexpr DomainLabels::Chosen kChoices[] = {
    {"uuid", [](const Domain& domain) -> std::string_view { return domain.uuid; }},
    {"instance_name", nova<&Nova::name>},
    {"project_id", nova<&Nova::project_id>},
    {"project_name", nova<&Nova::project_name>},
    {"user_id", nova<&Nova::user_id>},
    {"user_name", nova<&Nova::user_name>},
    {"flavor_name", nova<&Nova::flavor_name>},
    {"title", [](const Domain& domain) -> std::string_view { return domain.facts->title; }},
    {"os", [](const Domain& domain) -> std::string_view { return domain.facts->os; }},
};

std::string all_choices() {
  std::string names = "domain";
  for (const auto& choice : kChoices) names.append(", ").append(choice.name);
  return names;
}

}  // namespace

DomainLabels::DomainLabels(std::string_view list) {
  for (const std::string_view name : split(list, ',')) {
    if (name == "domain") continue;
    const auto choice = std::find_if(std::begin(kChoices), std::end(kChoices), [&](auto& c) { return c.name == name; });
    if (choice == std::end(kChoices))
      throw std::invalid_argument("--domain_labels: unknown label '" + std::string{name} + "'; choose from " +
                                  all_choices());
    const auto same = [&](const Chosen& known) { return known.name == name; };
    if (std::none_of(chosen_.begin(), chosen_.end(), same)) chosen_.push_back(*choice);
  }
}

}  // namespace virt
