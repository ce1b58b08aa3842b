// SPDX-License-Identifier: Apache-2.0
// Ceilometer's meters of an instance's disks.
#include <algorithm>

#include "collectors/ceilometer.h"

namespace virt::ceilometer {
namespace {

constexpr Row kDisk[] = {
    {{"rd.reqs", "ceilometer_disk_device_read_requests", Type::kCumulative, kOne, "Read requests, block.<n>.rd.reqs."},
     "disk.device.read.requests",
     "request"},
    {{"wr.reqs", "ceilometer_disk_device_write_requests", Type::kCumulative, kOne,
      "Write requests, block.<n>.wr.reqs."},
     "disk.device.write.requests",
     "request"},
    {{"rd.bytes", "ceilometer_disk_device_read_bytes", Type::kCumulative, kOne, "Bytes read, block.<n>.rd.bytes."},
     "disk.device.read.bytes",
     "B"},
    {{"wr.bytes", "ceilometer_disk_device_write_bytes", Type::kCumulative, kOne, "Bytes written, block.<n>.wr.bytes."},
     "disk.device.write.bytes",
     "B"},
    {{"rd.times", "ceilometer_disk_device_read_latency", Type::kCumulative, kOne,
      "Time that read requests took, added up, in ns, block.<n>.rd.times."},
     "disk.device.read.latency",
     "ns"},
    {{"wr.times", "ceilometer_disk_device_write_latency", Type::kCumulative, kOne,
      "Time that write requests took, added up, in ns, block.<n>.wr.times."},
     "disk.device.write.latency",
     "ns"},
    {{"allocation", "ceilometer_disk_device_allocation", Type::kGauge, kOne,
      "Highest written offset of the image in bytes, block.<n>.allocation."},
     "disk.device.allocation",
     "B"},
    {{"physical", "ceilometer_disk_device_usage", Type::kGauge, kOne,
      "Size of the image's container in bytes, block.<n>.physical."},
     "disk.device.usage",
     "B"},
};

constexpr Row kCapacity[] = {
    {{"", "ceilometer_disk_device_capacity", Type::kGauge, kOne,
      "Size that the guest sees, or of the image's container if that is larger, in bytes, block.<n>.capacity, "
      "block.<n>.physical."},
     "disk.device.capacity",
     "B"},
};

bool has_source(const Disk& disk) {
  return !disk.source_file.empty() || !disk.source_name.empty() || !disk.source_protocol.empty();
}

class CeilometerDiskPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override {
    std::vector<Meters> all = meters_of(kDisk);
    all.push_back(meters_of(kCapacity).front());
    return all;
  }
  Groups groups() const override { return Group::kState | Group::kBlock | Group::kXml; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Domain& domain : snapshot.domains) {
      if (!domain.facts->nova) continue;
      const Instance instance{domain, snapshot.source};
      for (const Record& disk : domain.stats.group("block")) sample_disk(domain, disk, instance, counters);
    }
    return counters;
  }

 private:
  static void sample_disk(const Domain& domain, const Record& disk, const Instance& instance, Counters& counters) {
    const auto target = disk.text("name");
    const Disk* facts = target ? domain.facts->disk(*target) : nullptr;
    if (facts == nullptr || !has_source(*facts)) return;
    const Source source{domain.uuid + "-" + facts->target, domain.name};
    instance.sample(kDisk, disk, source, counters);
    if (const auto capacity = disk.number("capacity"))
      instance.sample(kCapacity[0], std::max(*capacity, disk.number("physical").value_or(0)), source, counters);
  }
};

REGISTER_POLLSTER(ceilometer, disk, CeilometerDiskPollster);

}  // namespace
}  // namespace virt::ceilometer
