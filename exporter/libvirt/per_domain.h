// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_LIBVIRT_PER_DOMAIN_H_
#define VIRT_EXPORTER_LIBVIRT_PER_DOMAIN_H_

#include <cstdint>
#include <string>
#include <unordered_map>

namespace virt {

// What is known of each domain, by UUID, for as long as the domain is there. One thread at a time.
template <typename Value>
class PerDomain {
 public:
  // The value of a domain that is still there; a new one if none is known. It stays where it is until it is forgotten.
  Value& keep(const std::string& uuid) {
    Kept& kept = kept_[uuid];
    kept.round = round_;
    return kept.value;
  }

  // Forgets the domains that were not kept since the last time.
  void forget_others() {
    std::erase_if(kept_, [this](const auto& entry) { return entry.second.round != round_; });
    ++round_;
  }

  // Null if nothing is known.
  Value* find(const std::string& uuid) {
    const auto known = kept_.find(uuid);
    return known == kept_.end() ? nullptr : &known->second.value;
  }
  const Value* find(const std::string& uuid) const {
    const auto known = kept_.find(uuid);
    return known == kept_.end() ? nullptr : &known->second.value;
  }

  template <typename Visit>
  void for_each(Visit visit) {
    for (auto& [uuid, kept] : kept_) visit(kept.value);
  }

 private:
  struct Kept {
    Value value{};
    std::uint64_t round = 0;
  };
  std::unordered_map<std::string, Kept> kept_;
  std::uint64_t round_ = 0;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_PER_DOMAIN_H_
