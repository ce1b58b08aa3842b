// SPDX-License-Identifier: Apache-2.0
// The job that a domain has now, such as a migration or a backup: "job.*". All of it begins anew with each job, so
// nothing here is a counter.
#include "exporter/libvirt/snapshot.h"

namespace virt {
namespace {

constexpr Unit kPercent{1, 100};

constexpr Meter kJob[] = {
    {"type", "libvirt_domain_job_info_type", Type::kGauge, kOne,
     "Kind of job as virDomainJobType: 1 bounded, 2 unbounded; costs one call for each domain that had a job or seems "
     "to have one, and for a few of the others in turn (virDomainGetJobStats)."},
    {"operation", "libvirt_domain_job_info_operation", Type::kGauge, kOne,
     "Operation of the job as virDomainJobOperation: 1 start, 2 save, 3 restore, 4 incoming migration, 5 outgoing "
     "migration, 6 snapshot, 7 snapshot revert, 8 dump, 9 backup, 10 snapshot deletion (virDomainGetJobStats "
     "operation)."},
    {"time_elapsed", "libvirt_domain_job_info_time_elapsed_seconds", Type::kGauge, kMilliseconds,
     "Time since the job started (virDomainGetJobStats time_elapsed)."},
    {"time_elapsed_net", "libvirt_domain_job_info_time_elapsed_net_seconds", Type::kGauge, kMilliseconds,
     "Time since the job started, without network delays (virDomainGetJobStats time_elapsed_net)."},
    {"time_remaining", "libvirt_domain_job_info_time_remaining_seconds", Type::kGauge, kMilliseconds,
     "Estimated remaining time of a bounded job (virDomainGetJobStats time_remaining)."},
    {"downtime", "libvirt_domain_job_info_downtime_seconds", Type::kGauge, kMilliseconds,
     "Downtime of the guest, or the downtime expected if the migration switched over now (virDomainGetJobStats "
     "downtime)."},
    {"downtime_net", "libvirt_domain_job_info_downtime_net_seconds", Type::kGauge, kMilliseconds,
     "Downtime of the guest, without network delays (virDomainGetJobStats downtime_net)."},
    {"setup_time", "libvirt_domain_job_info_setup_seconds", Type::kGauge, kMilliseconds,
     "Time spent on setting up the migration (virDomainGetJobStats setup_time)."},
    {"data_total", "libvirt_domain_job_info_data_total_bytes", Type::kGauge, kOne,
     "Memory and disk data that the job has to process (virDomainGetJobStats data_total)."},
    {"data_processed", "libvirt_domain_job_info_data_processed_bytes", Type::kGauge, kOne,
     "Memory and disk data that the job has processed (virDomainGetJobStats data_processed)."},
    {"data_remaining", "libvirt_domain_job_info_data_remaining_bytes", Type::kGauge, kOne,
     "Memory and disk data that the job has still to process (virDomainGetJobStats data_remaining)."},
    {"memory_total", "libvirt_domain_job_info_memory_total_bytes", Type::kGauge, kOne,
     "Memory that the job has to process (virDomainGetJobStats memory_total)."},
    {"memory_processed", "libvirt_domain_job_info_memory_processed_bytes", Type::kGauge, kOne,
     "Memory that the job has processed (virDomainGetJobStats memory_processed)."},
    {"memory_remaining", "libvirt_domain_job_info_memory_remaining_bytes", Type::kGauge, kOne,
     "Memory that the job has still to process (virDomainGetJobStats memory_remaining)."},
    {"memory_constant", "libvirt_domain_job_info_memory_constant_pages", Type::kGauge, kOne,
     "Pages filled with one byte value, which need not be sent (virDomainGetJobStats memory_constant)."},
    {"memory_normal", "libvirt_domain_job_info_memory_normal_pages", Type::kGauge, kOne,
     "Pages that were sent (virDomainGetJobStats memory_normal)."},
    {"memory_normal_bytes", "libvirt_domain_job_info_memory_normal_bytes", Type::kGauge, kOne,
     "Bytes of the pages that were sent (virDomainGetJobStats memory_normal_bytes)."},
    {"memory_bps", "libvirt_domain_job_info_memory_bytes_per_second", Type::kGauge, kOne,
     "Rate at which memory is processed (virDomainGetJobStats memory_bps)."},
    {"memory_dirty_rate", "libvirt_domain_job_info_memory_dirty_pages_per_second", Type::kGauge, kOne,
     "Rate at which the guest dirties pages (virDomainGetJobStats memory_dirty_rate)."},
    {"memory_page_size", "libvirt_domain_job_info_memory_page_size_bytes", Type::kGauge, kOne,
     "Page size of the guest's memory (virDomainGetJobStats memory_page_size)."},
    {"memory_iteration", "libvirt_domain_job_info_memory_iteration", Type::kGauge, kOne,
     "Current iteration of the migration over the guest's memory (virDomainGetJobStats memory_iteration)."},
    {"memory_postcopy_requests", "libvirt_domain_job_info_memory_postcopy_requests", Type::kGauge, kOne,
     "Pages that the destination requested from the source during post-copy migration (virDomainGetJobStats "
     "memory_postcopy_requests)."},
    {"disk_total", "libvirt_domain_job_info_file_total_bytes", Type::kGauge, kOne,
     "Disk data that the job has to process (virDomainGetJobStats disk_total)."},
    {"disk_processed", "libvirt_domain_job_info_file_processed_bytes", Type::kGauge, kOne,
     "Disk data that the job has processed (virDomainGetJobStats disk_processed)."},
    {"disk_remaining", "libvirt_domain_job_info_file_remaining_bytes", Type::kGauge, kOne,
     "Disk data that the job has still to process (virDomainGetJobStats disk_remaining)."},
    {"disk_bps", "libvirt_domain_job_info_file_bytes_per_second", Type::kGauge, kOne,
     "Rate at which disk data is processed (virDomainGetJobStats disk_bps)."},
    {"disk_temp_used", "libvirt_domain_job_info_file_temporary_used_bytes", Type::kGauge, kOne,
     "Scratch space that a backup uses (virDomainGetJobStats disk_temp_used)."},
    {"disk_temp_total", "libvirt_domain_job_info_file_temporary_total_bytes", Type::kGauge, kOne,
     "Scratch space that is available to a backup (virDomainGetJobStats disk_temp_total)."},
    {"vfio_data_transferred", "libvirt_domain_job_info_vfio_transferred_bytes", Type::kGauge, kOne,
     "State of passed-through devices that was sent; libvirt 10.6 and later (virDomainGetJobStats "
     "vfio_data_transferred)."},
    {"compression_cache", "libvirt_domain_job_info_compression_cache_bytes", Type::kGauge, kOne,
     "Size of the cache for compressed pages (virDomainGetJobStats compression_cache)."},
    {"compression_bytes", "libvirt_domain_job_info_compression_bytes", Type::kGauge, kOne,
     "Bytes of compressed pages that were sent (virDomainGetJobStats compression_bytes)."},
    {"compression_pages", "libvirt_domain_job_info_compression_pages", Type::kGauge, kOne,
     "Compressed pages that were sent (virDomainGetJobStats compression_pages)."},
    {"compression_cache_misses", "libvirt_domain_job_info_compression_cache_misses", Type::kGauge, kOne,
     "Dirty pages that were not in the cache for compressed pages (virDomainGetJobStats compression_cache_misses)."},
    {"compression_overflow", "libvirt_domain_job_info_compression_overflows", Type::kGauge, kOne,
     "Pages that did not compress and were sent uncompressed (virDomainGetJobStats compression_overflow)."},
    {"auto_converge_throttle", "libvirt_domain_job_info_auto_converge_throttle_ratio", Type::kGauge, kPercent,
     "Ratio by which auto-converge throttles the guest so that the migration completes (virDomainGetJobStats "
     "auto_converge_throttle)."},
};

class JobPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override { return {kJob}; }
  Needs needs() const override { return Group::kState | Group::kJobs; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Domain& domain : snapshot.domains) counters.sample(kJob, domain.stats.record("job"), {&domain, {}});
    return counters;
  }
};

REGISTER_POLLSTER(compute, job, JobPollster);

}  // namespace
}  // namespace virt
