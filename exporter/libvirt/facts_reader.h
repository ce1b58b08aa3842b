// SPDX-License-Identifier: Apache-2.0
// The facts of domains, from their XML, which is read apart from everything else: since libvirt 11.0 that takes the
// domain's job, and so waits where another call holds the domain, for a guest that is frozen.
#ifndef VIRT_EXPORTER_LIBVIRT_FACTS_READER_H_
#define VIRT_EXPORTER_LIBVIRT_FACTS_READER_H_

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exporter/libvirt/facts_cache.h"
#include "exporter/libvirt/part.h"
#include "exporter/libvirt/xml_connection.h"
#include "exporter/process/log.h"
#include "exporter/threads/time.h"

namespace virt {

// Used like Part.
class FactsReader {
 public:
  // `refresh`: within this time the XML of each domain is read again.
  FactsReader(Part::Options options, Part::Context context, std::string uri, std::chrono::duration<double> refresh)
      : log_(context.log), cache_(refresh), part_(std::move(options), std::move(context), [uri = std::move(uri)] {
          return std::make_shared<XmlConnection>(uri);
        }) {}

  Part& part() { return part_; }
  const Part& part() const { return part_; }

  // libvirt was lost: changes may have been missed.
  void outdate_all(Time now) { cache_.outdate_all(now); }
  // The read found these domains, and the XML of those that are `changed` is another one than before: gives them the
  // facts that are known, and begins to read what is not.
  void ask(std::vector<Domain>& domains, const FactsCache::Uuids& changed, Time now);
  // Gives these domains what came since ask().
  void give(std::vector<Domain>& domains);

 private:
  void collect();

  LogOnce& log_;
  FactsCache cache_;
  PartOf<XmlConnection> part_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_FACTS_READER_H_
