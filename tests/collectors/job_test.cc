// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"

namespace virt {
namespace {

std::string samples(const std::string& domstats) {
  return samples_only(expose("compute.job", snapshot_of("Domain: 'a'\n" + domstats)));
}

TEST(JobPollster, times_are_seconds_of_libvirt_s_milliseconds) {
  EXPECT_EQ(samples(R"(job.type=1
      job.operation=5
      job.time_elapsed=1500
      job.time_remaining=250
      job.downtime=12
      job.setup_time=3)"),
            R"(libvirt_domain_job_info_type{domain="a"} 1
libvirt_domain_job_info_operation{domain="a"} 5
libvirt_domain_job_info_time_elapsed_seconds{domain="a"} 1.5
libvirt_domain_job_info_time_remaining_seconds{domain="a"} 0.25
libvirt_domain_job_info_downtime_seconds{domain="a"} 0.012
libvirt_domain_job_info_setup_seconds{domain="a"} 0.003
)");
}

TEST(JobPollster, progress_is_in_bytes_and_disks_are_called_files) {
  EXPECT_EQ(samples(R"(job.data_total=30
      job.data_processed=10
      job.data_remaining=20
      job.memory_total=3
      job.memory_processed=2
      job.memory_remaining=1
      job.memory_bps=100
      job.memory_dirty_rate=7
      job.memory_page_size=4096
      job.memory_iteration=2
      job.memory_postcopy_requests=9
      job.disk_total=6
      job.disk_processed=4
      job.disk_remaining=2
      job.auto_converge_throttle=20)"),
            R"(libvirt_domain_job_info_data_total_bytes{domain="a"} 30
libvirt_domain_job_info_data_processed_bytes{domain="a"} 10
libvirt_domain_job_info_data_remaining_bytes{domain="a"} 20
libvirt_domain_job_info_memory_total_bytes{domain="a"} 3
libvirt_domain_job_info_memory_processed_bytes{domain="a"} 2
libvirt_domain_job_info_memory_remaining_bytes{domain="a"} 1
libvirt_domain_job_info_memory_bytes_per_second{domain="a"} 100
libvirt_domain_job_info_memory_dirty_pages_per_second{domain="a"} 7
libvirt_domain_job_info_memory_page_size_bytes{domain="a"} 4096
libvirt_domain_job_info_memory_iteration{domain="a"} 2
libvirt_domain_job_info_memory_postcopy_requests{domain="a"} 9
libvirt_domain_job_info_file_total_bytes{domain="a"} 6
libvirt_domain_job_info_file_processed_bytes{domain="a"} 4
libvirt_domain_job_info_file_remaining_bytes{domain="a"} 2
libvirt_domain_job_info_auto_converge_throttle_ratio{domain="a"} 0.2
)");
}

TEST(JobPollster, what_only_some_jobs_have_is_told_as_well) {
  EXPECT_EQ(samples(R"(job.time_elapsed_net=1000
      job.downtime_net=2000
      job.memory_constant=1
      job.memory_normal=2
      job.memory_normal_bytes=8192
      job.disk_bps=3
      job.disk_temp_used=4
      job.disk_temp_total=5
      job.vfio_data_transferred=6
      job.compression_cache=7
      job.compression_bytes=8
      job.compression_pages=9
      job.compression_cache_misses=10
      job.compression_overflow=11)"),
            R"(libvirt_domain_job_info_time_elapsed_net_seconds{domain="a"} 1
libvirt_domain_job_info_downtime_net_seconds{domain="a"} 2
libvirt_domain_job_info_memory_constant_pages{domain="a"} 1
libvirt_domain_job_info_memory_normal_pages{domain="a"} 2
libvirt_domain_job_info_memory_normal_bytes{domain="a"} 8192
libvirt_domain_job_info_file_bytes_per_second{domain="a"} 3
libvirt_domain_job_info_file_temporary_used_bytes{domain="a"} 4
libvirt_domain_job_info_file_temporary_total_bytes{domain="a"} 5
libvirt_domain_job_info_vfio_transferred_bytes{domain="a"} 6
libvirt_domain_job_info_compression_cache_bytes{domain="a"} 7
libvirt_domain_job_info_compression_bytes{domain="a"} 8
libvirt_domain_job_info_compression_pages{domain="a"} 9
libvirt_domain_job_info_compression_cache_misses{domain="a"} 10
libvirt_domain_job_info_compression_overflows{domain="a"} 11
)");
}

TEST(JobPollster, domain_without_a_job_has_nothing) { EXPECT_EQ(samples("state.state=1"), ""); }

}  // namespace
}  // namespace virt
