// SPDX-License-Identifier: Apache-2.0
// The families of a pollster's Counters as exposition text: labelled gauges, counters and histograms, straight into the
// text of the scrape.
#ifndef VIRT_EXPORTER_TEXT_FAMILIES_H_
#define VIRT_EXPORTER_TEXT_FAMILIES_H_

#include <string>
#include <string_view>
#include <vector>

#include "exporter/pollster.h"
#include "exporter/text/domain_labels.h"
#include "exporter/text/text_format.h"

namespace virt {

// What a line TYPE says: "counter", "gauge" or "histogram".
std::string_view type_name(Type type);

// The names that belong to a family: its own, and those of a histogram's samples.
std::vector<std::string> sample_names(std::string_view family, Type type);

// Writes the families of `counters`, in the order in which they first appear: one family for each name, no series
// twice (the first one stays), all text valid UTF-8. Throws std::logic_error, and writes nothing, where Prometheus
// would refuse the page: a label is there twice, a name belongs to families of two types, a bucket has no bound; and
// if a counter's meter is not in one of the tables.
void write_families(const std::vector<Meters>& tables, const Counters& counters, const DomainLabels& labels,
                    Pieces& pieces);
// The same as one text.
std::string families_text(const std::vector<Meters>& tables, const Counters& counters, const DomainLabels& labels = {});

}  // namespace virt

#endif  // VIRT_EXPORTER_TEXT_FAMILIES_H_
