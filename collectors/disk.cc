// SPDX-License-Identifier: Apache-2.0
// Disks of each domain: libvirt's "block.<n>.*", and what the XML says of them.
#include <algorithm>
#include <charconv>
#include <utility>

#include "collectors/images.h"
#include "exporter/libvirt/snapshot.h"

namespace virt {
namespace {

// In libvirt's order, in which they are found quickest.
constexpr Meter kStats[] = {
    {"rd.reqs", "libvirt_domain_block_stats_read_requests_total", Type::kCumulative, kOne,
     "Read requests to the disk (libvirt block.<n>.rd.reqs)."},
    {"rd.bytes", "libvirt_domain_block_stats_read_bytes_total", Type::kCumulative, kOne,
     "Bytes read from the disk (libvirt block.<n>.rd.bytes)."},
    {"rd.times", "libvirt_domain_block_stats_read_time_seconds_total", Type::kCumulative, kNanoseconds,
     "Total time spent on read requests to the disk (libvirt block.<n>.rd.times)."},
    {"wr.reqs", "libvirt_domain_block_stats_write_requests_total", Type::kCumulative, kOne,
     "Write requests to the disk (libvirt block.<n>.wr.reqs)."},
    {"wr.bytes", "libvirt_domain_block_stats_write_bytes_total", Type::kCumulative, kOne,
     "Bytes written to the disk (libvirt block.<n>.wr.bytes)."},
    {"wr.times", "libvirt_domain_block_stats_write_time_seconds_total", Type::kCumulative, kNanoseconds,
     "Total time spent on write requests to the disk (libvirt block.<n>.wr.times)."},
    {"fl.reqs", "libvirt_domain_block_stats_flush_requests_total", Type::kCumulative, kOne,
     "Flush requests to the disk (libvirt block.<n>.fl.reqs)."},
    {"fl.times", "libvirt_domain_block_stats_flush_time_seconds_total", Type::kCumulative, kNanoseconds,
     "Total time spent on flush requests to the disk (libvirt block.<n>.fl.times)."},
    {"errors", "libvirt_domain_block_stats_errors_total", Type::kCumulative, kOne,
     "I/O errors of the disk, only from drivers that count them, such as Xen's oo_req (libvirt block.<n>.errors)."},
    {"allocation", "libvirt_domain_block_stats_allocation_bytes", Type::kGauge, kOne,
     "Highest written offset of the disk's image (libvirt block.<n>.allocation)."},
    {"capacity", "libvirt_domain_block_stats_capacity_bytes", Type::kGauge, kOne,
     "Size of the disk as the guest sees it (libvirt block.<n>.capacity)."},
    {"physical", "libvirt_domain_block_stats_physical_bytes", Type::kGauge, kOne,
     "Size of the file or block device that holds the disk's image (libvirt block.<n>.physical)."},
    {"threshold", "libvirt_domain_block_stats_write_threshold_bytes", Type::kGauge, kOne,
     "Offset in the disk's image at which a write raises an event (libvirt block.<n>.threshold)."},
    // libvirt 11.10 and later:
    {"limits.request_alignment", "libvirt_domain_block_limits_request_alignment_bytes", Type::kGauge, kOne,
     "Required alignment of I/O requests (libvirt block.<n>.limits.request_alignment)."},
    {"limits.discard_max", "libvirt_domain_block_limits_discard_max_bytes", Type::kGauge, kOne,
     "Maximum length of a discard request (libvirt block.<n>.limits.discard_max)."},
    {"limits.discard_alignment", "libvirt_domain_block_limits_discard_alignment_bytes", Type::kGauge, kOne,
     "Optimal alignment of discard requests (libvirt block.<n>.limits.discard_alignment)."},
    {"limits.write_zeroes_max", "libvirt_domain_block_limits_write_zeroes_max_bytes", Type::kGauge, kOne,
     "Maximum length of a write-zeroes request (libvirt block.<n>.limits.write_zeroes_max)."},
    {"limits.write_zeroes_alignment", "libvirt_domain_block_limits_write_zeroes_alignment_bytes", Type::kGauge, kOne,
     "Optimal alignment of write-zeroes requests (libvirt block.<n>.limits.write_zeroes_alignment)."},
    {"limits.transfer_optimal", "libvirt_domain_block_limits_transfer_optimal_bytes", Type::kGauge, kOne,
     "Optimal length of a transfer (libvirt block.<n>.limits.transfer_optimal)."},
    {"limits.transfer_max", "libvirt_domain_block_limits_transfer_max_bytes", Type::kGauge, kOne,
     "Maximum length of a transfer (libvirt block.<n>.limits.transfer_max)."},
    {"limits.transfer_hw_max", "libvirt_domain_block_limits_transfer_hardware_max_bytes", Type::kGauge, kOne,
     "Maximum length of a transfer that the hardware supports (libvirt block.<n>.limits.transfer_hw_max)."},
    {"limits.iov_max", "libvirt_domain_block_limits_iov_max", Type::kGauge, kOne,
     "Maximum number of scatter-gather elements (libvirt block.<n>.limits.iov_max)."},
    {"limits.iov_hw_max", "libvirt_domain_block_limits_iov_hardware_max", Type::kGauge, kOne,
     "Maximum number of scatter-gather elements that the hardware supports (libvirt block.<n>.limits.iov_hw_max)."},
    {"limits.memory_alignment_minimal", "libvirt_domain_block_limits_memory_alignment_minimal_bytes", Type::kGauge,
     kOne, "Required alignment of memory buffers (libvirt block.<n>.limits.memory_alignment_minimal)."},
    {"limits.memory_alignment_optimal", "libvirt_domain_block_limits_memory_alignment_optimal_bytes", Type::kGauge,
     kOne, "Optimal alignment of memory buffers (libvirt block.<n>.limits.memory_alignment_optimal)."},
};

constexpr Meter kThrottle[] = {
    {"total_bytes_sec", "libvirt_domain_block_limit_total_bytes_per_second", Type::kGauge, kOne,
     "Limit of the disk's total throughput (domain XML iotune/total_bytes_sec)."},
    {"read_bytes_sec", "libvirt_domain_block_limit_read_bytes_per_second", Type::kGauge, kOne,
     "Limit of the disk's read throughput (domain XML iotune/read_bytes_sec)."},
    {"write_bytes_sec", "libvirt_domain_block_limit_write_bytes_per_second", Type::kGauge, kOne,
     "Limit of the disk's write throughput (domain XML iotune/write_bytes_sec)."},
    {"total_iops_sec", "libvirt_domain_block_limit_total_requests_per_second", Type::kGauge, kOne,
     "Limit of the disk's total request rate (domain XML iotune/total_iops_sec)."},
    {"read_iops_sec", "libvirt_domain_block_limit_read_requests_per_second", Type::kGauge, kOne,
     "Limit of the disk's read request rate (domain XML iotune/read_iops_sec)."},
    {"write_iops_sec", "libvirt_domain_block_limit_write_requests_per_second", Type::kGauge, kOne,
     "Limit of the disk's write request rate (domain XML iotune/write_iops_sec)."},
    {"total_bytes_sec_max", "libvirt_domain_block_limit_total_burst_bytes_per_second", Type::kGauge, kOne,
     "Limit of the disk's total throughput during a burst (domain XML iotune/total_bytes_sec_max)."},
    {"read_bytes_sec_max", "libvirt_domain_block_limit_read_burst_bytes_per_second", Type::kGauge, kOne,
     "Limit of the disk's read throughput during a burst (domain XML iotune/read_bytes_sec_max)."},
    {"write_bytes_sec_max", "libvirt_domain_block_limit_write_burst_bytes_per_second", Type::kGauge, kOne,
     "Limit of the disk's write throughput during a burst (domain XML iotune/write_bytes_sec_max)."},
    {"total_iops_sec_max", "libvirt_domain_block_limit_total_burst_requests_per_second", Type::kGauge, kOne,
     "Limit of the disk's total request rate during a burst (domain XML iotune/total_iops_sec_max)."},
    {"read_iops_sec_max", "libvirt_domain_block_limit_read_burst_requests_per_second", Type::kGauge, kOne,
     "Limit of the disk's read request rate during a burst (domain XML iotune/read_iops_sec_max)."},
    {"write_iops_sec_max", "libvirt_domain_block_limit_write_burst_requests_per_second", Type::kGauge, kOne,
     "Limit of the disk's write request rate during a burst (domain XML iotune/write_iops_sec_max)."},
    {"total_bytes_sec_max_length", "libvirt_domain_block_limit_total_burst_bytes_seconds", Type::kGauge, kOne,
     "Maximum duration of a burst at the total burst throughput (domain XML iotune/total_bytes_sec_max_length)."},
    {"read_bytes_sec_max_length", "libvirt_domain_block_limit_read_burst_bytes_seconds", Type::kGauge, kOne,
     "Maximum duration of a burst at the read burst throughput (domain XML iotune/read_bytes_sec_max_length)."},
    {"write_bytes_sec_max_length", "libvirt_domain_block_limit_write_burst_bytes_seconds", Type::kGauge, kOne,
     "Maximum duration of a burst at the write burst throughput (domain XML iotune/write_bytes_sec_max_length)."},
    {"total_iops_sec_max_length", "libvirt_domain_block_limit_total_burst_requests_seconds", Type::kGauge, kOne,
     "Maximum duration of a burst at the total burst request rate (domain XML iotune/total_iops_sec_max_length)."},
    {"read_iops_sec_max_length", "libvirt_domain_block_limit_read_burst_requests_seconds", Type::kGauge, kOne,
     "Maximum duration of a burst at the read burst request rate (domain XML iotune/read_iops_sec_max_length)."},
    {"write_iops_sec_max_length", "libvirt_domain_block_limit_write_burst_requests_seconds", Type::kGauge, kOne,
     "Maximum duration of a burst at the write burst request rate (domain XML iotune/write_iops_sec_max_length)."},
    {"size_iops_sec", "libvirt_domain_block_limit_request_size_bytes", Type::kGauge, kOne,
     "Request size above which the throttle counts a request as several (domain XML iotune/size_iops_sec)."},
};

// libvirt 12.1 and later, where the XML asks for them. The key is the record's name.
constexpr Meter kLatency[] = {
    {"read", "libvirt_domain_block_stats_read_latency_seconds", Type::kHistogram, kNanoseconds,
     "Latency of read requests. No sum; a value equal to a bucket's bound is counted in the next bucket because "
     "libvirt's bins include their lower bound (libvirt block.<n>.latency_histogram.read.bin.<m>)."},
    {"write", "libvirt_domain_block_stats_write_latency_seconds", Type::kHistogram, kNanoseconds,
     "Latency of write requests, with the same caveats as libvirt_domain_block_stats_read_latency_seconds (libvirt "
     "block.<n>.latency_histogram.write.bin.<m>)."},
    {"flush", "libvirt_domain_block_stats_flush_latency_seconds", Type::kHistogram, kNanoseconds,
     "Latency of flush requests, with the same caveats as libvirt_domain_block_stats_read_latency_seconds (libvirt "
     "block.<n>.latency_histogram.flush.bin.<m>)."},
    {"zone_append", "libvirt_domain_block_stats_zone_append_latency_seconds", Type::kHistogram, kNanoseconds,
     "Latency of zone append requests, with the same caveats as libvirt_domain_block_stats_read_latency_seconds "
     "(libvirt block.<n>.latency_histogram.zone_append.bin.<m>)."},
};

// libvirt 11.10 and later, where the XML asks for them: a group for each interval.
constexpr Meter kTimed[] = {
    {"rd_latency_min", "libvirt_domain_block_timed_read_latency_minimum_seconds", Type::kGauge, kNanoseconds,
     "Minimum latency of read requests in the last interval (libvirt block.<n>.timed_group.<m>.rd_latency_min)."},
    {"rd_latency_max", "libvirt_domain_block_timed_read_latency_maximum_seconds", Type::kGauge, kNanoseconds,
     "Maximum latency of read requests in the last interval (libvirt block.<n>.timed_group.<m>.rd_latency_max)."},
    {"rd_latency_avg", "libvirt_domain_block_timed_read_latency_average_seconds", Type::kGauge, kNanoseconds,
     "Average latency of read requests in the last interval (libvirt block.<n>.timed_group.<m>.rd_latency_avg)."},
    {"wr_latency_min", "libvirt_domain_block_timed_write_latency_minimum_seconds", Type::kGauge, kNanoseconds,
     "Minimum latency of write requests in the last interval (libvirt block.<n>.timed_group.<m>.wr_latency_min)."},
    {"wr_latency_max", "libvirt_domain_block_timed_write_latency_maximum_seconds", Type::kGauge, kNanoseconds,
     "Maximum latency of write requests in the last interval (libvirt block.<n>.timed_group.<m>.wr_latency_max)."},
    {"wr_latency_avg", "libvirt_domain_block_timed_write_latency_average_seconds", Type::kGauge, kNanoseconds,
     "Average latency of write requests in the last interval (libvirt block.<n>.timed_group.<m>.wr_latency_avg)."},
    {"flush_latency_min", "libvirt_domain_block_timed_flush_latency_minimum_seconds", Type::kGauge, kNanoseconds,
     "Minimum latency of flush requests in the last interval (libvirt block.<n>.timed_group.<m>.flush_latency_min)."},
    {"flush_latency_max", "libvirt_domain_block_timed_flush_latency_maximum_seconds", Type::kGauge, kNanoseconds,
     "Maximum latency of flush requests in the last interval (libvirt block.<n>.timed_group.<m>.flush_latency_max)."},
    {"flush_latency_avg", "libvirt_domain_block_timed_flush_latency_average_seconds", Type::kGauge, kNanoseconds,
     "Average latency of flush requests in the last interval (libvirt block.<n>.timed_group.<m>.flush_latency_avg)."},
    {"zone_append_latency_min", "libvirt_domain_block_timed_zone_append_latency_minimum_seconds", Type::kGauge,
     kNanoseconds,
     "Minimum latency of zone append requests in the last interval (libvirt "
     "block.<n>.timed_group.<m>.zone_append_latency_min)."},
    {"zone_append_latency_max", "libvirt_domain_block_timed_zone_append_latency_maximum_seconds", Type::kGauge,
     kNanoseconds,
     "Maximum latency of zone append requests in the last interval (libvirt "
     "block.<n>.timed_group.<m>.zone_append_latency_max)."},
    {"zone_append_latency_avg", "libvirt_domain_block_timed_zone_append_latency_average_seconds", Type::kGauge,
     kNanoseconds,
     "Average latency of zone append requests in the last interval (libvirt "
     "block.<n>.timed_group.<m>.zone_append_latency_avg)."},
    {"rd_queue_depth_avg", "libvirt_domain_block_timed_read_queue_depth_average", Type::kGauge, kOne,
     "Average number of read requests in flight in the last interval (libvirt "
     "block.<n>.timed_group.<m>.rd_queue_depth_avg)."},
    {"wr_queue_depth_avg", "libvirt_domain_block_timed_write_queue_depth_average", Type::kGauge, kOne,
     "Average number of write requests in flight in the last interval (libvirt "
     "block.<n>.timed_group.<m>.wr_queue_depth_avg)."},
    {"zone_append_queue_depth_avg", "libvirt_domain_block_timed_zone_append_queue_depth_average", Type::kGauge, kOne,
     "Average number of zone append requests in flight in the last interval (libvirt "
     "block.<n>.timed_group.<m>.zone_append_queue_depth_avg)."},
};

constexpr Meter kInfo[] = {
    {"", "libvirt_domain_block_stats_info", Type::kGauge, kOne,
     "Constant 1; labels describe the disk's driver, target, serial number and source: the path of a file, block "
     "device, folder or vhost-user socket; a network disk's protocol, hosts and name; a volume's pool and name; an "
     "NVMe device's PCI address and namespace (domain XML)."},
};

class DiskPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override { return {kStats, kThrottle, kLatency, kTimed, kInfo}; }
  Needs needs() const override { return Group::kState | Group::kBlock | Group::kXml; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Domain& domain : snapshot.domains) {
      sample_disks(domain, counters);
      for (const Disk& disk : domain.facts->disks)
        if (!is_empty_drive(disk)) sample_facts(domain, disk, counters);
    }
    return counters;
  }

