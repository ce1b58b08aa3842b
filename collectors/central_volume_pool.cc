// SPDX-License-Identifier: Apache-2.0
// What room the storage behind volumes has: Cinder's pools, of which its scheduler knows.
#include "collectors/central.h"

namespace virt {
namespace {

using namespace central;

// A driver that does not know a capacity says "unknown" or "infinite", and then there is no sample.
constexpr Meter kCapacities[] = {
    {"capabilities.free_capacity_gb", "openstack_cinder_pool_capacity_free_gb", Type::kGauge, kOne,
     "GiB of the storage pool that are free (Cinder pools free_capacity_gb)."},
    {"capabilities.total_capacity_gb", "openstack_cinder_pool_capacity_total_gb", Type::kGauge, kOne,
     "GiB of the storage pool (Cinder pools total_capacity_gb)."},
    {"capabilities.allocated_capacity_gb", "openstack_cinder_pool_capacity_allocated_gb", Type::kGauge, kOne,
     "GiB of the volumes that Cinder made in the storage pool (Cinder pools allocated_capacity_gb)."},
    {"capabilities.provisioned_capacity_gb", "openstack_cinder_pool_capacity_provisioned_gb", Type::kGauge, kOne,
     "GiB of all volumes in the storage pool, whoever made them (Cinder pools provisioned_capacity_gb)."},
};

class VolumePoolPollster : public CloudPollster {
 public:
  std::vector<Meters> meters() const override { return {kCapacities}; }
  Needs needs() const override { return CloudList::kVolumePools; }

  Counters get_counters(const CloudSnapshot& snapshot) const override {
    Counters counters;
    const CloudItems* const pools = snapshot.items(CloudList::kVolumePools);
    if (pools == nullptr) return counters;
    for (const Stats& pool : *pools) {
      const Resource resource{nullptr,
                              {{"name", text(pool, "name")},
                               {"volume_backend_name", text(pool, "capabilities.volume_backend_name")},
                               {"vendor_name", text(pool, "capabilities.vendor_name")}}};
      for (const Meter& capacity : kCapacities)
        if (const auto number = pool.number(capacity.key)) counters.sample(capacity, *number, resource);
    }
    return counters;
  }
};

REGISTER_POLLSTER(central, volume_pool, VolumePoolPollster);

}  // namespace
}  // namespace virt
