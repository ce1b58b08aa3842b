// SPDX-License-Identifier: Apache-2.0
// What the installed libvirt's headers define is what we know, so that a new libvirt is noticed here and not by a user.
// A test that fails wants the new thing exported, or a reason why it is not.
#include "tests/support/libvirt_header.h"

#include <gmock/gmock.h>

#include <algorithm>
#include <cctype>
#include <set>
#include <span>
#include <string_view>

#include "exporter/libvirt/event_loop.h"
#include "exporter/libvirt/event_words.h"
#include "exporter/libvirt/events.h"
#include "exporter/registry.h"
#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"
#include "tests/support/test_host.h"

namespace virt {
namespace {

using testing::Contains;
using testing::Each;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsSubsetOf;
using testing::Not;

const LibvirtHeaders& headers() {
  static const LibvirtHeaders headers;
  return headers;
}

// "VIR_DOMAIN_PAUSED_SHUTTING_DOWN" without "VIR_DOMAIN_PAUSED_" → "shutting_down"
std::string word_of(std::string name, const std::string& prefix) {
  EXPECT_TRUE(name.starts_with(prefix)) << name;
  name.erase(0, prefix.size());
  std::transform(name.begin(), name.end(), name.begin(), [](unsigned char c) { return std::tolower(c); });
  return name;
}

std::vector<std::string> words_of(const std::string& type, const std::string& prefix) {
  std::vector<std::string> words;
  for (const std::string& name : headers().names(type)) words.push_back(word_of(name, prefix));
  return words;
}

// The keys and helps of a pollster's families.
std::vector<Meter> meters_of(const std::string& name) {
  std::vector<Meter> meters;
  for (const NamedPollster& pollster : make_pollsters()) {
    if (pollster.name != name) continue;
    for (const Meters& table : pollster.pollster->meters()) meters.insert(meters.end(), table.begin(), table.end());
  }
  return meters;
}

std::vector<std::string> keys_of(const std::string& pollster) {
  std::vector<std::string> keys;
  for (const Meter& meter : meters_of(pollster)) keys.emplace_back(meter.key);
  return keys;
}

std::string help_of(const std::string& pollster, std::string_view family) {
  for (const Meter& meter : meters_of(pollster))
    if (meter.name == family) return std::string{meter.help};
  throw std::invalid_argument("no family " + std::string{family});
}

// Each text of these macros is a key of the pollster, or of the others.
void expect_keys(const std::string& macros, const std::string& pollster, const std::set<std::string>& others = {}) {
  const auto texts = headers().texts(macros);
  EXPECT_THAT(texts, Not(IsEmpty())) << macros;
  const auto keys = keys_of(pollster);
  for (const auto& [macro, text] : texts)
    EXPECT_TRUE(others.count(text) > 0 || std::count(keys.begin(), keys.end(), text) > 0) << macro;
}

// The help says what each number of the enum means.
void expect_help(const std::string& type, const std::string& pollster, const std::string& family,
                 const std::set<int>& others = {}) {
  const auto members = headers().members(type);
  EXPECT_THAT(members, Not(IsEmpty())) << type;
  const std::string help = help_of(pollster, family);
  for (const auto& [name, number] : members) {
    if (others.count(number) > 0) continue;
    EXPECT_THAT(help, HasSubstr(" " + std::to_string(number) + " ")) << name;
  }
}

// ---- States ------------------------------------------------------------------------------------------------

std::string state_text(int state, int reason) {
  return samples_only(expose("compute.domain", snapshot_of("Domain: 'a'\nstate.state=" + std::to_string(state) +
                                                           "\nstate.reason=" + std::to_string(reason))));
}

TEST(LibvirtHeader, states_and_their_reasons_have_libvirt_s_words) {
  const auto states = headers().members("virDomainState");
  ASSERT_THAT(states, Not(IsEmpty()));
  const std::map<std::string, std::string> types = {
      {"nostate", "virDomainNostateReason"},   {"running", "virDomainRunningReason"},
      {"blocked", "virDomainBlockedReason"},   {"paused", "virDomainPausedReason"},
      {"shutdown", "virDomainShutdownReason"}, {"shutoff", "virDomainShutoffReason"},
      {"crashed", "virDomainCrashedReason"},   {"pmsuspended", "virDomainPMSuspendedReason"}};
  for (const auto& [name, state] : states) {
    const std::string word = word_of(name, "VIR_DOMAIN_");
    ASSERT_EQ(types.count(word), 1) << name;
    const auto reasons = headers().members(types.at(word));
    EXPECT_THAT(reasons, Not(IsEmpty())) << word;
    for (const auto& [reason_name, reason] : reasons)
      EXPECT_THAT(state_text(state, reason),
                  HasSubstr("state=\"" + word + "\",reason=\"" + word_of(reason_name, name + "_") + "\""));
  }
}

TEST(LibvirtHeader, help_texts_say_what_numbers_mean) {
  expect_help("virDomainState", "compute.domain", "libvirt_domain_state_code");
  expect_help("virDomainControlState", "compute.domain", "libvirt_domain_control_state_code");
  expect_help("virVcpuState", "compute.cpu", "libvirt_domain_vcpu_state");
  expect_help("virDomainDirtyRateStatus", "compute.memory", "libvirt_domain_dirty_rate_calc_status_code");
  expect_help("virStoragePoolState", "compute.pool", "libvirt_storage_pool_state");
  expect_help("virDomainJobOperation", "compute.job", "libvirt_domain_job_info_operation", {0});  // unknown
  // No job, and one that is over: completed, failed, cancelled.
  expect_help("virDomainJobType", "compute.job", "libvirt_domain_job_info_type", {0, 3, 4, 5});
}

// ---- Events ------------------------------------------------------------------------------------------------

// A table may know more than an older header.
void expect_words(const std::string& type, const std::string& prefix, std::span<const std::string_view> words,
                  const std::map<std::string, std::string>& ours = {}) {
  for (const auto& [name, number] : headers().members(type)) {
    const std::string word = word_of(name, prefix);
    ASSERT_LT(number, static_cast<int>(words.size())) << name;
    EXPECT_EQ(words[static_cast<std::size_t>(number)], ours.count(word) > 0 ? ours.at(word) : word) << name;
  }
}

TEST(LibvirtHeader, details_of_events_have_libvirt_s_words) {
  EXPECT_THAT(headers().members("virDomainEventType"), Not(IsEmpty()));
  expect_words("virDomainEventType", "VIR_DOMAIN_EVENT_", kLifecycleWords);
  expect_words("virDomainEventStoppedDetailType", "VIR_DOMAIN_EVENT_STOPPED_", kStoppedWords);
  expect_words("virDomainEventSuspendedDetailType", "VIR_DOMAIN_EVENT_SUSPENDED_", kSuspendedWords,
               {{"paused", "user"}, {"migrated", "migration"}});
  expect_words("virDomainEventWatchdogAction", "VIR_DOMAIN_EVENT_WATCHDOG_", kWatchdogWords,
               {{"injectnmi", "inject_nmi"}});
  expect_words("virDomainBlockJobType", "VIR_DOMAIN_BLOCK_JOB_TYPE_", kBlockJobWords);
  expect_words("virConnectDomainEventBlockJobStatus", "VIR_DOMAIN_BLOCK_JOB_", kBlockJobEndWords);
  expect_words("virDomainEventTrayChangeReason", "VIR_DOMAIN_EVENT_TRAY_CHANGE_", kTrayWords);
  expect_words("virDomainMetadataType", "VIR_DOMAIN_METADATA_", kMetadataWords);
  expect_words("virConnectDomainEventAgentLifecycleState", "VIR_CONNECT_DOMAIN_EVENT_AGENT_LIFECYCLE_STATE_",
               kAgentWords);
  expect_words("virConnectDomainEventChannelLifecycleState", "VIR_CONNECT_DOMAIN_EVENT_CHANNEL_LIFECYCLE_STATE_",
               kChannelWords);
  expect_words("virDomainEventMemoryFailureActionType", "VIR_DOMAIN_EVENT_MEMORY_FAILURE_ACTION_", kMemoryFailureWords);
}

TEST(LibvirtHeader, suspension_by_a_guest_that_shuts_down_is_called_so) {
  EXPECT_EQ(kSuspendedWords[9], "guest_shutdown") << "libvirt 11.10's VIR_DOMAIN_EVENT_SUSPENDED_GUEST_SHUTDOWN";
}

TEST(LibvirtHeader, each_event_is_counted_or_there_is_a_reason) {
  const std::map<std::string, int> newer = {
      {"nic_mac_change", kNicMacChange}, {"vcpu_removed", kVcpuRemoved}, {"channel_lifecycle", kChannelLifecycle}};
  const std::map<std::string, std::string> ours = {
      {"io_error_reason", "io_error"}, {"block_job_2", "block_job"}, {"agent_lifecycle", "agent"}};
  const std::set<std::string> others = {
      "io_error", "block_job",  // the same as those above, which say more
      "graphics",               // of clients of a console, who are nobody's metric
  };
  start_event_loop();
  const Connection connection = open_connection("test:///default");
  const auto events = std::make_shared<Events>();
  const Listener listener{connection.get(), events};
  std::set<std::string> counted;
  for (const EventCount& count : events->counts()) counted.insert(count.event);

  const auto ids = headers().members("virDomainEventID");
  EXPECT_THAT(ids, Not(IsEmpty()));
  for (const auto& [name, id] : ids) {
    const std::string word = word_of(name, "VIR_DOMAIN_EVENT_ID_");
    const auto known = newer.find(word);
    EXPECT_TRUE(known == newer.end() || known->second == id) << name;
    if (known != newer.end() || others.count(word) > 0) continue;
    EXPECT_THAT(counted, Contains(ours.count(word) > 0 ? ours.at(word) : word)) << name;
  }
}

TEST(LibvirtHeader, callbacks_of_newer_events_have_the_parameters_that_we_give_them) {
  const std::map<std::string, std::string> ours = {
      {"virConnectDomainEventMemoryDeviceSizeChangeCallback", "const char *alias, unsigned long long size"},
      {"virConnectDomainEventNICMACChangeCallback", "const char *alias, const char *oldMAC, const char *newMAC"},
      {"virConnectDomainEventVcpuRemovedCallback", "unsigned int vcpuid"},
      {"virConnectDomainEventChannelLifecycleCallback", "const char *channelName, int state, int reason"}};
  for (const auto& [callback, parameters] : ours) {
    const std::string known = headers().parameters(callback);
    if (known.empty()) continue;
    EXPECT_EQ(known, "virConnectPtr conn, virDomainPtr dom, " + parameters + ", void *opaque") << callback;
  }
  EXPECT_NE(headers().parameters("virConnectDomainEventMemoryDeviceSizeChangeCallback"), "");
}

// ---- Statistics, lists and numbers -------------------------------------------------------------------------

TEST(LibvirtHeader, lists_and_their_flags_are_known) {
  EXPECT_THAT(words_of("virConnectGetAllDomainStatsFlags", "VIR_CONNECT_GET_ALL_DOMAINS_STATS_"),
              testing::UnorderedElementsAre("active", "inactive", "persistent", "transient", "running", "paused",
                                            "shutoff", "other", "nowait", "backing", "enforce_stats"));
  EXPECT_THAT(words_of("virConnectListAllDomainsFlags", "VIR_CONNECT_LIST_DOMAINS_"),
              testing::ElementsAre("active", "inactive", "persistent", "transient", "running", "paused", "shutoff",
                                   "other", "managedsave", "no_managedsave", "autostart", "no_autostart",
                                   "has_snapshot", "no_snapshot", "has_checkpoint", "no_checkpoint"));
  EXPECT_THAT(headers().names("virDomainMemoryStatTags"), testing::SizeIs(14)) << "of drivers without bulk statistics";
}

TEST(LibvirtHeader, numbers_of_the_host_are_exported_or_there_is_a_reason) {
  expect_keys("VIR_NODE_MEMORY_STATS_", "compute.host");
  const auto fields = headers().texts("VIR_NODE_CPU_STATS_");
  EXPECT_THAT(fields, Not(IsEmpty()));
  for (const auto& [macro, field] : fields) {
    if (field == "utilization") continue;  // in percent, where the times are not known
    EXPECT_NE(samples_only(expose("compute.host", snapshot_of("Host:\ncpu." + field + "=1"))), "") << macro;
  }
  const auto merging = headers().texts("VIR_NODE_MEMORY_SHARED_");
  EXPECT_THAT(merging, Not(IsEmpty()));
  const auto keys = keys_of("compute.host");
  for (const auto& [macro, key] : merging) EXPECT_THAT(keys, Contains(key.substr(std::string{"shm_"}.size()))) << macro;
}

TEST(LibvirtHeader, numbers_of_domains_are_exported_or_there_is_a_reason) {
  expect_keys("VIR_DOMAIN_BLOCK_IOTUNE_", "compute.disk", {"group_name"});
  expect_keys("VIR_DOMAIN_BLOCK_IOTUNE_", "compute.throttle_group", {"group_name"});  // the label
  expect_keys("VIR_DOMAIN_JOB_", "compute.job", {"success", "errmsg"});               // of one that is over
  expect_keys("VIR_PERF_PARAM_", "compute.perf");
}

}  // namespace
}  // namespace virt