 private:
  static void sample_disks(const Domain& domain, Counters& counters) {
    for (const Image& image : images_of(domain)) {
      const Disk* disk = domain.facts->disk(image.target);
      const bool is_empty = disk != nullptr && is_empty_drive(*disk);
      if (image.on_top && !is_empty) sample_stats(domain, image.stats, image.target, counters);
    }
  }

  static void sample_stats(const Domain& domain, const Record& disk, std::string_view target, Counters& counters) {
    const Resource resource{&domain, {{"target_device", target}}};
    counters.sample(kStats, disk, resource);
    if (const Record latency = disk.record("latency_histogram"); !latency.empty())
      for (const Meter& meter : kLatency)
        sample_latency(meter, latency.record(meter.key).group("bin"), resource, counters);
    for (const Record& group : disk.group("timed_group")) sample_timed(group, resource, counters);
  }

  // libvirt's bins start at a bound and end before the next one's; a bucket is all that is below its bound. A bin that
  // lacks a part would make all buckets from there on wrong.
  static void sample_latency(const Meter& meter, const std::vector<Record>& bins, const Resource& resource,
                             Counters& counters) {
    if (!std::all_of(bins.begin(), bins.end(), is_complete)) return;
    double count = 0;
    for (std::size_t i = 0; i < bins.size(); ++i) {
      count += *bins[i].number("value");
      Resource bucket = resource;
      bucket.labels.push_back({"le", i + 1 < bins.size() ? bound_text(*bins[i + 1].number("start") / 1e9) : "+Inf"});
      counters.sample(meter, count, std::move(bucket));
    }
  }

