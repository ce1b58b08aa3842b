// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/facts_cache.h"

#include <spdlog/spdlog.h>

#include <functional>
#include <string_view>
#include <utility>

#include "exporter/domain_xml.h"
#include "exporter/log.h"

namespace virt {

bool FactsCache::read(virDomainPtr domain, const std::string& name, Time now, Kept& kept) {
  const LibvirtText xml{virDomainGetXMLDesc(domain, 0)};
  kept.read_at = now;
  if (!xml) return false;  // it vanished since it was listed; the next scrape will not list it
  const std::string_view text{xml.get()};
  const std::size_t hash = std::hash<std::string_view>{}(text);
  if (kept.facts && kept.xml_hash == hash) return false;
  std::vector<std::string> problems;
  kept.facts = std::make_shared<const DomainFacts>(parse_domain_xml(text, problems));
  kept.xml_hash = hash;
  for (const std::string& problem : problems) spdlog::warn("domain {}: {}", in_quotes(name), problem);
  return true;
}

bool FactsCache::fill(std::vector<Reading>& readings, const std::unordered_set<std::string>& changed, Time now) {
  bool any_changed = false;
  std::vector<std::pair<const Reading*, const Kept*>> others;
  for (auto& [uuid, kept] : kept_) kept.present = false;
  for (Reading& reading : readings) {
    Domain& domain = reading.domain;
    Kept& kept = kept_.try_emplace(domain.uuid, Kept{domain.id, 0, Time{}, nullptr, true}).first->second;
    kept.present = true;
    const bool has_changed = !kept.facts || kept.id != domain.id || changed.count(domain.uuid) > 0;
    if (has_changed)
      read(reading.handle.get(), domain.name, now, kept);
    else
      others.emplace_back(&reading, &kept);
    any_changed = any_changed || has_changed;
    kept.id = domain.id;
    if (kept.facts) domain.facts = kept.facts;
  }
  std::erase_if(kept_, [](const auto& entry) { return !entry.second.present; });

  filled_at_ = now;
  turns_.clear();
  for (const auto& [reading, kept] :
       rotation_.choose(others, now, [](const auto& other) { return other.second->read_at; })) {
    virDomainRef(reading->handle.get());  // the reading's would keep the records of all domains
    turns_.push_back({DomainHandle{reading->handle.get()}, reading->domain.uuid, reading->domain.name});
  }
  return any_changed;
}

FactsByUuid FactsCache::refresh() {
  FactsByUuid changed;
  for (const Turn& turn : std::exchange(turns_, {}))
    if (Kept& kept = kept_.at(turn.uuid); read(turn.handle.get(), turn.name, filled_at_, kept))
      changed.emplace(turn.uuid, kept.facts);
  return changed;
}

}  // namespace virt
