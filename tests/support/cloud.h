// SPDX-License-Identifier: Apache-2.0
// A cloud made of text: what OpenStack's APIs answer.
#ifndef VIRT_EXPORTER_TESTS_SUPPORT_CLOUD_H_
#define VIRT_EXPORTER_TESTS_SUPPORT_CLOUD_H_

#include <map>
#include <string>

#include "exporter/openstack/snapshot.h"

namespace virt {

// A snapshot with these lists, each from the text of its only page. Throws std::invalid_argument for text that is not a
// page of that list.
CloudSnapshot cloud_of(const std::map<CloudList::One, std::string>& pages);

// A page that a real service gave, shortened: tests/collectors/openstack/NAME.json.
std::string recorded(const std::string& name);

// The samples of one pollster, "namespace.name", for a snapshot.
std::string cloud_samples(const std::string& pollster, const CloudSnapshot& snapshot);

bool is_on_by_default(const std::string& pollster);

}  // namespace virt

#endif  // VIRT_EXPORTER_TESTS_SUPPORT_CLOUD_H_
