// SPDX-License-Identifier: Apache-2.0
#include "exporter/pollster.h"

#include <charconv>
#include <cmath>
#include <iterator>
#include <utility>

namespace virt {
namespace {

double to_base(double value, Unit unit) { return value * unit.numerator / unit.denominator; }

}  // namespace

Counters::Places Counters::find(Meters meters, const Record& record) {
  Places places;
  if (record.empty()) return places;
  for (const Meter& meter : meters) {
    if (meter.key.empty()) continue;
    if (meter.key.find('*') == std::string_view::npos) {
      if (record.number(meter.key)) places.push_back({&meter, meter.unit, record.find(meter.key), {}});
      continue;
    }
    for (const Record::Match& match : record.match(meter.key))
      places.push_back({&meter, match.star.ends_with("_ns") ? kNanoseconds : meter.unit, match.position, match.star});
  }
  return places;
}

const Counters::Places& Counters::known_or_find(Meters meters, const Record& record) {
  const auto& keys = record.stats_->shared_;
  if (record.empty() || !keys) return found_ = find(meters, record);
  const Part part{keys.get(), record.branch_, meters.data(), meters.size()};
  const auto known = known_.find(part);
  return known != known_.end() ? known->second.places
                               : known_.emplace(part, Known{keys, find(meters, record)}).first->second.places;
}

void Counters::add(const Places& places, const Record& record, const Resource& kept) {
  for (const Place& place : places)
    add({place.meter, &kept, to_base(record.stats_->values_[place.position].number, place.unit), place.star});
}

void Counters::sample(Meters meters, const Record& record, Resource&& resource) {
  const Places& places = known_or_find(meters, record);
  if (!places.empty()) add(places, record, keep(std::move(resource)));
}

void Counters::sample(Meters meters, const Record& record, const Resource& resource) {
  const Places& places = known_or_find(meters, record);
  if (!places.empty()) add(places, record, keep(resource));
}

void sample(Meters meters, const Record& record, Resource&& resource, Counters& counters) {
  counters.sample(meters, record, std::move(resource));
}

void sample(Meters meters, const Record& record, const Resource& resource, Counters& counters) {
  counters.sample(meters, record, resource);
}

void sample(const Meter& meter, double volume, Resource resource, Counters& counters) {
  counters.add({&meter, &counters.keep(std::move(resource)), volume});
}

// As Go's strconv.FormatFloat(bound, 'g', -1, 64). Prometheus keeps series of two spellings apart, up to version 2.
std::string bound_text(double bound) {
  if (std::isinf(bound)) return bound > 0 ? "+Inf" : "-Inf";
  const double size = std::abs(bound);
  const bool is_plain = size == 0 || (size >= 1e-4 && size < 1e6);
  char text[32];
  const auto format = is_plain ? std::chars_format::fixed : std::chars_format::scientific;
  return {text, std::to_chars(text, std::end(text), bound, format).ptr};
}

}  // namespace virt
