// SPDX-License-Identifier: Apache-2.0
#include "exporter/text/collected.h"

#include <prometheus/client_metric.h>
#include <prometheus/metric_type.h>

#include <stdexcept>
#include <string>
#include <string_view>

#include "exporter/pollster.h"
#include "exporter/text/text_format.h"

namespace virt {
namespace {

using Metric = prometheus::ClientMetric;

std::string_view type_name(const prometheus::MetricFamily& family) {
  switch (family.type) {
    case prometheus::MetricType::Counter: return "counter";
    case prometheus::MetricType::Gauge: return "gauge";
    case prometheus::MetricType::Histogram: return "histogram";
    default: throw std::logic_error("instrument of a type that is not written: " + family.name);
  }
}

// A metric's labels as they stand in its samples, with a bucket's bound as the last one.
class LabelText {
 public:
  explicit LabelText(const Metric& metric) {
    for (const auto& label : metric.label) add(label.name, label.value);
  }

  LabelText& add(std::string_view name, std::string_view value) {
    text_.append(text_.empty() ? "{" : ",");
    append_label(name, value, text_);
    return *this;
  }

  std::string braced() const { return text_.empty() ? "" : std::string{text_.view()} + "}"; }

 private:
  Text text_;
};

void write_histogram(const std::string& name, const Metric& metric, Pieces& pieces) {
  const LabelText labels{metric};
  for (const auto& bucket : metric.histogram.bucket) {
    const std::string bucket_labels = LabelText{labels}.add("le", bound_text(bucket.upper_bound)).braced();
    write_sample(name + "_bucket", bucket_labels, static_cast<double>(bucket.cumulative_count), pieces);
  }
  write_sample(name + "_sum", labels.braced(), metric.histogram.sample_sum, pieces);
  write_sample(name + "_count", labels.braced(), static_cast<double>(metric.histogram.sample_count), pieces);
}

void write_metric(const prometheus::MetricFamily& family, const Metric& metric, Pieces& pieces) {
  if (family.type == prometheus::MetricType::Histogram) return write_histogram(family.name, metric, pieces);
  const bool is_counter = family.type == prometheus::MetricType::Counter;
  write_sample(family.name, LabelText{metric}.braced(), is_counter ? metric.counter.value : metric.gauge.value, pieces);
}

}  // namespace

void write_collected(const std::vector<prometheus::MetricFamily>& families, Pieces& pieces) {
  for (const auto& family : families) {
    Text head;
    append_head(family.name, family.help, type_name(family), head);
    pieces.append(head.view());
    for (const Metric& metric : family.metric) write_metric(family, metric, pieces);
  }
}

}  // namespace virt
