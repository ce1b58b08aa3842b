// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/facts_cache.h"

#include <algorithm>
#include <utility>

namespace virt {

void FactsCache::outdate(const Uuids& changed, Time now) {
  for (const std::string& uuid : changed)
    if (const auto known = kept_.find(uuid); known != kept_.end()) known->second.outdate(now);
}

void FactsCache::outdate_all(Time now) {
  for (auto& [uuid, kept] : kept_) kept.outdate(now);
}

const FactsCache::Kept& FactsCache::look_at(const Domain& domain, Time now) {
  Kept& kept = kept_[domain.uuid];
  if (kept.id != domain.id) kept.outdate(now);
  kept.id = domain.id;
  kept.present = true;
  return kept;
}

std::vector<WantedXml> FactsCache::choose(std::vector<Domain>& domains, const Uuids& out, Time now) {
  using Candidate = std::pair<const Domain*, const Kept*>;
  std::vector<Candidate> wanted, others;
  new_.clear();
  for (auto& [uuid, kept] : kept_) kept.present = false;
  for (Domain& domain : domains) {
    const Kept& kept = look_at(domain, now);
    if (kept.facts) domain.facts = kept.facts;
    if (out.count(domain.uuid) == 0) (!kept.facts || kept.is_outdated ? wanted : others).emplace_back(&domain, &kept);
  }
  std::erase_if(kept_, [](const auto& entry) { return !entry.second.present; });

  others = rotation_.choose(std::move(others), now, [](const Candidate& other) { return other.second->read; });
  wanted.insert(wanted.end(), others.begin(), others.end());
  std::vector<WantedXml> chosen;
  chosen.reserve(wanted.size());
  for (const auto& [domain, kept] : wanted)
    chosen.push_back({domain->uuid, domain->name, kept->facts ? std::optional{kept->hash} : std::nullopt});
  return chosen;
}

void FactsCache::put(FoundXml found, Time asked) {
  const auto known = kept_.find(found.uuid);
  if (known == kept_.end()) return;  // it is gone
  Kept& kept = known->second;
  kept.read = std::max(kept.read, asked);
  if (kept.changed <= asked) kept.is_outdated = false;
  if (!found.facts) return;
  kept.hash = found.hash;
  kept.facts = new_[found.uuid] = std::move(found.facts);
}

void FactsCache::give(std::vector<Domain>& domains) const {
  if (new_.empty()) return;
  for (Domain& domain : domains)
    if (const auto found = new_.find(domain.uuid); found != new_.end()) domain.facts = found->second;
}

}  // namespace virt
