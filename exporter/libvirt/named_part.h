// SPDX-License-Identifier: Apache-2.0
// The storage pools, or the virtual networks, as parts of a read: each of them alone.
#ifndef VIRT_EXPORTER_LIBVIRT_NAMED_PART_H_
#define VIRT_EXPORTER_LIBVIRT_NAMED_PART_H_

#include <chrono>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "exporter/libvirt/named_connection.h"
#include "exporter/libvirt/part.h"
#include "exporter/libvirt/rotation.h"
#include "exporter/stats_builder.h"
#include "exporter/threads/time.h"

namespace virt {

// Asks for the list of all, and then for each; where the list itself hangs, for each that was known before. `Kind` as
// in NamedConnection. Used like Part.
template <typename Kind>
class NamedPart {
 public:
  // Where there is none, one that comes is seen within `refresh`.
  NamedPart(Part::Options options, Part::Context context, std::string uri, std::chrono::duration<double> refresh)
      : turn_(refresh), part_(std::move(options), std::move(context), [uri = std::move(uri), numbers = numbers_] {
          return std::make_shared<NamedConnection<Kind>>(uri, numbers);
        }) {}

  Part& part() { return part_; }
  const Part& part() const { return part_; }

  // Has all of them read.
  void ask(Time now) {
    found_ = {};
    has_list_ = asks_each_ = false;
    const bool is_due = turn_.is_due(now);  // each call costs libvirtd and us
    const bool asks = is_due || !has_none_;
    has_none_ = has_none_ && !asks;
    numbers_->trim(known_.size());
    part_.ask(std::vector<WantedNamed>(asks ? 1 : 0));  // without a name: the list
  }
  // To be called when anything came back, and when Part::tend() was.
  void go_on() {
    collect();
    if (has_list_ || asks_each_ || part_.is_reading()) return;
    asks_each_ = true;
    std::vector<WantedNamed> each;
    for (const auto& [name, uuid] : known_) each.push_back({name, uuid});
    if (!each.empty()) part_.ask(std::move(each));
  }
  // Any of them answered in this read.
  bool has_any() const { return !found_.empty(); }
  // What is known by now, with "responding" 1 or 0 of each that was asked.
  Stats host() {
    collect();
    StatsBuilder host = found_;
    for (const std::string& name : part_.open()) {
      if (name.empty()) continue;  // the list
      const std::string prefix = Kind::kPrefix + std::to_string(numbers_->of(name)) + ".";
      host.add(prefix + "name", std::string_view{name});
      host.add(prefix + "responding", 0);
    }
    return host.build();
  }

 private:
  void collect() {
    for (FoundNamed& found : part_.take()) {
      if (found.all) {
        known_ = *std::move(found.all);
        has_list_ = true;
        has_none_ = known_.empty();
      }
      found_.append(found.stats);  // of two equal keys the first counts
    }
  }

  const std::shared_ptr<Numbers> numbers_ = std::make_shared<Numbers>();
  Refresh turn_;
  PartOf<NamedConnection<Kind>> part_;
  std::vector<std::pair<std::string, std::string>> known_;  // names and UUIDs, of the last list
  bool has_none_ = false;                                   // as the last list said, which came
  // Of this read.
  StatsBuilder found_;
  bool has_list_ = false, asks_each_ = false;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_NAMED_PART_H_
