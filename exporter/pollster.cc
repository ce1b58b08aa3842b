// SPDX-License-Identifier: Apache-2.0
#include "exporter/pollster.h"

#include <utility>

namespace virt {
namespace {

double to_base(double value, Unit unit) { return value * unit.numerator / unit.denominator; }

// Of a record that has none of a table's keys nothing is made.
class Shared {
 public:
  explicit Shared(Resource resource) : resource_(std::move(resource)) {}

  const std::shared_ptr<const Resource>& get() {
    if (!shared_) shared_ = std::make_shared<const Resource>(std::move(resource_));
    return shared_;
  }

 private:
  Resource resource_;
  std::shared_ptr<const Resource> shared_;
};

void sample_matches(const Meter& meter, const Record& record, Shared& resource, Counters& counters) {
  for (const Record::Match& match : record.match(meter.key)) {
    const Unit unit = match.star.ends_with("_ns") ? kNanoseconds : meter.unit;
    counters.push_back(Counter{&meter, resource.get(), to_base(match.number, unit), match.star});
  }
}

}  // namespace

void sample(Meters meters, const Record& record, Resource resource, Counters& counters) {
  Shared shared{std::move(resource)};
  for (const Meter& meter : meters) {
    if (meter.key.empty()) continue;
    if (meter.key.find('*') != std::string_view::npos) {
      sample_matches(meter, record, shared, counters);
    } else if (const auto value = record.number(meter.key)) {
      counters.push_back(Counter{&meter, shared.get(), to_base(*value, meter.unit)});
    }
  }
}

void sample(const Meter& meter, double volume, Resource resource, Counters& counters) {
  counters.push_back(Counter{&meter, std::make_shared<const Resource>(std::move(resource)), volume});
}

}  // namespace virt