  static bool is_complete(const Record& bin) { return bin.number("start") && bin.number("value"); }

  static void sample_timed(const Record& group, Resource resource, Counters& counters) {
    const auto interval = group.number("interval");
    if (!interval) return;
    resource.labels.push_back({"interval_seconds", to_text(*interval)});
    counters.sample(kTimed, group, std::move(resource));
  }

  static std::string to_text(double number) {
    char text[32];
    return {text, std::to_chars(text, text + sizeof text, number).ptr};
  }

  static void sample_facts(const Domain& domain, const Disk& disk, Counters& counters) {
    if (!disk.limits.empty())
      counters.sample(kThrottle, disk.limits.all(), {&domain, {{"target_device", disk.target}}});
    counters.sample(kInfo[0], 1,
                    {&domain,
                     {{"target_device", disk.target},
                      {"disk_type", disk.type},
                      {"device", disk.device},
                      {"target_bus", disk.bus},
                      {"driver_name", disk.driver_name},
                      {"driver_type", disk.driver_type},
                      {"driver_cache", disk.driver_cache},
                      {"driver_discard", disk.driver_discard},
                      {"source_file", disk.source_file},
                      {"source_protocol", disk.source_protocol},
                      {"source_name", disk.source_name},
                      {"serial", disk.serial},
                      {"source_hosts", disk.source_hosts},
                      {"source_pool", disk.source_pool},
                      {"source_pci_address", disk.source_pci_address},
                      {"source_namespace", disk.source_namespace}}});
  }
};

REGISTER_POLLSTER(compute, disk, DiskPollster);

}  // namespace
}  // namespace virt
