// SPDX-License-Identifier: Apache-2.0
// Names of Tinkoff/libvirt-exporter that are odd and that somebody's dashboard needs.
#include "collectors/images.h"
#include "exporter/pollster.h"

namespace virt {
namespace {

enum { kDomainMeta, kBlockMeta, kInterfaceMeta };
constexpr Meter kMeta[] = {
    {"", "libvirt_domain_info_meta", Type::kGauge, kOne,
     "Constant 1; the domain and its instance, nova:instance of the XML's metadata. Better: libvirt_domain_info, "
     "libvirt_domain_openstack_info."},
    {"", "libvirt_domain_block_meta", Type::kGauge, kOne,
     "Constant 1; what the disk is, by its XML. Better: libvirt_domain_block_stats_info."},
    {"", "libvirt_domain_interface_meta", Type::kGauge, kOne,
     "Constant 1; to what the interface is connected, by its XML. Better: libvirt_domain_interface_stats_info."},
};

constexpr Meter kState[] = {
    {"state", "libvirt_domain_info_vstate", Type::kGauge, kOne, "As libvirt_domain_state_code, state.state."},
};

constexpr Meter kMemory[] = {
    {"current", "libvirt_domain_memory_stats_actual_balloon_bytes", Type::kGauge, kKibibytes,
     "As libvirt_domain_memory_stats_current_balloon_bytes, balloon.current."},
    {"disk_caches", "libvirt_domain_memory_stats_disk_cache_bytes", Type::kGauge, kKibibytes,
     "As libvirt_domain_memory_stats_disk_caches_bytes, balloon.disk_caches."},
};

constexpr Meter kVcpu[] = {
    {"cpu", "libvirt_domain_vcpu_cpu", Type::kGauge, kOne,
     "Host CPU that the vCPU runs on. Costs one call for each domain that runs, virDomainGetVcpus."},
};

constexpr Meter kBlock[] = {
    {"allocation", "libvirt_domain_block_stats_allocation", Type::kGauge, kOne,
     "As libvirt_domain_block_stats_allocation_bytes, block.<n>.allocation."},
    {"physical", "libvirt_domain_block_stats_physicalsize_bytes", Type::kGauge, kOne,
     "As libvirt_domain_block_stats_physical_bytes, block.<n>.physical."},
};

constexpr Meter kLimits[] = {
    {"total_bytes_sec", "libvirt_domain_block_stats_limit_total_bytes", Type::kGauge, kOne,
     "As libvirt_domain_block_limit_total_bytes_per_second, total_bytes_sec of the XML's iotune."},
    {"read_bytes_sec", "libvirt_domain_block_stats_limit_read_bytes", Type::kGauge, kOne,
     "As libvirt_domain_block_limit_read_bytes_per_second, read_bytes_sec of the XML's iotune."},
    {"write_bytes_sec", "libvirt_domain_block_stats_limit_write_bytes", Type::kGauge, kOne,
     "As libvirt_domain_block_limit_write_bytes_per_second, write_bytes_sec of the XML's iotune."},
    {"total_iops_sec", "libvirt_domain_block_stats_limit_total_requests", Type::kGauge, kOne,
     "As libvirt_domain_block_limit_total_requests_per_second, total_iops_sec of the XML's iotune."},
    {"read_iops_sec", "libvirt_domain_block_stats_limit_read_requests", Type::kGauge, kOne,
     "As libvirt_domain_block_limit_read_requests_per_second, read_iops_sec of the XML's iotune."},
    {"write_iops_sec", "libvirt_domain_block_stats_limit_write_requests", Type::kGauge, kOne,
     "As libvirt_domain_block_limit_write_requests_per_second, write_iops_sec of the XML's iotune."},
    {"total_bytes_sec_max", "libvirt_domain_block_stats_limit_burst_total_bytes", Type::kGauge, kOne,
     "As libvirt_domain_block_limit_total_burst_bytes_per_second, total_bytes_sec_max of the XML's iotune."},
    {"read_bytes_sec_max", "libvirt_domain_block_stats_limit_burst_read_bytes", Type::kGauge, kOne,
     "As libvirt_domain_block_limit_read_burst_bytes_per_second, read_bytes_sec_max of the XML's iotune."},
    {"write_bytes_sec_max", "libvirt_domain_block_stats_limit_burst_write_bytes", Type::kGauge, kOne,
     "As libvirt_domain_block_limit_write_burst_bytes_per_second, write_bytes_sec_max of the XML's iotune."},
    {"total_iops_sec_max", "libvirt_domain_block_stats_limit_burst_total_requests", Type::kGauge, kOne,
     "As libvirt_domain_block_limit_total_burst_requests_per_second, total_iops_sec_max of the XML's iotune."},
    {"read_iops_sec_max", "libvirt_domain_block_stats_limit_burst_read_requests", Type::kGauge, kOne,
     "As libvirt_domain_block_limit_read_burst_requests_per_second, read_iops_sec_max of the XML's iotune."},
    {"write_iops_sec_max", "libvirt_domain_block_stats_limit_burst_write_requests", Type::kGauge, kOne,
     "As libvirt_domain_block_limit_write_burst_requests_per_second, write_iops_sec_max of the XML's iotune."},
    {"total_bytes_sec_max_length", "libvirt_domain_block_stats_limit_burst_total_bytes_length_seconds", Type::kGauge,
     kOne, "As libvirt_domain_block_limit_total_burst_bytes_seconds, total_bytes_sec_max_length of the XML's iotune."},
    {"read_bytes_sec_max_length", "libvirt_domain_block_stats_limit_burst_read_bytes_length_seconds", Type::kGauge,
     kOne, "As libvirt_domain_block_limit_read_burst_bytes_seconds, read_bytes_sec_max_length of the XML's iotune."},
    {"write_bytes_sec_max_length", "libvirt_domain_block_stats_limit_burst_write_bytes_length_seconds", Type::kGauge,
     kOne, "As libvirt_domain_block_limit_write_burst_bytes_seconds, write_bytes_sec_max_length of the XML's iotune."},
    {"total_iops_sec_max_length", "libvirt_domain_block_stats_limit_burst_length_total_requests_seconds", Type::kGauge,
     kOne,
     "As libvirt_domain_block_limit_total_burst_requests_seconds, total_iops_sec_max_length of the XML's iotune."},
    {"read_iops_sec_max_length", "libvirt_domain_block_stats_limit_burst_length_read_requests_seconds", Type::kGauge,
     kOne, "As libvirt_domain_block_limit_read_burst_requests_seconds, read_iops_sec_max_length of the XML's iotune."},
    {"write_iops_sec_max_length", "libvirt_domain_block_stats_limit_burst_length_write_requests_seconds", Type::kGauge,
     kOne,
     "As libvirt_domain_block_limit_write_burst_requests_seconds, write_iops_sec_max_length of the XML's iotune."},
    {"size_iops_sec", "libvirt_domain_block_stats_size_iops_bytes", Type::kGauge, kOne,
     "As libvirt_domain_block_limit_request_size_bytes, size_iops_sec of the XML's iotune."},
};

constexpr Meter kPool[] = {
    {"capacity", "libvirt_pool_info_capacity_bytes", Type::kGauge, kOne,
     "As libvirt_storage_pool_capacity_bytes, virStoragePoolGetInfo."},
    {"allocation", "libvirt_pool_info_allocation_bytes", Type::kGauge, kOne,
     "As libvirt_storage_pool_allocation_bytes, virStoragePoolGetInfo."},
    {"available", "libvirt_pool_info_available_bytes", Type::kGauge, kOne,
     "As libvirt_storage_pool_available_bytes, virStoragePoolGetInfo."},
};

class CompatTinkoffPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override { return {kMeta, kState, kMemory, kVcpu, kBlock, kLimits, kPool}; }
  Groups groups() const override {
    return Group::kState | Group::kBalloon | Group::kBlock | Group::kXml | Group::kPools | Group::kPlacement;
  }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Domain& domain : snapshot.domains) {
      sample_domain(domain, counters);
      for (const Disk& disk : domain.facts->disks) sample_disk(domain, disk, counters);
      for (const Interface& interface : domain.facts->interfaces) sample_interface(domain, interface, counters);
      for (const Image& image : images_of(domain))
        if (image.on_top) sample(kBlock, image.stats, {&domain, {{"target_device", image.target}}}, counters);
      for (const Record& vcpu : domain.stats.group("placement"))
        sample(kVcpu, vcpu, {&domain, {{"vcpu", vcpu.index()}}}, counters);
    }
    for (const Record& pool : snapshot.host.group("pool"))
      sample(kPool, pool, {nullptr, {{"pool", pool.text("name").value_or("")}}}, counters);
    return counters;
  }

 private:
  static void sample_domain(const Domain& domain, Counters& counters) {
    static const Nova none;
    const Nova& nova = domain.facts->nova ? *domain.facts->nova : none;
    sample(kMeta[kDomainMeta], 1,
           {&domain,
            {{"uuid", domain.uuid},
             {"instance_name", nova.name},
             {"flavor", nova.flavor_name},
             {"user_name", nova.user_name},
             {"user_uuid", nova.user_id},
             {"project_name", nova.project_name},
             {"project_uuid", nova.project_id},
             {"root_type", nova.root_type},
             {"root_uuid", nova.image_id}}},
           counters);
    sample(kState, domain.stats.record("state"), {&domain, {}}, counters);
    sample(kMemory, domain.stats.record("balloon"), {&domain, {}}, counters);
  }

  static void sample_disk(const Domain& domain, const Disk& disk, Counters& counters) {
    if (disk.target.empty()) return;
    sample(kMeta[kBlockMeta], 1,
           {&domain,
            {{"target_device", disk.target},
             {"source_file", disk.source_file.empty() ? disk.source_name : disk.source_file},
             {"serial", disk.serial},
             {"bus", disk.bus},
             {"disk_type", disk.type},
             {"driver_type", disk.driver_type},
             {"cache", disk.driver_cache},
             {"discard", disk.driver_discard}}},
           counters);
    sample(kLimits, disk.limits.all(), {&domain, {{"target_device", disk.target}}}, counters);
  }

  static void sample_interface(const Domain& domain, const Interface& interface, Counters& counters) {
    if (interface.target.empty() || (interface.source_bridge.empty() && interface.virtual_interface.empty())) return;
    sample(kMeta[kInterfaceMeta], 1,
           {&domain,
            {{"source_bridge", interface.source_bridge},
             {"target_device", interface.target},
             {"virtual_interface", interface.virtual_interface}}},
           counters);
  }
};

REGISTER_POLLSTER(compat, tinkoff, CompatTinkoffPollster);

}  // namespace
}  // namespace virt
