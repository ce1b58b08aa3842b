// SPDX-License-Identifier: Apache-2.0
// A pollster seen as a Prometheus collector: its Counters of one snapshot as labelled families.
#ifndef VIRT_EXPORTER_COLLECTOR_H_
#define VIRT_EXPORTER_COLLECTOR_H_

#include <prometheus/collectable.h>
#include <prometheus/metric_family.h>

#include <vector>

#include "exporter/domain_labels.h"
#include "exporter/pollster.h"

namespace virt {

// The families of `counters`, in the order in which they first appear: one family for each name, no
// series twice (the first one stays), all text valid UTF-8. Throws std::logic_error if a counter's meter is
// not in one of the tables.
std::vector<prometheus::MetricFamily> to_families(const std::vector<Meters>& tables, const Counters& counters,
                                                  const DomainLabels& labels);

// Borrows all three for as long as it lives, which is one scrape.
class Collector : public prometheus::Collectable {
 public:
  Collector(const Pollster& pollster, const Snapshot& snapshot, const DomainLabels& labels)
      : pollster_(pollster), snapshot_(snapshot), labels_(labels) {}

  // Throws what the pollster throws: then there is nothing of it in this scrape.
  std::vector<prometheus::MetricFamily> Collect() const override;

 private:
  const Pollster& pollster_;
  const Snapshot& snapshot_;
  const DomainLabels& labels_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_COLLECTOR_H_
