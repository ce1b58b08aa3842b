// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/events.h"

#include <algorithm>
#include <iterator>
#include <span>
#include <string_view>

#include "exporter/libvirt/event_words.h"
#include "exporter/libvirt/handles.h"

namespace virt {
namespace {

using Words = std::span<const std::string_view>;

constexpr std::string_view kIoErrors[] = {"other", "enospc", "eio"};
constexpr std::string_view kNothing[] = {""};

// The number itself where libvirt has learned a new one.
std::string word(Words words, int number) {
  const auto index = static_cast<std::size_t>(number);
  return number >= 0 && index < words.size() ? std::string{words[index]} : std::to_string(number);
}

// ---- What the arguments of an event say, in a word or two ----------------------------------------------

std::string lifecycle(int event, int reason) {
  std::string name = word(kLifecycleWords, event);
  if (event == VIR_DOMAIN_EVENT_STOPPED) return name + "_" + word(kStoppedWords, reason);
  if (event == VIR_DOMAIN_EVENT_SUSPENDED) return name + "_" + word(kSuspendedWords, reason);
  return name;
}

// QEMU's own words, which are few; a label must not grow with what a hypervisor makes up.
std::string io_error(const char*, const char*, int, const char* reason) {
  const std::string_view text = reason == nullptr ? "" : reason;
  const auto known = std::find(std::begin(kIoErrors), std::end(kIoErrors), text);
  return std::string{known == std::end(kIoErrors) ? kIoErrors[0] : *known};
}

std::string block_job(const char*, int type, int status) {
  return word(kBlockJobWords, type) + "_" + word(kBlockJobEndWords, status);
}

std::string watchdog(int action) { return word(kWatchdogWords, action); }
std::string tray_change(const char*, int reason) { return word(kTrayWords, reason); }
std::string metadata_change(int type, const char*) { return word(kMetadataWords, type); }
std::string agent(int state, int) { return word(kAgentWords, state); }
std::string channel(const char*, int state, int) { return word(kChannelWords, state); }
std::string memory_failure(int, int action, unsigned) { return word(kMemoryFailureWords, action); }

// Events that say nothing more than that they happened.
std::string generic() { return {}; }
std::string rtc_change(long long) { return {}; }
std::string disk_change(const char*, const char*, const char*, int) { return {}; }
std::string power(int) { return {}; }
std::string balloon_change(unsigned long long) { return {}; }
std::string device(const char*) { return {}; }
std::string migration_iteration(int) { return {}; }
std::string parameters(virTypedParameterPtr, int) { return {}; }
std::string memory_device(const char*, unsigned long long) { return {}; }
std::string nic_mac_change(const char*, const char*, const char*) { return {}; }
std::string vcpu(unsigned) { return {}; }
std::string block_threshold(const char*, const char*, unsigned long long, unsigned long long) { return {}; }

// ---- From libvirt's callbacks, which differ in the arguments between domain and opaque -----------------

struct Registration {
  std::shared_ptr<Events> events;
  std::string name;
};

template <auto kDetail>
struct Callback;
template <typename... Arguments, std::string (*kDetail)(Arguments...)>
struct Callback<kDetail> {
  static void call(virConnectPtr, virDomainPtr domain, Arguments... arguments, void* opaque) {
    const auto* registration = static_cast<const Registration*>(opaque);
    registration->events->add(uuid_of(domain), registration->name, kDetail(arguments...));
  }
};

// libvirt casts it back by the kind of event. By way of the type that compilers know to mean any function.
template <auto kDetail>
virConnectDomainEventGenericCallback callback() {
  return reinterpret_cast<virConnectDomainEventGenericCallback>(reinterpret_cast<void (*)()>(&Callback<kDetail>::call));
}

struct Kind {
  int id;
  const char* name;
  virConnectDomainEventGenericCallback callback;
  Words first = kNothing, second = {};  // the details that there are: the words, or each with each
};

const Kind kKinds[] = {
    {VIR_DOMAIN_EVENT_ID_LIFECYCLE, "lifecycle", callback<lifecycle>(), kLifecycleWords},
    {VIR_DOMAIN_EVENT_ID_REBOOT, "reboot", callback<generic>()},
    {VIR_DOMAIN_EVENT_ID_RTC_CHANGE, "rtc_change", callback<rtc_change>()},
    {VIR_DOMAIN_EVENT_ID_WATCHDOG, "watchdog", callback<watchdog>(), kWatchdogWords},
    {VIR_DOMAIN_EVENT_ID_IO_ERROR_REASON, "io_error", callback<io_error>(), kIoErrors},
    {VIR_DOMAIN_EVENT_ID_CONTROL_ERROR, "control_error", callback<generic>()},
    {VIR_DOMAIN_EVENT_ID_BLOCK_JOB_2, "block_job", callback<block_job>(), kBlockJobWords, kBlockJobEndWords},
    {VIR_DOMAIN_EVENT_ID_DISK_CHANGE, "disk_change", callback<disk_change>()},
    {VIR_DOMAIN_EVENT_ID_TRAY_CHANGE, "tray_change", callback<tray_change>(), kTrayWords},
    {VIR_DOMAIN_EVENT_ID_PMWAKEUP, "pmwakeup", callback<power>()},
    {VIR_DOMAIN_EVENT_ID_PMSUSPEND, "pmsuspend", callback<power>()},
    {VIR_DOMAIN_EVENT_ID_PMSUSPEND_DISK, "pmsuspend_disk", callback<power>()},
    {VIR_DOMAIN_EVENT_ID_BALLOON_CHANGE, "balloon_change", callback<balloon_change>()},
    {VIR_DOMAIN_EVENT_ID_DEVICE_ADDED, "device_added", callback<device>()},
    {VIR_DOMAIN_EVENT_ID_DEVICE_REMOVED, "device_removed", callback<device>()},
    {VIR_DOMAIN_EVENT_ID_DEVICE_REMOVAL_FAILED, "device_removal_failed", callback<device>()},
    {VIR_DOMAIN_EVENT_ID_METADATA_CHANGE, "metadata_change", callback<metadata_change>(), kMetadataWords},
    {VIR_DOMAIN_EVENT_ID_MIGRATION_ITERATION, "migration_iteration", callback<migration_iteration>()},
    {VIR_DOMAIN_EVENT_ID_JOB_COMPLETED, "job_completed", callback<parameters>()},
    {VIR_DOMAIN_EVENT_ID_TUNABLE, "tunable", callback<parameters>()},
    {VIR_DOMAIN_EVENT_ID_AGENT_LIFECYCLE, "agent", callback<agent>(), kAgentWords},
    {VIR_DOMAIN_EVENT_ID_BLOCK_THRESHOLD, "block_threshold", callback<block_threshold>()},
    {VIR_DOMAIN_EVENT_ID_MEMORY_FAILURE, "memory_failure", callback<memory_failure>(), kMemoryFailureWords},
    {VIR_DOMAIN_EVENT_ID_MEMORY_DEVICE_SIZE_CHANGE, "memory_device_size_change", callback<memory_device>()},
    {kNicMacChange, "nic_mac_change", callback<nic_mac_change>()},
    {kVcpuRemoved, "vcpu_removed", callback<vcpu>()},
    {kChannelLifecycle, "channel_lifecycle", callback<channel>(), kChannelWords},
};

void free_registration(void* opaque) { delete static_cast<Registration*>(opaque); }

// A stop and a suspension are told with their reasons.
Words reasons(const Kind& kind, std::string_view word) {
  if (kind.id == VIR_DOMAIN_EVENT_ID_LIFECYCLE && word == "stopped") return kStoppedWords;
  if (kind.id == VIR_DOMAIN_EVENT_ID_LIFECYCLE && word == "suspended") return kSuspendedWords;
  return kind.second;
}

// All that an event of this kind may say.
std::vector<std::string> details(const Kind& kind) {
  std::vector<std::string> details;
  for (const std::string_view first : kind.first) {
    const Words second = reasons(kind, first);
    if (second.empty()) details.emplace_back(first);
    for (const std::string_view word : second) details.push_back(std::string{first}.append("_").append(word));
  }
  return details;
}

}  // namespace

void Events::begin(const std::string& event, const std::vector<std::string>& details) {
  const std::lock_guard lock{mutex_};
  for (const std::string& detail : details) counts_.try_emplace({event, detail}, 0);
}

void Events::add(const std::string& uuid, const std::string& event, const std::string& detail) {
  const std::lock_guard lock{mutex_};
  ++counts_[{event, detail}];
  ++number_;
  changed_.insert(uuid);
}

std::unordered_set<std::string> Events::take_changed() {
  const std::lock_guard lock{mutex_};
  return std::exchange(changed_, {});
}

std::vector<EventCount> Events::counts() const {
  const std::lock_guard lock{mutex_};
  std::vector<EventCount> counts;
  counts.reserve(counts_.size());
  for (const auto& [key, count] : counts_) counts.push_back({key.first, key.second, count});
  return counts;
}

std::uint64_t Events::number() const {
  const std::lock_guard lock{mutex_};
  return number_;
}

Listener::Listener(virConnectPtr connection, const std::shared_ptr<Events>& events) : connection_(connection) {
  for (const Kind& kind : kKinds) {
    auto* registration = new Registration{events, kind.name};
    const int id =
        virConnectDomainEventRegisterAny(connection, nullptr, kind.id, kind.callback, registration, free_registration);
    if (id < 0) {
      free_registration(registration);
      continue;
    }
    registered_.push_back(id);
    events->begin(kind.name, details(kind));
  }
}

Listener::~Listener() {
  for (const int id : registered_) virConnectDomainEventDeregisterAny(connection_, id);
}

}  // namespace virt
