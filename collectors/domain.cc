// SPDX-License-Identifier: Apache-2.0
// Which domains there are and what state they are in: libvirt's "state.*", its lists, and the XML.
#include <string>

#include "exporter/libvirt/snapshot.h"

namespace virt {
namespace {

constexpr Meter kInfo[] = {
    {"", "libvirt_domain_info", Type::kGauge, kOne,
     "Constant 1; labels describe the domain's UUID, OS type, architecture and machine type (domain XML)."}};
constexpr Meter kMetadata[] = {
    {"", "libvirt_domain_metadata_info", Type::kGauge, kOne,
     "Constant 1; labels hold the domain's title and description, one line of at most 256 bytes each, and the id of "
     "its operating system; absent if it has none of them (domain XML title, description, libosinfo:os)."}};
constexpr Meter kStateNow[] = {
    {"", "libvirt_domain_state", Type::kGauge, kOne,
     "1 for the current state of the domain, with the reason for it (libvirt state.state, state.reason)."}};
constexpr Meter kDomains[] = {
    {"", "libvirt_domains", Type::kGauge, kOne, "Number of domains known to libvirt (virConnectGetAllDomainStats)."}};

constexpr Meter kNumbers[] = {
    {"state.state", "libvirt_domain_state_code", Type::kGauge, kOne,
     "State of the domain as virDomainState: 0 no state, 1 running, 2 blocked, 3 paused, 4 shutting down, 5 shut off, "
     "6 crashed, 7 suspended by guest power management (libvirt state.state)."},
    {"list.autostart", "libvirt_domain_autostart", Type::kGauge, kOne,
     "1 if the domain starts with the host, else 0 (virConnectListAllDomains AUTOSTART)."},
    {"autostart.once", "libvirt_domain_autostart_once", Type::kGauge, kOne,
     "1 if the domain starts only at the next boot of the host, else 0; libvirt 11.2 and later; costs one call for "
     "each domain, a few per scrape (virDomainGetAutostartOnce)."},
    {"list.persistent", "libvirt_domain_persistent", Type::kGauge, kOne,
     "1 if the domain remains defined after it stops, 0 if it is transient (virConnectListAllDomains PERSISTENT)."},
    {"list.managed_save", "libvirt_domain_has_managed_save", Type::kGauge, kOne,
     "1 if the domain has a managed save image to start from, else 0 (virConnectListAllDomains MANAGEDSAVE)."},
    {"list.snapshots", "libvirt_domain_snapshots", Type::kGauge, kOne,
     "Number of snapshots of the domain; costs one call for each domain that has any (virDomainSnapshotNum)."},
    {"monitor.responding", "libvirt_domain_responding", Type::kGauge, kOne,
     "1 if the domain's QEMU monitor answered, 0 if it was asked and did not, in which case all statistics that only "
     "QEMU has are missing (virDomainListGetStats)."},
    {"control.state", "libvirt_domain_control_state_code", Type::kGauge, kOne,
     "What blocks a domain that does not respond: 0 nothing, 1 a job, 2 a monitor command, 3 an error; costs one call "
     "for each such domain (virDomainGetControlInfo)."},
    {"control.busy", "libvirt_domain_control_busy_seconds", Type::kGauge, kMilliseconds,
     "Time for which a domain that does not respond has been blocked (virDomainGetControlInfo)."},
};

// libvirt's words for virDomainState and the reasons of each (as `virsh domstate --reason` has them, in one
// word), by number.
struct State {
  std::string_view name;
  std::span<const std::string_view> reasons;
};

constexpr std::string_view kNoReasons[] = {"unknown"};
constexpr std::string_view kRunning[] = {"unknown",       "booted",   "migrated",           "restored",
                                         "from_snapshot", "unpaused", "migration_canceled", "save_canceled",
                                         "wakeup",        "crashed",  "postcopy",           "postcopy_failed"};
constexpr std::string_view kPaused[] = {
    "unknown",       "user",     "migration", "save",        "dump",     "ioerror",         "watchdog", "from_snapshot",
    "shutting_down", "snapshot", "crashed",   "starting_up", "postcopy", "postcopy_failed", "api_error"};
constexpr std::string_view kShutdown[] = {"unknown", "user"};
constexpr std::string_view kShutoff[] = {"unknown", "shutdown", "destroyed",     "crashed", "migrated",
                                         "saved",   "failed",   "from_snapshot", "daemon"};
constexpr std::string_view kCrashed[] = {"unknown", "panicked"};
constexpr State kStates[] = {
    {"nostate", kNoReasons}, {"running", kRunning}, {"blocked", kNoReasons}, {"paused", kPaused},
    {"shutdown", kShutdown}, {"shutoff", kShutoff}, {"crashed", kCrashed},   {"pmsuspended", kNoReasons},
};

// The word for a number; the number itself where libvirt has learned a new one.
template <typename Words, typename Word>
std::string word(const Words& words, double number, Word word_of) {
  if (number >= 0 && number < static_cast<double>(std::size(words)))
    return std::string{word_of(words[static_cast<std::size_t>(number)])};
  return std::to_string(static_cast<long long>(number));
}

std::string state_name(double state) {
  return word(kStates, state, [](const State& s) { return s.name; });
}

std::string reason_name(double state, double reason) {
  const bool known = state >= 0 && state < static_cast<double>(std::size(kStates));
  const auto reasons = known ? kStates[static_cast<std::size_t>(state)].reasons : std::span{kNoReasons};
  return word(reasons, reason, [](std::string_view s) { return s; });
}

class DomainPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override { return {kInfo, kMetadata, kStateNow, kDomains, kNumbers}; }
  Needs needs() const override { return Group::kState | Group::kXml | Group::kLists; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    if (snapshot.up) counters.sample(kDomains[0], static_cast<double>(snapshot.domains.size()), {});
    for (const Domain& domain : snapshot.domains) {
      sample_info(domain, counters);
      sample_metadata(domain, counters);
      sample_state(domain, counters);
      counters.sample(kNumbers, domain.stats.all(), {&domain, {}});
    }
    return counters;
  }

 private:
  static void sample_info(const Domain& domain, Counters& counters) {
    const DomainFacts& facts = *domain.facts;
    counters.sample(kInfo[0], 1,
                    {&domain,
                     {{"uuid", domain.uuid},
                      {"os_type", facts.os_type},
                      {"os_type_arch", facts.arch},
                      {"os_type_machine", facts.machine}}});
  }

  static void sample_metadata(const Domain& domain, Counters& counters) {
    const DomainFacts& facts = *domain.facts;
    if (facts.title.empty() && facts.description.empty() && facts.os.empty()) return;
    counters.sample(kMetadata[0], 1,
                    {&domain, {{"title", facts.title}, {"description", facts.description}, {"os", facts.os}}});
  }

  static void sample_state(const Domain& domain, Counters& counters) {
    const auto state = domain.number("state.state"), reason = domain.number("state.reason");
    if (!state || !reason) return;
    counters.sample(kStateNow[0], 1,
                    {&domain, {{"state", state_name(*state)}, {"reason", reason_name(*state, *reason)}}});
  }
};

REGISTER_POLLSTER(compute, domain, DomainPollster);

}  // namespace
}  // namespace virt
