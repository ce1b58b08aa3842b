// SPDX-License-Identifier: Apache-2.0
// Ceilometer's meters of the disks of an instance that runs; of one that is shut off it asks nothing.
#include <algorithm>
#include <optional>

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
};

// Ceilometer asks virDomainGetBlockInfo, a call for each disk. libvirt makes its answer of what QEMU says, which the
// bulk call has as well, and of the length of files, which the bulk call lacks.
constexpr Row kAllocation[] = {
    {{"", "ceilometer_disk_device_allocation", Type::kGauge, kOne,
      "Highest written offset of the disk's image in bytes; of a file the allocated size instead if that offset is 0 "
      "or the image is qcow2, or its length if nothing is allocated, where Ceilometer has 0 (libvirt "
      "block.<n>.allocation, block.<n>.physical)."},
     "disk.device.allocation",
     "B"},
};

constexpr Row kUsage[] = {
    {{"", "ceilometer_disk_device_usage", Type::kGauge, kOne,
      "Size in bytes of the block device, or of the file by Ceilometer's rules: a raw one's length, or its allocated "
      "size once its guest has written to it; of a file in another format, whose length is not known, the allocated "
      "size, or the highest written offset of a qcow2 image if that is larger (libvirt block.<n>.physical, "
      "block.<n>.capacity, block.<n>.allocation)."},
     "disk.device.usage",
     "B"},
};

constexpr Row kCapacity[] = {
    {{"", "ceilometer_disk_device_capacity", Type::kGauge, kOne,
      "Size of the disk as the guest sees it, or ceilometer_disk_device_usage if that is larger, in bytes (libvirt "
      "block.<n>.capacity, block.<n>.physical)."},
     "disk.device.capacity",
     "B"},
};

using Bytes = std::optional<double>;

// An image as virDomainGetBlockInfo sees it. `physical` is what is allocated of a file, and the length of a device;
// also that of a file of which nothing is allocated, which cannot be told from one that is allocated as a whole.
struct Size {
  Size(const Disk& disk, const Record& stats)
      : highest(stats.number("allocation")),
        physical(stats.number("physical")),
        capacity(stats.number("capacity")),
        is_file(disk.type == "file"),
        is_qcow2(disk.driver_type == "qcow2"),
        is_whole_file(disk.is_whole_file) {}

  Bytes allocation() const {
    return is_file && physical && (is_qcow2 || highest.value_or(0) == 0) ? physical : highest;
  }

  Bytes usage() const {
    if (!physical) return std::nullopt;
    if (is_file && is_qcow2) return std::max(*physical, highest.value_or(0));
    const bool is_length = allocation() == physical;
    return is_whole_file && is_length && capacity ? capacity : physical;
  }

  const Bytes highest, physical, capacity;
  const bool is_file, is_qcow2, is_whole_file;
};

class CeilometerDiskPollster : public OtherVocabulary {
 public:
  std::vector<Meters> meters() const override {
    std::vector<Meters> all = meters_of(kDisk);
    for (const std::span<const Row> rows : {std::span<const Row>{kAllocation}, {kUsage}, {kCapacity}})
      all.push_back(meters_of(rows).front());
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
    const Size size{*facts, image.stats};
    const Bytes usage = size.usage();
    sample_if_known(kAllocation[0], size.allocation(), instance, source, counters);
    sample_if_known(kUsage[0], usage, instance, source, counters);
    if (size.capacity) instance.sample(kCapacity[0], std::max(*size.capacity, usage.value_or(0)), source, counters);
  }

  static void sample_if_known(const Row& row, Bytes bytes, const Instance& instance, const Source& source,
                              Counters& counters) {
    if (bytes) instance.sample(row, *bytes, source, counters);
  }
};

REGISTER_POLLSTER(ceilometer, disk, CeilometerDiskPollster);

}  // namespace
}  // namespace virt::ceilometer
