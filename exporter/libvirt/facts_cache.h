// SPDX-License-Identifier: Apache-2.0
// Each domain's XML, read and parsed once and kept.
#ifndef VIRT_EXPORTER_LIBVIRT_FACTS_CACHE_H_
#define VIRT_EXPORTER_LIBVIRT_FACTS_CACHE_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "exporter/libvirt/rotation.h"
#include "exporter/libvirt/statistics.h"
#include "exporter/snapshot.h"

namespace virt {

using FactsByUuid = std::unordered_map<std::string, std::shared_ptr<const DomainFacts>>;

// Gives the domain its facts, if they are among these.
inline void give(const FactsByUuid& facts, Domain& domain) {
  if (const auto found = facts.find(domain.uuid); found != facts.end()) domain.facts = found->second;
}

// Of one connection: when it is lost, nothing is known about what changed since. One thread at a time.
class FactsCache {
 public:
  using Time = std::chrono::steady_clock::time_point;

  // Some changes raise no event (the state of a link, the balloon's period). So XML is read again in
  // rotation, as many domains with each scrape as it takes to reach all within `refresh`.
  explicit FactsCache(std::chrono::duration<double> refresh) : rotation_(refresh) {}

  // Gives each domain its facts. XML is read for domains that are new, that were started or stopped since, and that
  // `changed` names by UUID. Domains that are not in `readings` are forgotten. Whether any was read.
  bool fill(std::vector<Reading>& readings, const std::unordered_set<std::string>& changed, Time now);

  // Whether there are others whose turn it was at the last fill(). A turn that is not taken comes again.
  bool has_turns() const { return !turns_.empty(); }
  // Reads their XML, once. Gives the facts that are others now.
  FactsByUuid refresh();

 private:
  struct Kept {
    unsigned id;           // libvirt's number of the running domain; changes with every start
    std::size_t xml_hash;  // XML that did not change is not parsed again, nor complained about
    Time read_at;
    std::shared_ptr<const DomainFacts> facts;
    bool present;
  };

  struct Turn {
    DomainHandle handle;
    std::string uuid, name;
  };

  // Whether its facts are others now.
  static bool read(virDomainPtr domain, const std::string& name, Time now, Kept& kept);

  Rotation rotation_;
  std::unordered_map<std::string, Kept> kept_;  // by UUID
  Time filled_at_{};                            // and the turns are of then, so that XML counts as rather too old
  std::vector<Turn> turns_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_FACTS_CACHE_H_
