// SPDX-License-Identifier: Apache-2.0
// Stands before libvirt's functions.
#include "tests/support/held_domains.h"

#include <dlfcn.h>
#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <utility>

#include "tests/support/test_host.h"

namespace virt {
namespace {

std::mutex mutex;
std::condition_variable changed;
// Guarded by mutex.
std::set<std::string> held;
std::optional<unsigned> told;
int hanging_calls, all_calls;
bool are_locked;

// Until what makes it wait is over; whether anything did.
template <typename Condition>
bool hang_while(Condition is_held) {
  std::unique_lock lock{mutex};
  if (!is_held()) return false;
  ++hanging_calls;
  changed.notify_all();
  changed.wait(lock, [&] { return !is_held(); });
  --hanging_calls;
  changed.notify_all();
  return true;
}

// Whether the domain was held.
bool hang(const std::string& name) {
  {
    const std::lock_guard lock{mutex};
    ++all_calls;
  }
  return hang_while([&] { return held.count(name) > 0; });
}

void hang_in_list() {
  hang_while([] { return are_locked && !held.empty(); });
}

void hang_in_statistics(virDomainPtr* domains) {
  hang_while([&] {
    bool is_any = false;
    for (virDomainPtr* domain = domains; are_locked && *domain != nullptr; ++domain)
      is_any = is_any || held.count(virDomainGetName(*domain)) > 0;
    return is_any;
  });
}

void hang_in_look_up(const std::string& uuid) {
  hang_while([&] {
    return are_locked &&
           std::any_of(held.begin(), held.end(), [&](const auto& name) { return uuid_for(name) == uuid; });
  });
}

bool tell_of(const std::string& name, virDomainControlInfoPtr info) {
  const std::lock_guard lock{mutex};
  if (held.count(name) == 0 || !told) return false;
  *info = {VIR_DOMAIN_CONTROL_OCCUPIED, 0, *told};
  return true;
}

// The function that the one of this name here stands before.
template <typename Function>
Function* libvirts(const char* name) {
  return reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name));
}

}  // namespace

HeldDomains::HeldDomains(std::set<std::string> names) {
  const std::lock_guard lock{mutex};
  held = std::move(names);
  told.reset();
  all_calls = 0;
  are_locked = false;
}

HeldDomains::~HeldDomains() {
  release();
  std::unique_lock lock{mutex};
  changed.wait(lock, [] { return hanging_calls == 0; });
}

void HeldDomains::tell(unsigned milliseconds) {
  const std::lock_guard lock{mutex};
  told = milliseconds;
}

void HeldDomains::lock() {
  const std::lock_guard lock{mutex};
  are_locked = true;
}

void HeldDomains::hold(const std::string& name) {
  const std::lock_guard lock{mutex};
  held.insert(name);
}

void HeldDomains::release() {
  const std::lock_guard lock{mutex};
  held.clear();
  changed.notify_all();
}

void HeldDomains::release(const std::string& name) {
  const std::lock_guard lock{mutex};
  held.erase(name);
  changed.notify_all();
}

int HeldDomains::hanging() const {
  const std::lock_guard lock{mutex};
  return hanging_calls;
}

int HeldDomains::calls() const {
  const std::lock_guard lock{mutex};
  return all_calls;
}

void HeldDomains::wait_for_hanging(int calls) const {
  std::unique_lock lock{mutex};
  if (!changed.wait_for(lock, std::chrono::seconds{30}, [&] { return hanging_calls == calls; }))
    throw std::runtime_error("no call hangs");
}

}  // namespace virt

extern "C" {

char* virDomainGetXMLDesc(virDomainPtr domain, unsigned flags) {
  if (virt::hang(virDomainGetName(domain))) return nullptr;
  return virt::libvirts<decltype(virDomainGetXMLDesc)>("virDomainGetXMLDesc")(domain, flags);
}

int virDomainGetControlInfo(virDomainPtr domain, virDomainControlInfoPtr info, unsigned flags) {
  if (virt::tell_of(virDomainGetName(domain), info)) return 0;
  return virt::libvirts<decltype(virDomainGetControlInfo)>("virDomainGetControlInfo")(domain, info, flags);
}

int virConnectListAllDomains(virConnectPtr connection, virDomainPtr** domains, unsigned flags) {
  virt::hang_in_list();
  return virt::libvirts<decltype(virConnectListAllDomains)>("virConnectListAllDomains")(connection, domains, flags);
}

int virDomainListGetStats(virDomainPtr* domains, unsigned groups, virDomainStatsRecordPtr** records, unsigned flags) {
  virt::hang_in_statistics(domains);
  return virt::libvirts<decltype(virDomainListGetStats)>("virDomainListGetStats")(domains, groups, records, flags);
}

virDomainPtr virDomainLookupByUUIDString(virConnectPtr connection, const char* uuid) {
  virt::hang_in_look_up(uuid);
  return virt::libvirts<decltype(virDomainLookupByUUIDString)>("virDomainLookupByUUIDString")(connection, uuid);
}

int virConnectGetLibVersion(virConnectPtr, unsigned long* version) {
  *version = 11'000'000;
  return 0;
}
}
