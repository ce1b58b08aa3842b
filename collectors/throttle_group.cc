// SPDX-License-Identifier: Apache-2.0
// Limits that disks of a domain share: the throttle groups of its XML, libvirt 11.2 and later. What passes through a
// group is the requests of all of its disks together, and a disk's may pass through several groups. So a group's limits
// are not any disk's, whose own are libvirt_domain_block_limit_*.
#include "exporter/pollster.h"

namespace virt {
namespace {

constexpr Meter kLimits[] = {
    {"total_bytes_sec", "libvirt_domain_block_throttle_group_limit_total_bytes_per_second", Type::kGauge, kOne,
     "Throttled to this throughput, total_bytes_sec of the XML's throttlegroup."},
    {"read_bytes_sec", "libvirt_domain_block_throttle_group_limit_read_bytes_per_second", Type::kGauge, kOne,
     "Reads are throttled to this throughput, read_bytes_sec of the XML's throttlegroup."},
    {"write_bytes_sec", "libvirt_domain_block_throttle_group_limit_write_bytes_per_second", Type::kGauge, kOne,
     "Writes are throttled to this throughput, write_bytes_sec of the XML's throttlegroup."},
    {"total_iops_sec", "libvirt_domain_block_throttle_group_limit_total_requests_per_second", Type::kGauge, kOne,
     "Throttled to this rate, total_iops_sec of the XML's throttlegroup."},
    {"read_iops_sec", "libvirt_domain_block_throttle_group_limit_read_requests_per_second", Type::kGauge, kOne,
     "Reads are throttled to this rate, read_iops_sec of the XML's throttlegroup."},
    {"write_iops_sec", "libvirt_domain_block_throttle_group_limit_write_requests_per_second", Type::kGauge, kOne,
     "Writes are throttled to this rate, write_iops_sec of the XML's throttlegroup."},
    {"total_bytes_sec_max", "libvirt_domain_block_throttle_group_limit_total_burst_bytes_per_second", Type::kGauge,
     kOne, "Throughput of a burst, total_bytes_sec_max of the XML's throttlegroup."},
    {"read_bytes_sec_max", "libvirt_domain_block_throttle_group_limit_read_burst_bytes_per_second", Type::kGauge, kOne,
     "Throughput of a burst of reads, read_bytes_sec_max of the XML's throttlegroup."},
    {"write_bytes_sec_max", "libvirt_domain_block_throttle_group_limit_write_burst_bytes_per_second", Type::kGauge,
     kOne, "Throughput of a burst of writes, write_bytes_sec_max of the XML's throttlegroup."},
    {"total_iops_sec_max", "libvirt_domain_block_throttle_group_limit_total_burst_requests_per_second", Type::kGauge,
     kOne, "Rate of a burst, total_iops_sec_max of the XML's throttlegroup."},
    {"read_iops_sec_max", "libvirt_domain_block_throttle_group_limit_read_burst_requests_per_second", Type::kGauge,
     kOne, "Rate of a burst of reads, read_iops_sec_max of the XML's throttlegroup."},
    {"write_iops_sec_max", "libvirt_domain_block_throttle_group_limit_write_burst_requests_per_second", Type::kGauge,
     kOne, "Rate of a burst of writes, write_iops_sec_max of the XML's throttlegroup."},
    {"total_bytes_sec_max_length", "libvirt_domain_block_throttle_group_limit_total_burst_bytes_seconds", Type::kGauge,
     kOne,
     "How long a burst may last at the throughput of a burst, total_bytes_sec_max_length of the XML's "
     "throttlegroup."},
    {"read_bytes_sec_max_length", "libvirt_domain_block_throttle_group_limit_read_burst_bytes_seconds", Type::kGauge,
     kOne,
     "How long a burst of reads may last at the throughput of a burst, read_bytes_sec_max_length of the "
     "XML's throttlegroup."},
    {"write_bytes_sec_max_length", "libvirt_domain_block_throttle_group_limit_write_burst_bytes_seconds", Type::kGauge,
     kOne,
     "How long a burst of writes may last at the throughput of a burst, write_bytes_sec_max_length of the "
     "XML's throttlegroup."},
    {"total_iops_sec_max_length", "libvirt_domain_block_throttle_group_limit_total_burst_requests_seconds",
     Type::kGauge, kOne,
     "How long a burst may last at the rate of a burst, total_iops_sec_max_length of the XML's throttlegroup."},
    {"read_iops_sec_max_length", "libvirt_domain_block_throttle_group_limit_read_burst_requests_seconds", Type::kGauge,
     kOne,
     "How long a burst of reads may last at the rate of a burst, read_iops_sec_max_length of the XML's "
     "throttlegroup."},
    {"write_iops_sec_max_length", "libvirt_domain_block_throttle_group_limit_write_burst_requests_seconds",
     Type::kGauge, kOne,
     "How long a burst of writes may last at the rate of a burst, write_iops_sec_max_length of the XML's "
     "throttlegroup."},
    {"size_iops_sec", "libvirt_domain_block_throttle_group_limit_request_size_bytes", Type::kGauge, kOne,
     "Requests that are larger count as several, size_iops_sec of the XML's throttlegroup."},
};

constexpr Meter kInfo[] = {
    {"", "libvirt_domain_block_throttle_group_info", Type::kGauge, kOne,
     "Constant 1; the disk's requests pass through the throttle group, throttlefilter/@group of the XML."},
};

class ThrottleGroupPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override { return {kLimits, kInfo}; }
  Groups groups() const override { return Group::kState | Group::kXml; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Domain& domain : snapshot.domains) {
      for (const ThrottleGroup& group : domain.facts->throttle_groups)
        sample(kLimits, group.limits.all(), {&domain, {{"throttle_group", group.name}}}, counters);
      for (const Disk& disk : domain.facts->disks)
        for (const std::string& group : disk.throttle_groups)
          sample(kInfo[0], 1, {&domain, {{"target_device", disk.target}, {"throttle_group", group}}}, counters);
    }
    return counters;
  }
};

REGISTER_POLLSTER(compute, throttle_group, ThrottleGroupPollster);

}  // namespace
}  // namespace virt
