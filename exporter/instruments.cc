// SPDX-License-Identifier: Apache-2.0
#include "exporter/instruments.h"

#include <algorithm>
#include <string>

namespace virt {
namespace {

template <typename Builder>
auto& family(Builder builder, const Meter& meter, prometheus::Registry& registry) {
  return builder.Name(std::string{meter.name}).Help(std::string{meter.help}).Register(registry);
}

}  // namespace

prometheus::Counter& Instruments::counter(const Meter& meter, const prometheus::Labels& labels) const {
  return family(prometheus::BuildCounter(), meter, *registry_).Add(labels);
}

prometheus::Histogram& Instruments::histogram(const Meter& meter, const Bounds& bounds,
                                              const prometheus::Labels& labels) const {
  return family(prometheus::BuildHistogram(), meter, *registry_).Add(labels, bounds);
}

// The registry has both in hash tables.
std::vector<prometheus::MetricFamily> Instruments::collect() const {
  auto families = registry_->Collect();
  std::ranges::sort(families, {}, &prometheus::MetricFamily::name);
  for (auto& family : families) std::ranges::sort(family.metric, {}, &prometheus::ClientMetric::label);
  return families;
}

}  // namespace virt
