// SPDX-License-Identifier: Apache-2.0
// What the exporter counts about itself while it runs. Those who count hold a counter or a histogram of prometheus-cpp;
// each scrape collects all of them.
#ifndef VIRT_EXPORTER_INSTRUMENTS_H_
#define VIRT_EXPORTER_INSTRUMENTS_H_

#include <prometheus/counter.h>
#include <prometheus/histogram.h>
#include <prometheus/labels.h>
#include <prometheus/metric_family.h>
#include <prometheus/registry.h>

#include <memory>
#include <vector>

#include "exporter/pollster.h"

namespace virt {

// Upper bounds of a histogram's buckets, the last one (+Inf) left out; in seconds.
using Bounds = prometheus::Histogram::BucketBoundaries;
// From a quick scrape to one that takes all of its time.
inline const Bounds kScrapeBounds{0.1, 0.25, 0.5, 1, 2.5, 5, 10};

// A handle: copies share one registry. Whoever counts on a thread that may be left behind keeps a copy, because what it
// counts with lives as long as the last one. Any thread.
class Instruments {
 public:
  // Made the first time, with the value 0. `meter` declares the family; its key and its unit are not used. The caller
  // sees to it that the labels take few values.
  prometheus::Counter& counter(const Meter& meter, const prometheus::Labels& labels = {}) const;
  prometheus::Histogram& histogram(const Meter& meter, const Bounds& bounds,
                                   const prometheus::Labels& labels = {}) const;

  // The values of now: families in the order of their names, and the series of each in that of their labels.
  std::vector<prometheus::MetricFamily> collect() const;

 private:
  std::shared_ptr<prometheus::Registry> registry_ = std::make_shared<prometheus::Registry>();
};

}  // namespace virt

#endif  // VIRT_EXPORTER_INSTRUMENTS_H_
