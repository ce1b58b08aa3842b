// SPDX-License-Identifier: Apache-2.0
// What OpenStack's APIs said, and what their pollsters are.
#ifndef VIRT_EXPORTER_OPENSTACK_SNAPSHOT_H_
#define VIRT_EXPORTER_OPENSTACK_SNAPSHOT_H_

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/pollster.h"
#include "exporter/record.h"
#include "exporter/snapshot.h"

#pragma GCC visibility push(default)  // plug-ins find it in the program

namespace virt {

// What a pollster needs of OpenStack: lists of its APIs. exporter/openstack/lists.cc says how each is read.
struct CloudList {
  enum One : Needs {
    kProjects = 1ull << 0,
    kDomains = 1ull << 1,
    kUsers = 1ull << 2,
    kGroups = 1ull << 3,
    kRegions = 1ull << 4,
    kFloatingIps = 1ull << 5,
    kNetworks = 1ull << 6,
    kSubnets = 1ull << 7,
    kSecurityGroups = 1ull << 8,
    kIpAvailabilities = 1ull << 9,
    kRouters = 1ull << 10,
    kPorts = 1ull << 11,
    kNetworkAgents = 1ull << 12,
    kComputeServices = 1ull << 13,
    kHypervisors = 1ull << 14,
    kAggregates = 1ull << 15,
    kZones = 1ull << 16,
    kFlavors = 1ull << 17,
    kServers = 1ull << 18,
    kUsage = 1ull << 19,
    kImages = 1ull << 20,
    kVolumes = 1ull << 21,
    kVolumeSnapshots = 1ull << 22,
    kVolumeServices = 1ull << 23,
    kVolumePools = 1ull << 24,
    kResourceProviders = 1ull << 25,
  };
};

// The items of a list as the API gave them: "key → number | text" with the API's own keys, those of nested objects
// after a dot ("flavor.original_name", "hosts.0"); booleans are 0 and 1, a null is absent, "fixed_ips.#" is how many
// there are. Text is cut at 256 bytes.
using CloudItems = std::vector<Stats>;

// How the last read of a list fared.
struct CloudListReport {
  std::string_view service, list;       // "neutron", "floatingips"
  bool success = false;                 // the last read that ended, ended well, and what it found is not too old
  std::string reason;                   // of what was not: "timeout", "forbidden", "scope" …; empty for success
  std::optional<double> age, duration;  // of what is in the snapshot, in seconds; of the read that found it
  std::optional<std::size_t> pages, items;
};

// Whether a service's API did what it should, as far as its lists were asked for.
struct CloudService {
  std::string_view name;  // "neutron"
  bool up = false;
};

// Whose eyes the exporter has.
struct CloudScope {
  std::string kind;  // "project", "system", "domain"
  std::string project_id, project_name, user_name;
  std::string roles;        // separated by commas
  bool cloud_wide = false;  // such a token sees every project's resources
};

struct CloudRequests {
  std::string_view service;
  std::string code;  // of HTTP; "timeout", "error" where there was no answer
  std::uint64_t count;
};

// Is up if Keystone has given a token that is still good, or anything is known from an earlier one.
struct CloudSnapshot : SnapshotBase {
  static constexpr std::string_view kSource = "openstack";

  std::map<Needs, std::shared_ptr<const CloudItems>> lists;
  std::vector<CloudListReport> reports;
  std::vector<CloudService> services;
  std::optional<CloudScope> scope;
  std::vector<CloudRequests> requests;
  std::uint64_t logins = 0;

  // Null if it is not known, or not all of it: then there is nothing to count.
  const CloudItems* items(CloudList::One list) const {
    const auto found = lists.find(list);
    return found == lists.end() ? nullptr : found->second.get();
  }
};

// "2026-11-28T14:05:01.000000" in seconds since the epoch; the fraction and the zone, always UTC, are ignored. Nothing
// for other text.
std::optional<double> unix_time(std::string_view text);

// A pollster of OpenStack's APIs. It is off unless it is chosen, as it needs a cloud to log in to.
class CloudPollster : public PollsterOf<CloudSnapshot> {
 public:
  bool on_by_default() const override { return false; }
};

}  // namespace virt

#pragma GCC visibility pop

#endif  // VIRT_EXPORTER_OPENSTACK_SNAPSHOT_H_
