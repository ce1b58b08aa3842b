// SPDX-License-Identifier: Apache-2.0
// Items of which there are too many to keep, and many that are equal in all that is known of them.
#ifndef VIRT_EXPORTER_OPENSTACK_EQUAL_ITEMS_H_
#define VIRT_EXPORTER_OPENSTACK_EQUAL_ITEMS_H_

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "exporter/openstack/snapshot.h"

namespace virt {

// Keeps one of those that are equal, and counts them. Of one thread.
class EqualItems {
 public:
  // `fields` are all keys that the items may have; they outlive it.
  explicit EqualItems(const std::vector<std::string_view>& fields) : fields_(&fields) {}

  void add(const CloudItems& items);
  // How many were added.
  std::size_t size() const { return size_; }
  // Gives the different ones, in the order in which they came; "#" is how many each stands for. It is empty afterwards.
  CloudItems take();

 private:
  std::string values(const Stats& item) const;

  const std::vector<std::string_view>* fields_;
  std::size_t size_ = 0;
  CloudItems different_;
  std::vector<std::size_t> counts_;                      // as different_
  std::unordered_map<std::string, std::size_t> places_;  // in different_, by values
};

}  // namespace virt

#endif  // VIRT_EXPORTER_OPENSTACK_EQUAL_ITEMS_H_
