// SPDX-License-Identifier: Apache-2.0
// Names of Tinkoff/libvirt-exporter that are odd and that somebody's dashboard needs.
#include "collectors/images.h"
#include "collectors/other_vocabulary.h"
#include "exporter/libvirt/snapshot.h"

namespace virt {
namespace {

constexpr Meter kDomainMeta[] = {
    {"", "libvirt_domain_info_meta", Type::kGauge, kOne,
     "Constant 1; labels describe the domain and its instance; prefer libvirt_domain_info and "
     "libvirt_domain_openstack_info (domain XML nova:instance)."}};
constexpr Meter kBlockMeta[] = {
    {"", "libvirt_domain_block_meta", Type::kGauge, kOne,
     "Constant 1; labels describe the disk; prefer libvirt_domain_block_stats_info (domain XML)."}};
constexpr Meter kInterfaceMeta[] = {
    {"", "libvirt_domain_interface_meta", Type::kGauge, kOne,
     "Constant 1; labels describe what the interface is connected to; prefer libvirt_domain_interface_stats_info "
     "(domain XML)."}};

constexpr Meter kState[] = {
    {"state", "libvirt_domain_info_vstate", Type::kGauge, kOne,
     "Same as libvirt_domain_state_code (libvirt state.state)."},
};

constexpr Meter kMemory[] = {
    {"current", "libvirt_domain_memory_stats_actual_balloon_bytes", Type::kGauge, kKibibytes,
     "Same as libvirt_domain_memory_stats_current_balloon_bytes (libvirt balloon.current)."},
    {"disk_caches", "libvirt_domain_memory_stats_disk_cache_bytes", Type::kGauge, kKibibytes,
     "Same as libvirt_domain_memory_stats_disk_caches_bytes (libvirt balloon.disk_caches)."},
};

constexpr Meter kVcpu[] = {
    {"cpu", "libvirt_domain_vcpu_cpu", Type::kGauge, kOne,
     "Host CPU that the vCPU runs on; costs one call for each running domain (virDomainGetVcpus)."},
};

constexpr Meter kBlock[] = {
    {"allocation", "libvirt_domain_block_stats_allocation", Type::kGauge, kOne,
     "Same as libvirt_domain_block_stats_allocation_bytes (libvirt block.<n>.allocation)."},
    {"physical", "libvirt_domain_block_stats_physicalsize_bytes", Type::kGauge, kOne,
     "Same as libvirt_domain_block_stats_physical_bytes (libvirt block.<n>.physical)."},
};

constexpr Meter kLimits[] = {
    {"total_bytes_sec", "libvirt_domain_block_stats_limit_total_bytes", Type::kGauge, kOne,
     "Same as libvirt_domain_block_limit_total_bytes_per_second (domain XML iotune/total_bytes_sec)."},
    {"read_bytes_sec", "libvirt_domain_block_stats_limit_read_bytes", Type::kGauge, kOne,
     "Same as libvirt_domain_block_limit_read_bytes_per_second (domain XML iotune/read_bytes_sec)."},
    {"write_bytes_sec", "libvirt_domain_block_stats_limit_write_bytes", Type::kGauge, kOne,
     "Same as libvirt_domain_block_limit_write_bytes_per_second (domain XML iotune/write_bytes_sec)."},
    {"total_iops_sec", "libvirt_domain_block_stats_limit_total_requests", Type::kGauge, kOne,
     "Same as libvirt_domain_block_limit_total_requests_per_second (domain XML iotune/total_iops_sec)."},
    {"read_iops_sec", "libvirt_domain_block_stats_limit_read_requests", Type::kGauge, kOne,
     "Same as libvirt_domain_block_limit_read_requests_per_second (domain XML iotune/read_iops_sec)."},
    {"write_iops_sec", "libvirt_domain_block_stats_limit_write_requests", Type::kGauge, kOne,
     "Same as libvirt_domain_block_limit_write_requests_per_second (domain XML iotune/write_iops_sec)."},
    {"total_bytes_sec_max", "libvirt_domain_block_stats_limit_burst_total_bytes", Type::kGauge, kOne,
     "Same as libvirt_domain_block_limit_total_burst_bytes_per_second (domain XML iotune/total_bytes_sec_max)."},
    {"read_bytes_sec_max", "libvirt_domain_block_stats_limit_burst_read_bytes", Type::kGauge, kOne,
     "Same as libvirt_domain_block_limit_read_burst_bytes_per_second (domain XML iotune/read_bytes_sec_max)."},
    {"write_bytes_sec_max", "libvirt_domain_block_stats_limit_burst_write_bytes", Type::kGauge, kOne,
     "Same as libvirt_domain_block_limit_write_burst_bytes_per_second (domain XML iotune/write_bytes_sec_max)."},
    {"total_iops_sec_max", "libvirt_domain_block_stats_limit_burst_total_requests", Type::kGauge, kOne,
     "Same as libvirt_domain_block_limit_total_burst_requests_per_second (domain XML iotune/total_iops_sec_max)."},
    {"read_iops_sec_max", "libvirt_domain_block_stats_limit_burst_read_requests", Type::kGauge, kOne,
     "Same as libvirt_domain_block_limit_read_burst_requests_per_second (domain XML iotune/read_iops_sec_max)."},
    {"write_iops_sec_max", "libvirt_domain_block_stats_limit_burst_write_requests", Type::kGauge, kOne,
     "Same as libvirt_domain_block_limit_write_burst_requests_per_second (domain XML iotune/write_iops_sec_max)."},
    {"total_bytes_sec_max_length", "libvirt_domain_block_stats_limit_burst_total_bytes_length_seconds", Type::kGauge,
     kOne,
     "Same as libvirt_domain_block_limit_total_burst_bytes_seconds (domain XML iotune/total_bytes_sec_max_length)."},
    {"read_bytes_sec_max_length", "libvirt_domain_block_stats_limit_burst_read_bytes_length_seconds", Type::kGauge,
     kOne,
     "Same as libvirt_domain_block_limit_read_burst_bytes_seconds (domain XML iotune/read_bytes_sec_max_length)."},
    {"write_bytes_sec_max_length", "libvirt_domain_block_stats_limit_burst_write_bytes_length_seconds", Type::kGauge,
     kOne,
     "Same as libvirt_domain_block_limit_write_burst_bytes_seconds (domain XML iotune/write_bytes_sec_max_length)."},
    {"total_iops_sec_max_length", "libvirt_domain_block_stats_limit_burst_length_total_requests_seconds", Type::kGauge,
     kOne,
     "Same as libvirt_domain_block_limit_total_burst_requests_seconds (domain XML iotune/total_iops_sec_max_length)."},
    {"read_iops_sec_max_length", "libvirt_domain_block_stats_limit_burst_length_read_requests_seconds", Type::kGauge,
     kOne,
     "Same as libvirt_domain_block_limit_read_burst_requests_seconds (domain XML iotune/read_iops_sec_max_length)."},
    {"write_iops_sec_max_length", "libvirt_domain_block_stats_limit_burst_length_write_requests_seconds", Type::kGauge,
     kOne,
     "Same as libvirt_domain_block_limit_write_burst_requests_seconds (domain XML iotune/write_iops_sec_max_length)."},
    {"size_iops_sec", "libvirt_domain_block_stats_size_iops_bytes", Type::kGauge, kOne,
     "Same as libvirt_domain_block_limit_request_size_bytes (domain XML iotune/size_iops_sec)."},
};

constexpr Meter kPool[] = {
    {"capacity", "libvirt_pool_info_capacity_bytes", Type::kGauge, kOne,
     "Same as libvirt_storage_pool_capacity_bytes (virStoragePoolGetInfo)."},
    {"allocation", "libvirt_pool_info_allocation_bytes", Type::kGauge, kOne,
     "Same as libvirt_storage_pool_allocation_bytes (virStoragePoolGetInfo)."},
    {"available", "libvirt_pool_info_available_bytes", Type::kGauge, kOne,
     "Same as libvirt_storage_pool_available_bytes (virStoragePoolGetInfo)."},
};

class CompatTinkoffPollster : public OtherVocabulary {
 public:
  std::vector<Meters> meters() const override {
    return {kDomainMeta, kBlockMeta, kInterfaceMeta, kState, kMemory, kVcpu, kBlock, kLimits, kPool};
  }
  Needs needs() const override {
    return Group::kState | Group::kBalloon | Group::kBlock | Group::kXml | Group::kPools | Group::kPlacement;
  }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Domain& domain : snapshot.domains) {
      sample_domain(domain, counters);
      for (const Disk& disk : domain.facts->disks) sample_disk(domain, disk, counters);
      for (const Interface& interface : domain.facts->interfaces) sample_interface(domain, interface, counters);
      for (const Image& image : images_of(domain))
        if (image.on_top) counters.sample(kBlock, image.stats, {&domain, {{"target_device", image.target}}});
      for (const Record& vcpu : domain.stats.group("placement"))
        counters.sample(kVcpu, vcpu, {&domain, {{"vcpu", vcpu.index()}}});
    }
    for (const Record& pool : snapshot.host.group("pool"))
      counters.sample(kPool, pool, {nullptr, {{"pool", pool.text("name").value_or("")}}});
    return counters;
  }

