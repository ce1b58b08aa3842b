// SPDX-License-Identifier: Apache-2.0
// The images below each disk's: libvirt's "block.<n>.*" once more, with the name of the disk and another backingIndex.
// They are there with --backing_chain alone. They have families of their own, so that sums over disks stay true.
#include <utility>

#include "collectors/images.h"
#include "exporter/libvirt/snapshot.h"

namespace virt {
namespace {

constexpr Meter kIo[] = {
    {"rd.bytes", "libvirt_domain_block_backing_read_bytes_total", Type::kCumulative, kOne,
     "Bytes read from the backing image (libvirt block.<n>.rd.bytes)."},
    {"wr.bytes", "libvirt_domain_block_backing_write_bytes_total", Type::kCumulative, kOne,
     "Bytes written to the backing image (libvirt block.<n>.wr.bytes)."},
    {"rd.reqs", "libvirt_domain_block_backing_read_requests_total", Type::kCumulative, kOne,
     "Read requests to the backing image (libvirt block.<n>.rd.reqs)."},
    {"wr.reqs", "libvirt_domain_block_backing_write_requests_total", Type::kCumulative, kOne,
     "Write requests to the backing image (libvirt block.<n>.wr.reqs)."},
    {"fl.reqs", "libvirt_domain_block_backing_flush_requests_total", Type::kCumulative, kOne,
     "Flush requests to the backing image (libvirt block.<n>.fl.reqs)."},
    {"rd.times", "libvirt_domain_block_backing_read_time_seconds_total", Type::kCumulative, kNanoseconds,
     "Total time spent on read requests to the backing image (libvirt block.<n>.rd.times)."},
    {"wr.times", "libvirt_domain_block_backing_write_time_seconds_total", Type::kCumulative, kNanoseconds,
     "Total time spent on write requests to the backing image (libvirt block.<n>.wr.times)."},
    {"fl.times", "libvirt_domain_block_backing_flush_time_seconds_total", Type::kCumulative, kNanoseconds,
     "Total time spent on flush requests to the backing image (libvirt block.<n>.fl.times)."},
    {"capacity", "libvirt_domain_block_backing_capacity_bytes", Type::kGauge, kOne,
     "Virtual size of the backing image (libvirt block.<n>.capacity)."},
    {"allocation", "libvirt_domain_block_backing_allocation_bytes", Type::kGauge, kOne,
     "Highest written offset of the backing image (libvirt block.<n>.allocation)."},
    {"physical", "libvirt_domain_block_backing_physical_bytes", Type::kGauge, kOne,
     "Size of the file or block device that holds the backing image (libvirt block.<n>.physical)."},
    {"threshold", "libvirt_domain_block_backing_write_threshold_bytes", Type::kGauge, kOne,
     "Offset in the backing image at which a write raises an event (libvirt block.<n>.threshold)."},
    // libvirt 11.10 and later:
    {"limits.request_alignment", "libvirt_domain_block_backing_limits_request_alignment_bytes", Type::kGauge, kOne,
     "Required alignment of I/O requests (libvirt block.<n>.limits.request_alignment)."},
    {"limits.discard_max", "libvirt_domain_block_backing_limits_discard_max_bytes", Type::kGauge, kOne,
     "Maximum length of a discard request (libvirt block.<n>.limits.discard_max)."},
    {"limits.discard_alignment", "libvirt_domain_block_backing_limits_discard_alignment_bytes", Type::kGauge, kOne,
     "Optimal alignment of discard requests (libvirt block.<n>.limits.discard_alignment)."},
    {"limits.write_zeroes_max", "libvirt_domain_block_backing_limits_write_zeroes_max_bytes", Type::kGauge, kOne,
     "Maximum length of a write-zeroes request (libvirt block.<n>.limits.write_zeroes_max)."},
    {"limits.write_zeroes_alignment", "libvirt_domain_block_backing_limits_write_zeroes_alignment_bytes", Type::kGauge,
     kOne, "Optimal alignment of write-zeroes requests (libvirt block.<n>.limits.write_zeroes_alignment)."},
    {"limits.transfer_optimal", "libvirt_domain_block_backing_limits_transfer_optimal_bytes", Type::kGauge, kOne,
     "Optimal length of a transfer (libvirt block.<n>.limits.transfer_optimal)."},
    {"limits.transfer_max", "libvirt_domain_block_backing_limits_transfer_max_bytes", Type::kGauge, kOne,
     "Maximum length of a transfer (libvirt block.<n>.limits.transfer_max)."},
    {"limits.transfer_hw_max", "libvirt_domain_block_backing_limits_transfer_hardware_max_bytes", Type::kGauge, kOne,
     "Maximum length of a transfer that the hardware supports (libvirt block.<n>.limits.transfer_hw_max)."},
    {"limits.iov_max", "libvirt_domain_block_backing_limits_iov_max", Type::kGauge, kOne,
     "Maximum number of scatter-gather elements (libvirt block.<n>.limits.iov_max)."},
    {"limits.iov_hw_max", "libvirt_domain_block_backing_limits_iov_hardware_max", Type::kGauge, kOne,
     "Maximum number of scatter-gather elements that the hardware supports (libvirt block.<n>.limits.iov_hw_max)."},
    {"limits.memory_alignment_minimal", "libvirt_domain_block_backing_limits_memory_alignment_minimal_bytes",
     Type::kGauge, kOne, "Required alignment of memory buffers (libvirt block.<n>.limits.memory_alignment_minimal)."},
    {"limits.memory_alignment_optimal", "libvirt_domain_block_backing_limits_memory_alignment_optimal_bytes",
     Type::kGauge, kOne, "Optimal alignment of memory buffers (libvirt block.<n>.limits.memory_alignment_optimal)."},
};

constexpr Meter kInfo[] = {
    {"", "libvirt_domain_block_backing_info", Type::kGauge, kOne,
     "Constant 1; labels locate an image of the disk's backing chain (libvirt block.<n>.path)."},
};

class BackingChainPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override { return {kIo, kInfo}; }
  Needs needs() const override { return Group::kState | Group::kBlock; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Domain& domain : snapshot.domains)
      for (const Image& image : images_of(domain))
        if (!image.on_top) sample_image(domain, image.stats, image.target, counters);
    return counters;
  }

 private:
  static void sample_image(const Domain& domain, const Record& image, std::string_view target, Counters& counters) {
    const auto index = image.number("backingIndex");
    Resource resource{
        &domain,
        {{"target_device", target}, {"backing_index", index ? std::to_string(static_cast<long long>(*index)) : ""}}};
    counters.sample(kIo, image, resource);
    resource.labels.push_back({"source_file", std::string{image.text("path").value_or("")}});
    counters.sample(kInfo[0], 1, std::move(resource));
  }
};

REGISTER_POLLSTER(compute, backing_chain, BackingChainPollster);

}  // namespace
}  // namespace virt
