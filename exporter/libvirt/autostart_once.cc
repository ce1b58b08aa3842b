// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/autostart_once.h"

#include <dlfcn.h>

#include <utility>

namespace virt {

AutostartOnce::Call AutostartOnce::of_library() {
  return reinterpret_cast<Call>(dlsym(RTLD_DEFAULT, "virDomainGetAutostartOnce"));
}

void AutostartOnce::ask(Known& known, virDomainPtr domain, Time now) {
  if (call_ == nullptr) return;
  int autostart = 0;
  known.asked = now;
  known.value.reset();
  if (call_(domain, &autostart) == 0)
    known.value = autostart;
  else if (virGetLastErrorCode() == VIR_ERR_NO_SUPPORT)
    call_ = nullptr;
}

void AutostartOnce::add(std::vector<Reading>& readings, Time now) {
  if (call_ == nullptr) return;
  std::vector<std::pair<virDomainPtr, Known*>> things;
  for (auto& [uuid, known] : known_) known.present = false;
  for (const Reading& reading : readings) {
    Known& known = known_[reading.domain.uuid];
    known.present = true;
    things.emplace_back(reading.handle.get(), &known);
  }
  std::erase_if(known_, [](const auto& entry) { return !entry.second.present; });
  for (const auto& [domain, known] :
       rotation_.choose(things, now, [](const auto& thing) { return thing.second->asked; }))
    ask(*known, domain, now);
  for (Reading& reading : readings)
    if (const auto value = known_[reading.domain.uuid].value)
      reading.domain.stats.append(to_stats({{"autostart.once", *value}}));
}

}  // namespace virt
