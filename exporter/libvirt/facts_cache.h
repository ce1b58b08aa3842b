// SPDX-License-Identifier: Apache-2.0
// What each domain's XML says, and whose XML is to be read now.
#ifndef VIRT_EXPORTER_LIBVIRT_FACTS_CACHE_H_
#define VIRT_EXPORTER_LIBVIRT_FACTS_CACHE_H_

#include <chrono>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "exporter/libvirt/per_domain.h"
#include "exporter/libvirt/rotation.h"
#include "exporter/libvirt/snapshot.h"
#include "exporter/libvirt/xml_connection.h"
#include "exporter/threads/time.h"

namespace virt {

// Does no I/O. One thread at a time. Domains go by UUID.
class FactsCache {
 public:
  using Uuids = std::unordered_set<std::string>;

  // Some changes raise no event (the state of a link, the balloon's period). So XML is read again in
  // rotation, as many domains with each scrape as it takes to reach all within `refresh`.
  explicit FactsCache(std::chrono::duration<double> refresh) : rotation_(refresh) {}

  // The XML of these domains has changed; or that of all may have.
  void outdate(const Uuids& changed, Time now);
  void outdate_all(Time now);

  // A read begins, which found these domains: gives them the facts that are known, and forgets all others. Returns
  // whose XML is to be read now: first of those that are new, started or stopped, or whose XML is outdated; then of
  // those whose turn it is; but of none in `out`, which are being read. What is not put() comes again the next time.
  std::vector<WantedXml> choose(std::vector<Domain>& domains, const Uuids& out, Time now);

  // What was found of a domain that choose() wanted at `asked`.
  void put(FoundXml found, Time asked);

  // Gives these domains the facts that are others since choose().
  void give(std::vector<Domain>& domains) const;

 private:
  struct Kept {
    unsigned id = 0;  // libvirt's number of the running domain; changes with every start
    bool is_outdated = true;
    Time changed{}, read{};
    std::size_t hash = 0;
    std::shared_ptr<const DomainFacts> facts = nullptr;

    void outdate(Time now) {
      is_outdated = true;
      changed = now;
    }
  };

  const Kept& look_at(const Domain& domain, Time now);

  Rotation rotation_;
  PerDomain<Kept> kept_;
  std::unordered_map<std::string, std::shared_ptr<const DomainFacts>> new_;  // since choose()
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_FACTS_CACHE_H_
