# SPDX-License-Identifier: Apache-2.0
"""What the exporters that people run today say: their families and labels, written down by hand from their sources.

Tinkoff/libvirt-exporter 2.3, inovex/prometheus-libvirt-exporter 2.4, Ceilometer 2025.1's own Prometheus exporter.
"""

DOMAIN = ("domain",)
VCPU = ("domain", "vcpu")
DEVICE = ("domain", "target_device")
BLOCK, INTERFACE = "libvirt_domain_block_stats_", "libvirt_domain_interface_stats_"
MEMORY = "libvirt_domain_memory_stats_"


def named(prefix, names, labels):
    return {prefix + name: labels for name in names.split()}


BOTH = {
    "libvirt_up": (),
    **named("libvirt_domain_info_", "maximum_memory_bytes memory_usage_bytes virtual_cpus", DOMAIN),
    "libvirt_domain_info_cpu_time_seconds_total": DOMAIN,
    **named("libvirt_domain_vcpu_", "state time_seconds_total wait_seconds_total delay_seconds_total", VCPU),
    **named(
        BLOCK,
        "read_bytes_total write_bytes_total read_requests_total write_requests_total flush_requests_total "
        "read_time_seconds_total write_time_seconds_total flush_time_seconds_total capacity_bytes",
        DEVICE,
    ),
    **named(
        INTERFACE,
        "receive_bytes_total receive_packets_total receive_errors_total receive_drops_total "
        "transmit_bytes_total transmit_packets_total transmit_errors_total transmit_drops_total",
        DEVICE,
    ),
    **named(
        MEMORY,
        "major_fault_total minor_fault_total unused_bytes available_bytes usable_bytes rss_bytes used_percent "
        "actual_balloon_bytes",
        DOMAIN,
    ),
}

TINKOFF = {
    **BOTH,
    "libvirt_versions_info": ("hypervisor_running", "libvirtd_running", "libvirt_library"),
    "libvirt_domain_info_vstate": DOMAIN,
    "libvirt_domain_info_meta": (
        "domain", "uuid", "instance_name", "flavor", "user_name", "user_uuid", "project_name", "project_uuid",
        "root_type", "root_uuid",
    ),
    "libvirt_domain_vcpu_cpu": VCPU,
    "libvirt_domain_block_meta": (
        "domain", "target_device", "source_file", "serial", "bus", "disk_type", "driver_type", "cache", "discard",
    ),
    "libvirt_domain_interface_meta": ("domain", "source_bridge", "target_device", "virtual_interface"),
    MEMORY + "disk_cache_bytes": DOMAIN,
    **named(BLOCK, "allocation physicalsize_bytes size_iops_bytes", DEVICE),
    **named(
        BLOCK + "limit_",
        "total_bytes read_bytes write_bytes total_requests read_requests write_requests burst_total_bytes "
        "burst_read_bytes burst_write_bytes burst_total_requests burst_read_requests burst_write_requests "
        "burst_total_bytes_length_seconds burst_read_bytes_length_seconds burst_write_bytes_length_seconds "
        "burst_length_total_requests_seconds burst_length_read_requests_seconds burst_length_write_requests_seconds",
        DEVICE,
    ),
    **named("libvirt_pool_info_", "capacity_bytes allocation_bytes available_bytes", ("pool",)),
}  # fmt: skip

INOVEX = {
    **BOTH,
    "libvirt_domains": (),
    "libvirt_domain_info": ("domain", "os_type", "os_type_arch", "os_type_machine"),
    "libvirt_domain_openstack_info": (
        "domain", "instance_name", "instance_id", "flavor_name", "user_name", "user_id", "project_name", "project_id",
    ),
    "libvirt_domain_info_state": ("domain", "state_desc"),
    "libvirt_domain_timed_out": DOMAIN,
    **named("libvirt_domain_vcpu_", "current maximum", DOMAIN),
    **named(
        "libvirt_domain_job_info_",
        "type time_elapsed_seconds time_remaining_seconds data_total_bytes data_processed_bytes data_remaining_bytes "
        "memory_total_bytes memory_processed_bytes memory_remaining_bytes file_total_bytes file_processed_bytes "
        "file_remaining_bytes",
        DOMAIN,
    ),
    **named(
        MEMORY,
        "swap_in_bytes swap_out_bytes current_balloon_bytes maximum_bytes disk_caches_bytes hugetlb_pgalloc_total "
        "hugetlb_pgfail_total last_update_timestamp_seconds",
        DOMAIN,
    ),
    BLOCK + "info": (
        "domain", "disk_type", "target_bus", "driver_name", "driver_type", "driver_cache", "driver_discard",
        "source_file", "source_protocol", "target_device", "serial",
    ),
    INTERFACE + "info": (
        "domain", "interface_type", "source_bridge", "target_device", "mac_address", "model_type", "mtu_size",
    ),
    **named("libvirt_storage_pool_", "state timed_out capacity_bytes allocation_bytes available_bytes", ("storage_pool",)),
}  # fmt: skip

# meter: (type, unit); rates and deltas are left to PromQL.
CEILOMETER = {
    "power.state": ("gauge", ""),
    "cpu": ("counter", "ns"),
    "vcpus": ("gauge", "vcpu"),
    **{f"memory{meter}": ("gauge", "MiB") for meter in ("", ".available", ".resident", ".usage")},
    **{f"memory.swap.{way}": ("counter", "MiB") for way in ("in", "out")},
    **{f"perf.{event}": ("gauge", "") for event in ("cpu.cycles", "instructions", "cache.references", "cache.misses")},
    **{f"disk.device.{way}.requests": ("counter", "request") for way in ("read", "write")},
    **{f"disk.device.{way}.bytes": ("counter", "B") for way in ("read", "write")},
    **{f"disk.device.{way}.latency": ("counter", "ns") for way in ("read", "write")},
    **{f"disk.device.{size}": ("gauge", "B") for size in ("capacity", "allocation", "usage")},
    **{f"disk.{part}.size": ("gauge", "GiB") for part in ("root", "ephemeral")},
    **{f"network.{way}.bytes": ("counter", "B") for way in ("incoming", "outgoing")},
    **{
        f"network.{way}.packets{kind}": ("counter", "packet")
        for way in ("incoming", "outgoing")
        for kind in ("", ".error", ".drop")
    },
}

# In its order, after the first, which is named after the meter.
CEILOMETER_LABELS = (
    "publisher", "type", "counter", "project", "project_name", "user", "user_name", "unit", "resource", "vm_instance",
    "resource_name", "server_group", "flavor_id", "flavor_name",
)  # fmt: skip


def ceilometer_family(meter):
    return "ceilometer_" + meter.replace(".", "_")


def ceilometer_labels(meter):
    """What a series of the meter has; the flavor's id is in the metadata of Nova 2025.2 and later only."""
    without = {"flavor_id"} if CEILOMETER[meter][1] else {"flavor_id", "unit"}
    return (meter.split(".")[0], *(label for label in CEILOMETER_LABELS if label not in without))
