// SPDX-License-Identifier: Apache-2.0
#include "exporter/pollster.h"

#include <charconv>
#include <cmath>
#include <iterator>
#include <map>
#include <tuple>
#include <utility>

namespace virt {
namespace {

double to_base(double value, Unit unit) { return value * unit.numerator / unit.denominator; }

}  // namespace

// Where the keys of tables are in records.
class Counters::KnownPlaces {
 public:
  // A key that a record has of a table's.
  struct Place {
    const Meter* meter;
    Unit unit;
    std::uint32_t position;
    std::string_view star;
  };

  const std::vector<Place>& of(Meters table, const Record& record) {
    static const std::vector<Place> none;
    if (record.empty()) return none;
    const auto& keys = record.stats_->keys_;
    const Part part{keys.get(), record.branch_, table.data(), table.size()};
    const auto known = known_.find(part);
    return known != known_.end() ? known->second.places
                                 : known_.emplace(part, Known{keys, find(table, record)}).first->second.places;
  }

  static double volume(const Place& place, const Record& record) {
    return to_base(record.stats_->values_[place.position].number, place.unit);
  }

 private:
  static std::vector<Place> find(Meters table, const Record& record) {
    std::vector<Place> places;
    for (const Meter& meter : table) {
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

  // Most of the next domain's records have the same keys.
  using Part = std::tuple<const Keys*, std::uint32_t, const Meter*, std::size_t>;  // of the keys, and of a table
  struct Known {
    std::shared_ptr<const Keys> keys;  // kept alive, so that no others get their address
    std::vector<Place> places;
  };
  std::map<Part, Known> known_;
};

Counters::Counters() : known_places_(std::make_unique<KnownPlaces>()) {}
Counters::~Counters() = default;
Counters::Counters(Counters&& other) noexcept = default;
Counters& Counters::operator=(Counters&& other) noexcept = default;

void Counters::sample(Meters table, const Record& record, Resource resource) {
  const auto& places = known_places_->of(table, record);
  if (places.empty()) return;
  const Resource& kept = resources_.emplace_back(std::move(resource));
  for (const auto& place : places)
    counters_.push_back({place.meter, &kept, KnownPlaces::volume(place, record), place.star});
}

void Counters::sample(const Meter& meter, double volume, Resource resource, std::string_view star) {
  counters_.push_back({&meter, &resources_.emplace_back(std::move(resource)), volume, star});
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
