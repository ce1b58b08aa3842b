// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/facts_cache.h"

#include <algorithm>
#include <utility>

namespace virt {

void FactsCache::outdate(const Uuids& changed, Time now) {
  for (const std::string& uuid : changed)
    if (Kept* kept = kept_.find(uuid)) kept->outdate(now);
}

void FactsCache::outdate_all(Time now) {
  kept_.for_each([now](Kept& kept) { kept.outdate(now); });
}

const FactsCache::Kept& FactsCache::look_at(const Domain& domain, Time now) {
  Kept& kept = kept_.keep(domain.uuid);
  if (kept.id != domain.id) kept.outdate(now);
  kept.id = domain.id;
  return kept;
}

std::vector<WantedXml> FactsCache::choose(std::vector<Domain>& domains, const Uuids& out, Time now) {
  using Candidate = std::pair<const Domain*, const Kept*>;
  std::vector<Candidate> wanted, others;
  new_.clear();
  for (Domain& domain : domains) {
    const Kept& kept = look_at(domain, now);
    if (kept.facts) domain.facts = kept.facts;
    if (out.count(domain.uuid) == 0) (!kept.facts || kept.is_outdated ? wanted : others).emplace_back(&domain, &kept);
  }
  kept_.forget_others();

  others = rotation_.choose(std::move(others), now, [](const Candidate& other) { return other.second->read; });
  wanted.insert(wanted.end(), others.begin(), others.end());
  std::vector<WantedXml> chosen;
  chosen.reserve(wanted.size());
  for (const auto& [domain, kept] : wanted)
    chosen.push_back({domain->uuid, domain->name, kept->facts ? std::optional{kept->hash} : std::nullopt});
  return chosen;
}

void FactsCache::put(FoundXml found, Time asked) {
  Kept* kept = kept_.find(found.uuid);
  if (kept == nullptr) return;  // it is gone
  kept->read = std::max(kept->read, asked);
  if (kept->changed <= asked) kept->is_outdated = false;
  if (!found.facts) return;
  kept->hash = found.hash;
  kept->facts = new_[found.uuid] = std::move(found.facts);
}

void FactsCache::give(std::vector<Domain>& domains) const {
  if (new_.empty()) return;
  for (Domain& domain : domains)
    if (const auto found = new_.find(domain.uuid); found != new_.end()) domain.facts = found->second;
}

}  // namespace virt