 private:
  static void sample_domain(const Domain& domain, Counters& counters) {
    static const Nova none;
    const Nova& nova = domain.facts->nova ? *domain.facts->nova : none;
    counters.sample(kDomainMeta[0], 1,
                    {&domain,
                     {{"uuid", domain.uuid},
                      {"instance_name", nova.name},
                      {"flavor", nova.flavor_name},
                      {"user_name", nova.user_name},
                      {"user_uuid", nova.user_id},
                      {"project_name", nova.project_name},
                      {"project_uuid", nova.project_id},
                      {"root_type", nova.root_type},
                      {"root_uuid", nova.image_id}}});
    counters.sample(kState, domain.stats.record("state"), {&domain, {}});
    counters.sample(kMemory, domain.stats.record("balloon"), {&domain, {}});
  }

  static void sample_disk(const Domain& domain, const Disk& disk, Counters& counters) {
    if (disk.target.empty()) return;
    counters.sample(kBlockMeta[0], 1,
                    {&domain,
                     {{"target_device", disk.target},
                      {"source_file", disk.source_file.empty() ? disk.source_name : disk.source_file},
                      {"serial", disk.serial},
                      {"bus", disk.bus},
                      {"disk_type", disk.type},
                      {"driver_type", disk.driver_type},
                      {"cache", disk.driver_cache},
                      {"discard", disk.driver_discard}}});
    counters.sample(kLimits, disk.limits.all(), {&domain, {{"target_device", disk.target}}});
  }

  static void sample_interface(const Domain& domain, const Interface& interface, Counters& counters) {
    if (interface.target.empty() || (interface.source_bridge.empty() && interface.virtual_interface.empty())) return;
    counters.sample(kInterfaceMeta[0], 1,
                    {&domain,
                     {{"source_bridge", interface.source_bridge},
                      {"target_device", interface.target},
                      {"virtual_interface", interface.virtual_interface}}});
  }
};

REGISTER_POLLSTER(compat, tinkoff, CompatTinkoffPollster);

}  // namespace
}  // namespace virt
