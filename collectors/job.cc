// SPDX-License-Identifier: Apache-2.0
// The job that a domain has now, such as a migration or a backup: "job.*". All of it begins anew with each job, so
// nothing here is a counter.
#include "exporter/pollster.h"

namespace virt {
namespace {

constexpr Unit kPercent{1, 100};

constexpr Meter kJob[] = {
    {"type", "libvirt_domain_job_info_type", Type::kGauge, kOne,
     "What kind of job, as virDomainJobType: 1 bounded, 2 unbounded. Costs a call for each domain that is asked: those "
     "that had a job or look as if they had one, and of the others a few in turn, virDomainGetJobStats."},
    {"operation", "libvirt_domain_job_info_operation", Type::kGauge, kOne,
     "What the job does, as virDomainJobOperation: 1 start, 2 save, 3 restore, 4 migration in, 5 migration out, 6 "
     "snapshot, 7 revert to a snapshot, 8 dump, 9 backup, 10 deletion of a snapshot, virDomainGetJobStats operation."},
    {"time_elapsed", "libvirt_domain_job_info_time_elapsed_seconds", Type::kGauge, kMilliseconds,
     "Time since the job began, virDomainGetJobStats time_elapsed."},
    {"time_elapsed_net", "libvirt_domain_job_info_time_elapsed_net_seconds", Type::kGauge, kMilliseconds,
     "Time since the job began, without that of the network, virDomainGetJobStats time_elapsed_net."},
    {"time_remaining", "libvirt_domain_job_info_time_remaining_seconds", Type::kGauge, kMilliseconds,
     "Time that a bounded job still needs, virDomainGetJobStats time_remaining."},
    {"downtime", "libvirt_domain_job_info_downtime_seconds", Type::kGauge, kMilliseconds,
     "Time that the guest stands still, or would if the migration ended now, virDomainGetJobStats downtime."},
    {"downtime_net", "libvirt_domain_job_info_downtime_net_seconds", Type::kGauge, kMilliseconds,
     "Time that the guest stands still, without that of the network, virDomainGetJobStats downtime_net."},
    {"setup_time", "libvirt_domain_job_info_setup_seconds", Type::kGauge, kMilliseconds,
     "Time that the start of the migration took, virDomainGetJobStats setup_time."},
    {"data_total", "libvirt_domain_job_info_data_total_bytes", Type::kGauge, kOne,
     "Memory and disks that the job has to do with, virDomainGetJobStats data_total."},
    {"data_processed", "libvirt_domain_job_info_data_processed_bytes", Type::kGauge, kOne,
     "Memory and disks that are done, virDomainGetJobStats data_processed."},
    {"data_remaining", "libvirt_domain_job_info_data_remaining_bytes", Type::kGauge, kOne,
     "Memory and disks that are left, virDomainGetJobStats data_remaining."},
    {"memory_total", "libvirt_domain_job_info_memory_total_bytes", Type::kGauge, kOne,
     "Memory that the job has to do with, virDomainGetJobStats memory_total."},
    {"memory_processed", "libvirt_domain_job_info_memory_processed_bytes", Type::kGauge, kOne,
     "Memory that is done, virDomainGetJobStats memory_processed."},
    {"memory_remaining", "libvirt_domain_job_info_memory_remaining_bytes", Type::kGauge, kOne,
     "Memory that is left, virDomainGetJobStats memory_remaining."},
    {"memory_constant", "libvirt_domain_job_info_memory_constant_pages", Type::kGauge, kOne,
     "Pages of one and the same byte, which need not be sent, virDomainGetJobStats memory_constant."},
    {"memory_normal", "libvirt_domain_job_info_memory_normal_pages", Type::kGauge, kOne,
     "Pages that were sent, virDomainGetJobStats memory_normal."},
    {"memory_normal_bytes", "libvirt_domain_job_info_memory_normal_bytes", Type::kGauge, kOne,
     "Memory that was sent, virDomainGetJobStats memory_normal_bytes."},
    {"memory_bps", "libvirt_domain_job_info_memory_bytes_per_second", Type::kGauge, kOne,
     "Speed at which memory is done, virDomainGetJobStats memory_bps."},
    {"memory_dirty_rate", "libvirt_domain_job_info_memory_dirty_pages_per_second", Type::kGauge, kOne,
     "Pages that the guest changes, virDomainGetJobStats memory_dirty_rate."},
    {"memory_page_size", "libvirt_domain_job_info_memory_page_size_bytes", Type::kGauge, kOne,
     "Size of the guest's pages, virDomainGetJobStats memory_page_size."},
    {"memory_iteration", "libvirt_domain_job_info_memory_iteration", Type::kGauge, kOne,
     "How often the migration has gone through the memory, virDomainGetJobStats memory_iteration."},
    {"memory_postcopy_requests", "libvirt_domain_job_info_memory_postcopy_requests", Type::kGauge, kOne,
     "Pages that the guest asked of the host that it came from, virDomainGetJobStats memory_postcopy_requests."},
    {"disk_total", "libvirt_domain_job_info_file_total_bytes", Type::kGauge, kOne,
     "Disks that the job has to do with, virDomainGetJobStats disk_total."},
    {"disk_processed", "libvirt_domain_job_info_file_processed_bytes", Type::kGauge, kOne,
     "Disks that are done, virDomainGetJobStats disk_processed."},
    {"disk_remaining", "libvirt_domain_job_info_file_remaining_bytes", Type::kGauge, kOne,
     "Disks that are left, virDomainGetJobStats disk_remaining."},
    {"disk_bps", "libvirt_domain_job_info_file_bytes_per_second", Type::kGauge, kOne,
     "Speed at which disks are done, virDomainGetJobStats disk_bps."},
    {"disk_temp_used", "libvirt_domain_job_info_file_temporary_used_bytes", Type::kGauge, kOne,
     "Scratch space that a backup uses, virDomainGetJobStats disk_temp_used."},
    {"disk_temp_total", "libvirt_domain_job_info_file_temporary_total_bytes", Type::kGauge, kOne,
     "Scratch space that a backup has, virDomainGetJobStats disk_temp_total."},
    {"vfio_data_transferred", "libvirt_domain_job_info_vfio_transferred_bytes", Type::kGauge, kOne,
     "State of devices passed through to the guest that was sent. libvirt 10.6 and later, virDomainGetJobStats "
     "vfio_data_transferred."},
    {"compression_cache", "libvirt_domain_job_info_compression_cache_bytes", Type::kGauge, kOne,
     "Size of the cache of compressed pages, virDomainGetJobStats compression_cache."},
    {"compression_bytes", "libvirt_domain_job_info_compression_bytes", Type::kGauge, kOne,
     "Compressed memory that was sent, virDomainGetJobStats compression_bytes."},
    {"compression_pages", "libvirt_domain_job_info_compression_pages", Type::kGauge, kOne,
     "Compressed pages that were sent, virDomainGetJobStats compression_pages."},
    {"compression_cache_misses", "libvirt_domain_job_info_compression_cache_misses", Type::kGauge, kOne,
     "Pages that were changed and not in the cache of compressed pages, virDomainGetJobStats "
     "compression_cache_misses."},
    {"compression_overflow", "libvirt_domain_job_info_compression_overflows", Type::kGauge, kOne,
     "Pages that could not be compressed and were sent whole, virDomainGetJobStats compression_overflow."},
    {"auto_converge_throttle", "libvirt_domain_job_info_auto_converge_throttle_ratio", Type::kGauge, kPercent,
     "How much the guest is slowed down so that the migration ends, virDomainGetJobStats auto_converge_throttle."},
};

class JobPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override { return {kJob}; }
  Groups groups() const override { return Group::kState | Group::kJobs; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Domain& domain : snapshot.domains) sample(kJob, domain.stats.record("job"), {&domain, {}}, counters);
    return counters;
  }
};

REGISTER_POLLSTER(compute, job, JobPollster);

}  // namespace
}  // namespace virt
