// SPDX-License-Identifier: Apache-2.0
// What each project used since the month began: Nova's os-simple-tenant-usage, which spreads a project over pages.
#include "collectors/central.h"

namespace virt {
namespace {

using namespace central;

// Not counters: they begin anew each month, and fall when Nova archives deleted servers.
constexpr Meter kUsage[] = {
    {"total_hours", "openstack_nova_project_instance_hours", Type::kGauge, kOne,
     "Hours of the project's servers since the month began, UTC (Nova os-simple-tenant-usage total_hours)."},
    {"total_vcpus_usage", "openstack_nova_project_vcpu_hours", Type::kGauge, kOne,
     "Hours of the project's vCPUs since the month began, UTC (Nova os-simple-tenant-usage total_vcpus_usage)."},
    {"total_memory_mb_usage", "openstack_nova_project_memory_mb_hours", Type::kGauge, kOne,
     "MiB-hours of the project's memory since the month began, UTC (Nova os-simple-tenant-usage "
     "total_memory_mb_usage)."},
    {"total_local_gb_usage", "openstack_nova_project_disk_gb_hours", Type::kGauge, kOne,
     "GiB-hours of the project's flavors' disks since the month began, UTC (Nova os-simple-tenant-usage "
     "total_local_gb_usage)."},
};
constexpr Meter kStart[] = {{"", "openstack_nova_usage_window_start_seconds", Type::kGauge, kOne,
                             "Unix time from which on usage is added up (Nova os-simple-tenant-usage start)."}};

using Sums = std::array<std::optional<double>, std::size(kUsage)>;

class UsagePollster : public CloudPollster {
 public:
  std::vector<Meters> meters() const override { return {kUsage, kStart}; }
  Needs needs() const override { return CloudList::kUsage; }

  Counters get_counters(const CloudSnapshot& snapshot) const override {
    Counters counters;
    const CloudItems* const usages = snapshot.items(CloudList::kUsage);
    if (usages == nullptr) return counters;
    std::map<std::string_view, Sums> projects;
    for (const Stats& usage : *usages) add(usage, projects[text(usage, "tenant_id")]);
    for (const auto& [project, sums] : projects) {
      const Resource resource{nullptr, {{"project_id", project}}};
      for (std::size_t i = 0; i < sums.size(); ++i)
        if (sums[i]) counters.sample(kUsage[i], *sums[i], resource);
    }
    if (!usages->empty())
      if (const auto start = unix_time(text(usages->front(), "start"))) counters.sample(kStart[0], *start, {});
    return counters;
  }

 private:
  static void add(const Stats& usage, Sums& sums) {
    for (std::size_t i = 0; i < sums.size(); ++i)
      if (const auto hours = usage.number(kUsage[i].key)) sums[i] = sums[i].value_or(0) + *hours;
  }
};

REGISTER_POLLSTER(central, usage, UsagePollster);

}  // namespace
}  // namespace virt
