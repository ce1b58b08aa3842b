// SPDX-License-Identifier: Apache-2.0
// Ceilometer's meters of the disks of an instance that runs; of one that is shut off it asks nothing.
#include <algorithm>

#include "collectors/ceilometer.h"
#include "collectors/images.h"
#include "collectors/other_vocabulary.h"

namespace virt::ceilometer {
namespace {

constexpr Row kDisk[] = {
    {{"rd.reqs", "ceilometer_disk_device_read_requests", Type::kCumulative, kOne,
      "Read requests to the disk (libvirt block.<n>.rd.reqs)."},
     "disk.device.read.requests",
     "request"},
    {{"wr.reqs", "ceilometer_disk_device_write_requests", Type::kCumulative, kOne,
      "Write requests to the disk (libvirt block.<n>.wr.reqs)."},
     "disk.device.write.requests",
     "request"},
    {{"rd.bytes", "ceilometer_disk_device_read_bytes", Type::kCumulative, kOne,
      "Bytes read from the disk (libvirt block.<n>.rd.bytes)."},
     "disk.device.read.bytes",
     "B"},
    {{"wr.bytes", "ceilometer_disk_device_write_bytes", Type::kCumulative, kOne,
      "Bytes written to the disk (libvirt block.<n>.wr.bytes)."},
     "disk.device.write.bytes",
     "B"},
    {{"rd.times", "ceilometer_disk_device_read_latency", Type::kCumulative, kOne,
      "Total time spent on read requests to the disk in ns (libvirt block.<n>.rd.times)."},
     "disk.device.read.latency",
     "ns"},
    {{"wr.times", "ceilometer_disk_device_write_latency", Type::kCumulative, kOne,
      "Total time spent on write requests to the disk in ns (libvirt block.<n>.wr.times)."},
     "disk.device.write.latency",
     "ns"},
    {{"allocation", "ceilometer_disk_device_allocation", Type::kGauge, kOne,
      "Highest written offset of the disk's image in bytes (libvirt block.<n>.allocation)."},
     "disk.device.allocation",
     "B"},
    {{"physical", "ceilometer_disk_device_usage", Type::kGauge, kOne,
      "Size in bytes of the file or block device that holds the disk's image (libvirt block.<n>.physical)."},
     "disk.device.usage",
     "B"},
};

constexpr Row kCapacity[] = {
    {{"", "ceilometer_disk_device_capacity", Type::kGauge, kOne,
      "Size of the disk as the guest sees it, or of the file or block device that holds its image if that is larger, "
      "in bytes (libvirt block.<n>.capacity, block.<n>.physical)."},
     "disk.device.capacity",
     "B"},
};

class CeilometerDiskPollster : public OtherVocabulary {
 public:
  std::vector<Meters> meters() const override {
    std::vector<Meters> all = meters_of(kDisk);
    all.push_back(meters_of(kCapacity).front());
    return all;
  }
  Needs needs() const override { return Group::kState | Group::kBlock | Group::kXml; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Domain& domain : snapshot.domains) {
      if (!domain.facts->nova || !domain.active) continue;
      const Instance instance{domain, snapshot.source};
      for (const Image& image : images_of(domain))
        if (image.on_top) sample_disk(domain, image, instance, counters);
    }
    return counters;
  }

 private:
  static void sample_disk(const Domain& domain, const Image& image, const Instance& instance, Counters& counters) {
    const Disk* facts = domain.facts->disk(image.target);
    if (facts == nullptr || !facts->has_source) return;
    const Source source{domain.uuid + "-" + std::string{image.target}, domain.name};
    instance.sample(kDisk, image.stats, source, counters);
    const auto capacity = image.stats.number("capacity"), physical = image.stats.number("physical");
    if (capacity) instance.sample(kCapacity[0], std::max(*capacity, physical.value_or(*capacity)), source, counters);
  }
};

REGISTER_POLLSTER(ceilometer, disk, CeilometerDiskPollster);

}  // namespace
}  // namespace virt::ceilometer
