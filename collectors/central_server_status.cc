// SPDX-License-Identifier: Apache-2.0
// A series for each server: Nova's servers. Large clouds leave it out.
#include "collectors/central.h"

namespace virt {
namespace {

using namespace central;

constexpr Meter kStatus[] = {
    {"", "openstack_nova_server_status", Type::kGauge, kOne,
     "Status of the server: 0 ACTIVE, 1 BUILD, 3 DELETED, 4 ERROR, 5 HARD_REBOOT, 6 PASSWORD, 7 REBOOT, 8 REBUILD, 9 "
     "RESCUE, 10 RESIZE, 11 SHUTOFF, 12 SUSPENDED, 13 UNKNOWN, 14 VERIFY_RESIZE, 15 MIGRATING, 16 PAUSED, 17 "
     "REVERT_RESIZE, 18 SHELVED, 19 SHELVED_OFFLOADED, 20 SOFT_DELETED, -1 another one; labels describe it, "
     "instance_libvirt is its libvirt domain (Nova servers)."}};

double status_code(std::string_view status) {
  constexpr std::string_view kStatuses[] = {
      "ACTIVE",        "BUILD",     "BUILD(spawning)", "DELETED",       "ERROR",   "HARD_REBOOT",       "PASSWORD",
      "REBOOT",        "REBUILD",   "RESCUE",          "RESIZE",        "SHUTOFF", "SUSPENDED",         "UNKNOWN",
      "VERIFY_RESIZE", "MIGRATING", "PAUSED",          "REVERT_RESIZE", "SHELVED", "SHELVED_OFFLOADED", "SOFT_DELETED"};
  for (std::size_t i = 0; i < std::size(kStatuses); ++i)
    if (kStatuses[i] == status) return static_cast<double>(i);
  return -1;
}

using Flavors = std::map<std::string_view, std::string_view>;  // ids by names, which servers have of them

Flavors flavor_ids(const CloudItems* flavors) {
  Flavors ids;
  if (flavors != nullptr)
    for (const Stats& flavor : *flavors) ids.emplace(text(flavor, "name"), text(flavor, "id"));
  return ids;
}

class ServerStatusPollster : public CloudPollster {
 public:
  std::vector<Meters> meters() const override { return {kStatus}; }
  Needs needs() const override { return CloudList::kServers | CloudList::kFlavors; }

  Counters get_counters(const CloudSnapshot& snapshot) const override {
    Counters counters;
    const CloudItems *servers = snapshot.items(CloudList::kServers), *flavors = snapshot.items(CloudList::kFlavors);
    if (servers == nullptr || flavors == nullptr) return counters;
    const Flavors ids = flavor_ids(flavors);
    for (const Stats& server : *servers) sample_one(server, ids, counters);
    return counters;
  }

 private:
  static void sample_one(const Stats& server, const Flavors& flavors, Counters& counters) {
    const auto flavor = flavors.find(text(server, "flavor.original_name"));
    counters.sample(kStatus[0], status_code(text(server, "status")),
                    {nullptr,
                     {{"id", text(server, "id")},
                      {"status", text(server, "status")},
                      {"name", text(server, "name")},
                      {"tenant_id", text(server, "tenant_id")},
                      {"user_id", text(server, "user_id")},
                      {"address_ipv4", text(server, "accessIPv4")},
                      {"address_ipv6", text(server, "accessIPv6")},
                      {"host_id", text(server, "hostId")},
                      {"hypervisor_hostname", text(server, "OS-EXT-SRV-ATTR:hypervisor_hostname")},
                      {"uuid", text(server, "id")},
                      {"availability_zone", text(server, "OS-EXT-AZ:availability_zone")},
                      {"flavor_id", flavor == flavors.end() ? "" : flavor->second},
                      {"instance_libvirt", text(server, "OS-EXT-SRV-ATTR:instance_name")}}});
  }
};

REGISTER_POLLSTER(central, server_status, ServerStatusPollster);

}  // namespace
}  // namespace virt
