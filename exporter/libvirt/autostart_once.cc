// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/autostart_once.h"

#include <dlfcn.h>

#include <utility>

#include "exporter/stats_builder.h"

namespace virt {

AutostartOnce::Call AutostartOnce::of_library() {
  return reinterpret_cast<Call>(dlsym(RTLD_DEFAULT, "virDomainGetAutostartOnce"));
}

void AutostartOnce::ask(Known& known, virDomainPtr domain, Time now) {
  if (call_ == nullptr) return;
  int autostart = 0;
  known.asked = now;
  known.is_set.reset();
  if (call_(domain, &autostart) == 0)
    known.is_set = autostart != 0;
  else if (virGetLastErrorCode() == VIR_ERR_NO_SUPPORT)
    call_ = nullptr;
}

void AutostartOnce::add(std::vector<Reading>& readings, Time now) {
  if (call_ == nullptr) return;
  static const Stats yes = to_stats({{"autostart.once", 1}}), no = to_stats({{"autostart.once", 0}});
  using Candidate = std::pair<Reading*, Known*>;
  std::vector<Candidate> all;
  all.reserve(readings.size());
  for (Reading& reading : readings) all.emplace_back(&reading, &known_.keep(reading.domain.uuid));
  known_.forget_others();
  for (const auto& [reading, known] :
       rotation_.choose(all, now, [](const Candidate& candidate) { return candidate.second->asked; }))
    ask(*known, reading->handle.get(), now);
  for (const auto& [reading, known] : all)
    if (known->is_set) extend(reading->domain.stats, *known->is_set ? yes : no);
}

}  // namespace virt
