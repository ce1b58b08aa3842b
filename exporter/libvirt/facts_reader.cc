// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/facts_reader.h"

#include <utility>

namespace virt {

void FactsReader::ask(std::vector<Domain>& domains, const FactsCache::Uuids& changed, Time now) {
  collect();
  cache_.outdate(changed, now);
  part_.begin_read();  // what is read from here on knows of these changes
  const auto open = part_.open();
  FactsCache::Uuids out{open.begin(), open.end()};
  for (const Domain& domain : domains)  // one that says nothing would not say this either, and others would wait for it
    if (domain.number("monitor.responding") == 0.0) out.insert(domain.uuid);
  part_.ask(cache_.choose(domains, out, now));
}

void FactsReader::give(std::vector<Domain>& domains) {
  collect();
  cache_.give(domains);
}

// Also what an earlier read asked for: it was true then, and is newer than what is known.
void FactsReader::collect() {
  for (auto& [asked, found] : part_.take_all()) {
    const std::string subject = "XML of domain " + found.uuid;
    if (found.error.empty())
      log_.no_problem(subject, "can be read again");
    else
      log_.problem(subject, found.error);
    cache_.put(std::move(found), asked);
  }
}

}  // namespace virt
