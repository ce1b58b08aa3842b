// SPDX-License-Identifier: Apache-2.0
// --domain_labels: what tells a domain's owner on every one of its series, for those who bill by project.
#ifndef VIRT_EXPORTER_TEXT_DOMAIN_LABELS_H_
#define VIRT_EXPORTER_TEXT_DOMAIN_LABELS_H_

#include <string>
#include <string_view>
#include <vector>

#include "exporter/libvirt/snapshot.h"
#include "exporter/literal.h"

namespace virt {

class DomainLabels {
 public:
  // Only "domain", which is always there.
  DomainLabels() = default;
  // From a list with commas; throws std::invalid_argument, which names what may be chosen.
  explicit DomainLabels(std::string_view list);

  struct Chosen {
    LabelName name;
    std::string_view (*value)(const Domain&);  // empty where the domain has none
  };
  const std::vector<Chosen>& chosen() const { return chosen_; }

 private:
  std::vector<Chosen> chosen_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_TEXT_DOMAIN_LABELS_H_
