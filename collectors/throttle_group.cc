// SPDX-License-Identifier: Apache-2.0
// Limits that disks of a domain share: the throttle groups of its XML, libvirt 11.2 and later. What passes through a
// group is the requests of all of its disks together, and a disk's may pass through several groups. So a group's limits
// are not any disk's, whose own are libvirt_domain_block_limit_*.
#include "exporter/libvirt/snapshot.h"

namespace virt {
namespace {

constexpr Meter kLimits[] = {
    {"total_bytes_sec", "libvirt_domain_block_throttle_group_limit_total_bytes_per_second", Type::kGauge, kOne,
     "Limit of the throttle group's total throughput (domain XML throttlegroup/total_bytes_sec)."},
    {"read_bytes_sec", "libvirt_domain_block_throttle_group_limit_read_bytes_per_second", Type::kGauge, kOne,
     "Limit of the throttle group's read throughput (domain XML throttlegroup/read_bytes_sec)."},
    {"write_bytes_sec", "libvirt_domain_block_throttle_group_limit_write_bytes_per_second", Type::kGauge, kOne,
     "Limit of the throttle group's write throughput (domain XML throttlegroup/write_bytes_sec)."},
    {"total_iops_sec", "libvirt_domain_block_throttle_group_limit_total_requests_per_second", Type::kGauge, kOne,
     "Limit of the throttle group's total request rate (domain XML throttlegroup/total_iops_sec)."},
    {"read_iops_sec", "libvirt_domain_block_throttle_group_limit_read_requests_per_second", Type::kGauge, kOne,
     "Limit of the throttle group's read request rate (domain XML throttlegroup/read_iops_sec)."},
    {"write_iops_sec", "libvirt_domain_block_throttle_group_limit_write_requests_per_second", Type::kGauge, kOne,
     "Limit of the throttle group's write request rate (domain XML throttlegroup/write_iops_sec)."},
    {"total_bytes_sec_max", "libvirt_domain_block_throttle_group_limit_total_burst_bytes_per_second", Type::kGauge,
     kOne,
     "Limit of the throttle group's total throughput during a burst (domain XML throttlegroup/total_bytes_sec_max)."},
    {"read_bytes_sec_max", "libvirt_domain_block_throttle_group_limit_read_burst_bytes_per_second", Type::kGauge, kOne,
     "Limit of the throttle group's read throughput during a burst (domain XML throttlegroup/read_bytes_sec_max)."},
    {"write_bytes_sec_max", "libvirt_domain_block_throttle_group_limit_write_burst_bytes_per_second", Type::kGauge,
     kOne,
     "Limit of the throttle group's write throughput during a burst (domain XML throttlegroup/write_bytes_sec_max)."},
    {"total_iops_sec_max", "libvirt_domain_block_throttle_group_limit_total_burst_requests_per_second", Type::kGauge,
     kOne,
     "Limit of the throttle group's total request rate during a burst (domain XML throttlegroup/total_iops_sec_max)."},
    {"read_iops_sec_max", "libvirt_domain_block_throttle_group_limit_read_burst_requests_per_second", Type::kGauge,
     kOne,
     "Limit of the throttle group's read request rate during a burst (domain XML throttlegroup/read_iops_sec_max)."},
    {"write_iops_sec_max", "libvirt_domain_block_throttle_group_limit_write_burst_requests_per_second", Type::kGauge,
     kOne,
     "Limit of the throttle group's write request rate during a burst (domain XML throttlegroup/write_iops_sec_max)."},
    {"total_bytes_sec_max_length", "libvirt_domain_block_throttle_group_limit_total_burst_bytes_seconds", Type::kGauge,
     kOne,
     "Maximum duration of a burst at the total burst throughput (domain XML "
     "throttlegroup/total_bytes_sec_max_length)."},
    {"read_bytes_sec_max_length", "libvirt_domain_block_throttle_group_limit_read_burst_bytes_seconds", Type::kGauge,
     kOne,
     "Maximum duration of a burst at the read burst throughput (domain XML throttlegroup/read_bytes_sec_max_length)."},
    {"write_bytes_sec_max_length", "libvirt_domain_block_throttle_group_limit_write_burst_bytes_seconds", Type::kGauge,
     kOne,
     "Maximum duration of a burst at the write burst throughput (domain XML "
     "throttlegroup/write_bytes_sec_max_length)."},
    {"total_iops_sec_max_length", "libvirt_domain_block_throttle_group_limit_total_burst_requests_seconds",
     Type::kGauge, kOne,
     "Maximum duration of a burst at the total burst request rate (domain XML "
     "throttlegroup/total_iops_sec_max_length)."},
    {"read_iops_sec_max_length", "libvirt_domain_block_throttle_group_limit_read_burst_requests_seconds", Type::kGauge,
     kOne,
     "Maximum duration of a burst at the read burst request rate (domain XML throttlegroup/read_iops_sec_max_length)."},
    {"write_iops_sec_max_length", "libvirt_domain_block_throttle_group_limit_write_burst_requests_seconds",
     Type::kGauge, kOne,
     "Maximum duration of a burst at the write burst request rate (domain XML "
     "throttlegroup/write_iops_sec_max_length)."},
    {"size_iops_sec", "libvirt_domain_block_throttle_group_limit_request_size_bytes", Type::kGauge, kOne,
     "Request size above which the throttle counts a request as several (domain XML throttlegroup/size_iops_sec)."},
};

constexpr Meter kInfo[] = {
    {"", "libvirt_domain_block_throttle_group_info", Type::kGauge, kOne,
     "Constant 1; labels connect the disk with a throttle group that its requests pass through (domain XML "
     "throttlefilter/@group)."},
};

class ThrottleGroupPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override { return {kLimits, kInfo}; }
  Needs needs() const override { return Group::kState | Group::kXml; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Domain& domain : snapshot.domains) {
      for (const ThrottleGroup& group : domain.facts->throttle_groups)
        counters.sample(kLimits, group.limits.all(), {&domain, {{"throttle_group", group.name}}});
      for (const Disk& disk : domain.facts->disks)
        for (const std::string& group : disk.throttle_groups)
          counters.sample(kInfo[0], 1, {&domain, {{"target_device", disk.target}, {"throttle_group", group}}});
    }
    return counters;
  }
};

REGISTER_POLLSTER(compute, throttle_group, ThrottleGroupPollster);

}  // namespace
}  // namespace virt
