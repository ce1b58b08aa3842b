// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/facts_cache.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <functional>

#include "exporter/domain_xml.h"
#include "exporter/libvirt/rotation.h"
#include "exporter/log.h"

namespace virt {

void FactsCache::read(const Reading& reading, Kept& kept, Time now) {
  const LibvirtText xml{virDomainGetXMLDesc(reading.handle.get(), 0)};
  kept.read_at = now;
  if (!xml) return;  // it vanished since it was listed; the next scrape will not list it
  const std::string_view text{xml.get()};
  const std::size_t hash = std::hash<std::string_view>{}(text);
  if (kept.facts && kept.xml_hash == hash) return;
  std::vector<std::string> problems;
  kept.facts = std::make_shared<const DomainFacts>(parse_domain_xml(text, problems));
  kept.xml_hash = hash;
  for (const std::string& problem : problems) spdlog::warn("domain {}: {}", quoted(reading.domain.name), problem);
}

bool FactsCache::fill(std::vector<Reading>& readings, const std::unordered_set<std::string>& changed, Time now) {
  bool any_changed = false;
  std::vector<std::pair<Reading*, Kept*>> all, oldest;
  for (auto& [uuid, kept] : kept_) kept.present = false;
  for (Reading& reading : readings) {
    const unsigned id = reading.domain.id;
    Kept& kept = kept_.try_emplace(reading.domain.uuid, Kept{id, 0, Time{}, nullptr, true}).first->second;
    kept.present = true;
    all.emplace_back(&reading, &kept);
    const bool has_changed = !kept.facts || kept.id != id || changed.count(reading.domain.uuid) > 0;
    if (has_changed)
      read(reading, kept, now);
    else
      oldest.emplace_back(&reading, &kept);
    any_changed = any_changed || has_changed;
    kept.id = id;
  }
  std::erase_if(kept_, [](const auto& entry) { return !entry.second.present; });

  pace_.tick(now);
  const auto due = std::count_if(oldest.begin(), oldest.end(), [&](const auto& domain) {
    return is_due(now - domain.second->read_at, pace_, refresh_);
  });
  const auto number = std::min(turn(readings.size(), static_cast<std::size_t>(due), pace_, refresh_), oldest.size());
  std::partial_sort(oldest.begin(), oldest.begin() + static_cast<std::ptrdiff_t>(number), oldest.end(),
                    [](const auto& a, const auto& b) { return a.second->read_at < b.second->read_at; });
  for (std::size_t i = 0; i < number; ++i) read(*oldest[i].first, *oldest[i].second, now);
  for (const auto& [reading, kept] : all)
    if (kept->facts) reading->domain.facts = kept->facts;
  return any_changed;
}

}  // namespace virt
