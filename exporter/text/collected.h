// SPDX-License-Identifier: Apache-2.0
// What instruments of prometheus-cpp say, as exposition text.
#ifndef VIRT_EXPORTER_TEXT_COLLECTED_H_
#define VIRT_EXPORTER_TEXT_COLLECTED_H_

#include <prometheus/metric_family.h>

#include <vector>

#include "exporter/text/pieces.h"

namespace virt {

// Writes counters, gauges and histograms, in their order. Throws std::logic_error for families of other types.
void write_collected(const std::vector<prometheus::MetricFamily>& families, Pieces& pieces);

}  // namespace virt

#endif  // VIRT_EXPORTER_TEXT_COLLECTED_H_
