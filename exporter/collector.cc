// SPDX-License-Identifier: Apache-2.0
#include "exporter/collector.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <functional>
#include <limits>
#include <map>
#include <stdexcept>
#include <utility>

#include "exporter/utf8.h"

namespace virt {
namespace {

using prometheus::ClientMetric;
using prometheus::MetricFamily;
using Labels = std::vector<ClientMetric::Label>;

prometheus::MetricType prometheus_type(Type type) {
  switch (type) {
    case Type::kCumulative: return prometheus::MetricType::Counter;
    case Type::kHistogram: return prometheus::MetricType::Histogram;
    case Type::kGauge: break;
  }
  return prometheus::MetricType::Gauge;
}

std::string family_name(const Meter& meter, std::string_view star) {
  std::string name{meter.name};
  const auto at = name.find('*');
  if (at == std::string::npos) return name;
  std::string middle{star};
  if (middle.ends_with("_ns")) middle.replace(middle.size() - 3, 3, "_seconds");
  for (char& c : middle)
    c = std::isalnum(static_cast<unsigned char>(c)) != 0 ? static_cast<char>(std::tolower(c)) : '_';
  return name.replace(at, 1, middle);
}

Labels to_labels(const Resource& resource, const DomainLabels& domain_labels) {
  Labels labels;
  labels.reserve(resource.labels.size() + 1 + domain_labels.chosen().size());
  if (resource.domain != nullptr) {
    labels.push_back({"domain", to_valid_utf8(resource.domain->name)});
    for (const auto& chosen : domain_labels.chosen()) {
      const auto same = [&](const Label& label) { return label.name == chosen.name; };
      if (std::none_of(resource.labels.begin(), resource.labels.end(), same))
        labels.push_back({std::string{chosen.name}, to_valid_utf8(chosen.value(*resource.domain))});
    }
  }
  for (const Label& label : resource.labels) labels.push_back({std::string{label.name}, to_valid_utf8(label.value)});
  return labels;
}

double upper_bound(std::string_view le) {
  double bound = std::numeric_limits<double>::infinity();
  if (le != "+Inf") std::from_chars(le.data(), le.data() + le.size(), bound);
  return bound;
}

// A histogram's buckets arrive one after the other, each as a counter.
void add_bucket(MetricFamily& family, Labels labels, double count) {
  const auto le = std::find_if(labels.begin(), labels.end(), [](const auto& label) { return label.name == "le"; });
  if (le == labels.end()) throw std::logic_error("a histogram's counter without a label le: " + family.name);
  const double bound = upper_bound(le->value);
  labels.erase(le);
  if (family.metric.empty() || family.metric.back().label != labels)
    family.metric.emplace_back().label = std::move(labels);
  auto& histogram = family.metric.back().histogram;
  histogram.bucket.push_back({static_cast<std::uint64_t>(count), bound});
  histogram.sample_count = static_cast<std::uint64_t>(count);
  histogram.sample_sum = std::numeric_limits<double>::quiet_NaN();  // libvirt's histograms have none
}

void add_sample(MetricFamily& family, const Labels& labels, double value) {
  if (family.type == prometheus::MetricType::Histogram) return add_bucket(family, labels, value);
  ClientMetric& metric = family.metric.emplace_back();
  metric.label = labels;
  if (family.type == prometheus::MetricType::Counter)
    metric.counter.value = value;
  else
    metric.gauge.value = value;
}

std::size_t hash(const Labels& labels) {
  std::size_t result = 0;
  for (const auto& label : labels) result = result * 31 + std::hash<std::string>{}(label.value);
  return result;
}

// Prometheus silently keeps the first of two equal series, and so do we. `hashes` are those of the labels.
void drop_repeated(MetricFamily& family, const std::vector<std::size_t>& hashes) {
  std::vector<std::size_t> sorted = hashes;
  std::sort(sorted.begin(), sorted.end());
  if (std::adjacent_find(sorted.begin(), sorted.end()) == sorted.end()) return;
  std::multimap<std::size_t, const ClientMetric*> kept;
  std::vector<ClientMetric> metrics;
  metrics.reserve(family.metric.size());  // so that what is kept does not move
  for (std::size_t i = 0; i < hashes.size(); ++i) {
    const auto [first, last] = kept.equal_range(hashes[i]);
    if (std::any_of(first, last, [&](const auto& known) { return known.second->label == family.metric[i].label; }))
      continue;
    kept.emplace(hashes[i], &metrics.emplace_back(std::move(family.metric[i])));
  }
  family.metric = std::move(metrics);
}

// Families by meter; those of a meter with a '*' by the text that stands for it as well.
class Families {
 public:
  explicit Families(const std::vector<Meters>& tables) : tables_(tables) {
    for (const Meters& table : tables) index_.emplace_back(table.size(), kNone);
  }

