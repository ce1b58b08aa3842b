// SPDX-License-Identifier: Apache-2.0
// What hosts have for servers and what of it is taken: the inventories and usages of Placement's resource providers.
#include "collectors/central.h"

namespace virt {
namespace {

using namespace central;

constexpr Meter kInventories[] = {
    {"*.total", "openstack_placement_resource_total", Type::kGauge, kOne,
     "Amount of the resource that the host has: MiB of MEMORY_MB, GiB of DISK_GB (Placement inventories total)."},
    {"*.reserved", "openstack_placement_resource_reserved", Type::kGauge, kOne,
     "Amount of the resource that servers do not get (Placement inventories reserved)."},
    {"*.allocation_ratio", "openstack_placement_resource_allocation_ratio", Type::kGauge, kOne,
     "How often each unit of the resource may be given away (Placement inventories allocation_ratio)."},
};
constexpr Meter kUsages[] = {{"*", "openstack_placement_resource_usage", Type::kGauge, kOne,
                              "Amount of the resource that servers and others have (Placement usages)."}};

class PlacementPollster : public CloudPollster {
 public:
  std::vector<Meters> meters() const override { return {kInventories, kUsages}; }
  Needs needs() const override { return CloudList::kResourceProviders; }

  Counters get_counters(const CloudSnapshot& snapshot) const override {
    Counters counters;
    const CloudItems* const providers = snapshot.items(CloudList::kResourceProviders);
    if (providers == nullptr) return counters;
    for (const Stats& provider : *providers) {
      for (const Meter& meter : kInventories) sample_each(meter, provider, "inventories", counters);
      sample_each(kUsages[0], provider, "usages", counters);
    }
    return counters;
  }

 private:
  static void sample_each(const Meter& meter, const Stats& provider, std::string_view document, Counters& counters) {
    for (const auto& [resource, amount, position] : provider.record(document).match(meter.key))
      counters.sample(meter, amount, {nullptr, {{"hostname", text(provider, "name")}, {"resourcetype", resource}}});
  }
};

REGISTER_POLLSTER(central, placement, PlacementPollster);

}  // namespace
}  // namespace virt
