// SPDX-License-Identifier: Apache-2.0
// A pollster seen as a Prometheus collector: its Counters of one snapshot as labelled gauges, counters and histograms,
// family by family, straight into the text of the scrape.
#ifndef VIRT_EXPORTER_COLLECTOR_H_
#define VIRT_EXPORTER_COLLECTOR_H_

#include <vector>

#include "exporter/domain_labels.h"
#include "exporter/pollster.h"
#include "exporter/text_format.h"

namespace virt {

// Writes the families of `counters`, in the order in which they first appear: one family for each name, no series
// twice (the first one stays), all text valid UTF-8. Throws std::logic_error, and writes nothing, if a counter's meter
// is not in one of the tables, it has no resource, or a label's name is none.
void write_families(const std::vector<Meters>& tables, const Counters& counters, const DomainLabels& labels,
                    Pieces& pieces);

// Borrows all three for as long as it lives, which is one scrape.
class Collector {
 public:
  Collector(const Pollster& pollster, const Snapshot& snapshot, const DomainLabels& labels)
      : pollster_(pollster), snapshot_(snapshot), labels_(labels) {}

  // Throws what the pollster throws: then there is nothing of it in this scrape.
  void collect(Pieces& pieces) const {
    write_families(pollster_.meters(), pollster_.get_counters(snapshot_), labels_, pieces);
  }

 private:
  const Pollster& pollster_;
  const Snapshot& snapshot_;
  const DomainLabels& labels_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_COLLECTOR_H_