  // Room for all samples, which are costly to move.
  void reserve(const Counters& counters) {
    std::vector<std::size_t> sizes;
    for (const Counter& counter : counters) {
      const std::size_t index = of(counter);
      sizes.resize(families_.size());
      ++sizes[index];
    }
    for (std::size_t i = 0; i < sizes.size(); ++i) {
      families_[i].metric.reserve(sizes[i]);
      hashes_[i].reserve(sizes[i]);
    }
  }

  // `hash` is that of the labels.
  void add(const Counter& counter, const Labels& labels, std::size_t hash) {
    const std::size_t index = of(counter);
    MetricFamily& family = families_[index];
    const std::size_t before = family.metric.size();
    add_sample(family, labels, counter.volume);
    if (family.metric.size() > before) hashes_[index].push_back(hash);
  }

  std::vector<MetricFamily> take() {
    for (std::size_t i = 0; i < families_.size(); ++i) drop_repeated(families_[i], hashes_[i]);
    return std::move(families_);
  }

 private:
  static constexpr std::size_t kNone = static_cast<std::size_t>(-1);

  std::size_t of(const Counter& counter) {
    std::size_t& declared = declaration(*counter.meter);
    std::size_t& index =
        counter.star.empty() ? declared : open_.try_emplace({counter.meter, counter.star}, kNone).first->second;
    if (index == kNone) index = open(*counter.meter, family_name(*counter.meter, counter.star));
    return index;
  }

  // Where the meter's family is, or kNone.
  std::size_t& declaration(const Meter& meter) {
    const std::less<const Meter*> before;
    for (std::size_t i = 0; i < tables_.size(); ++i)
      if (!before(&meter, tables_[i].data()) && before(&meter, tables_[i].data() + tables_[i].size()))
        return index_[i][static_cast<std::size_t>(&meter - tables_[i].data())];
    throw std::logic_error("a counter of a meter that is not declared: " + std::string{meter.name});
  }

  // Two stars may become one name ("a.b" and "a_b"), and two meters may share one (the same for two keys).
  std::size_t open(const Meter& meter, const std::string& name) {
    const auto [known, is_new] = by_name_.try_emplace(name, families_.size());
    if (is_new) {
      families_.push_back({name, std::string{meter.help}, prometheus_type(meter.type), {}});
      hashes_.emplace_back();
    }
    return known->second;
  }

  const std::vector<Meters>& tables_;
  std::vector<std::vector<std::size_t>> index_;  // by table and row
  std::map<std::pair<const Meter*, std::string_view>, std::size_t> open_;
  std::map<std::string, std::size_t> by_name_;
  std::vector<MetricFamily> families_;
  std::vector<std::vector<std::size_t>> hashes_;  // of each family's samples
};

}  // namespace

std::vector<MetricFamily> to_families(const std::vector<Meters>& tables, const Counters& counters,
                                      const DomainLabels& domain_labels) {
  Families families{tables};
  families.reserve(counters);
  const Resource* resource = nullptr;  // a resource's counters follow each other and share its labels
  Labels labels;
  std::size_t labels_hash = 0;
  for (const Counter& counter : counters) {
    if (counter.resource.get() != resource) {
      resource = counter.resource.get();
      labels = to_labels(*resource, domain_labels);
      labels_hash = hash(labels);
    }
    families.add(counter, labels, labels_hash);
  }
  return families.take();
}

std::vector<MetricFamily> Collector::Collect() const {
  return to_families(pollster_.meters(), pollster_.get_counters(snapshot_), labels_);
}

}  // namespace virt
