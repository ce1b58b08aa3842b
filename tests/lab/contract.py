# SPDX-License-Identifier: Apache-2.0
"""What each key of `virsh domstats --raw` must become, written down by hand and not taken from the exporter.

A new libvirt that prints a new key makes the completeness test fail here: give it a row in MAPPED, and a pollster that
exports it, or a row in NOT_EXPORTED with the reason.
"""

import re

NS, KIB, MIB = 1e-9, 1024, 1024 * 1024

BLOCK = "libvirt_domain_block_stats_"
INTERFACE = "libvirt_domain_interface_stats_"
MEMORY = "libvirt_domain_memory_stats_"
DIRTY_RATE = "libvirt_domain_dirty_rate_"

# key, with <vcpu>, <disk>, <nic>, <thread> for the index of a record: (families that carry the value, scale to the base unit)
MAPPED = {
    "state.state": (["libvirt_domain_state_code"], 1),
    "cpu.time": (["libvirt_domain_info_cpu_time_seconds_total"], NS),
    "cpu.user": (["libvirt_domain_cpu_user_seconds_total"], NS),
    "cpu.system": (["libvirt_domain_cpu_system_seconds_total"], NS),
    "cpu.haltpoll.success.time": (["libvirt_domain_cpu_haltpoll_success_seconds_total"], NS),
    "cpu.haltpoll.fail.time": (["libvirt_domain_cpu_haltpoll_fail_seconds_total"], NS),
    "vcpu.current": (["libvirt_domain_info_virtual_cpus", "libvirt_domain_vcpu_current"], 1),
    "vcpu.maximum": (["libvirt_domain_vcpu_maximum"], 1),
    "vcpu.<vcpu>.state": (["libvirt_domain_vcpu_state"], 1),
    "vcpu.<vcpu>.time": (["libvirt_domain_vcpu_time_seconds_total"], NS),
    "vcpu.<vcpu>.wait": (["libvirt_domain_vcpu_wait_seconds_total"], NS),
    "vcpu.<vcpu>.delay": (["libvirt_domain_vcpu_delay_seconds_total"], NS),
    "balloon.current": ([MEMORY + "current_balloon_bytes", "libvirt_domain_info_memory_usage_bytes"], KIB),
    "balloon.maximum": ([MEMORY + "maximum_bytes", "libvirt_domain_info_maximum_memory_bytes"], KIB),
    "balloon.swap_in": ([MEMORY + "swap_in_bytes_total"], KIB),
    "balloon.swap_out": ([MEMORY + "swap_out_bytes_total"], KIB),
    "balloon.major_fault": ([MEMORY + "major_fault_total"], 1),
    "balloon.minor_fault": ([MEMORY + "minor_fault_total"], 1),
    "balloon.unused": ([MEMORY + "unused_bytes"], KIB),
    "balloon.available": ([MEMORY + "available_bytes"], KIB),
    "balloon.usable": ([MEMORY + "usable_bytes"], KIB),
    "balloon.disk_caches": ([MEMORY + "disk_caches_bytes"], KIB),
    "balloon.rss": ([MEMORY + "rss_bytes"], KIB),
    "balloon.hugetlb_pgalloc": ([MEMORY + "hugetlb_pgalloc_total"], 1),
    "balloon.hugetlb_pgfail": ([MEMORY + "hugetlb_pgfail_total"], 1),
    "balloon.last-update": ([MEMORY + "last_update_timestamp_seconds"], 1),
    "net.<nic>.rx.bytes": ([INTERFACE + "receive_bytes_total"], 1),
    "net.<nic>.rx.pkts": ([INTERFACE + "receive_packets_total"], 1),
    "net.<nic>.rx.errs": ([INTERFACE + "receive_errors_total"], 1),
    "net.<nic>.rx.drop": ([INTERFACE + "receive_drops_total"], 1),
    "net.<nic>.tx.bytes": ([INTERFACE + "transmit_bytes_total"], 1),
    "net.<nic>.tx.pkts": ([INTERFACE + "transmit_packets_total"], 1),
    "net.<nic>.tx.errs": ([INTERFACE + "transmit_errors_total"], 1),
    "net.<nic>.tx.drop": ([INTERFACE + "transmit_drops_total"], 1),
    "block.<disk>.rd.bytes": ([BLOCK + "read_bytes_total"], 1),
    "block.<disk>.rd.reqs": ([BLOCK + "read_requests_total"], 1),
    "block.<disk>.rd.times": ([BLOCK + "read_time_seconds_total"], NS),
    "block.<disk>.wr.bytes": ([BLOCK + "write_bytes_total"], 1),
    "block.<disk>.wr.reqs": ([BLOCK + "write_requests_total"], 1),
    "block.<disk>.wr.times": ([BLOCK + "write_time_seconds_total"], NS),
    "block.<disk>.fl.reqs": ([BLOCK + "flush_requests_total"], 1),
    "block.<disk>.fl.times": ([BLOCK + "flush_time_seconds_total"], NS),
    "block.<disk>.capacity": ([BLOCK + "capacity_bytes"], 1),
    "block.<disk>.allocation": ([BLOCK + "allocation_bytes"], 1),
    "block.<disk>.physical": ([BLOCK + "physical_bytes"], 1),
    "block.<disk>.threshold": ([BLOCK + "write_threshold_bytes"], 1),
    "iothread.<thread>.poll-max-ns": (["libvirt_domain_iothread_poll_max_seconds"], NS),
    "iothread.<thread>.poll-grow": (["libvirt_domain_iothread_poll_grow"], 1),
    "iothread.<thread>.poll-shrink": (["libvirt_domain_iothread_poll_shrink"], 1),
    "dirtyrate.calc_status": ([DIRTY_RATE + "calc_status_code"], 1),
    "dirtyrate.calc_start_time": ([DIRTY_RATE + "calc_start_timestamp_seconds"], 1),
    "dirtyrate.calc_period": ([DIRTY_RATE + "calc_period_seconds"], 1),
    "dirtyrate.megabytes_per_second": ([DIRTY_RATE + "bytes_per_second"], MIB),
}

# key: why no series has its value
NOT_EXPORTED = {
    "state.reason": "the label `reason` of libvirt_domain_state, which the tests of the states check",
    "cpu.cache.monitor.count": "the number of records that follow: PromQL counts them",
    "net.count": "the number of interfaces: PromQL counts them",
    "net.<nic>.name": "the label `target_device` of the interface's series",
    "block.count": "the number of disks: PromQL counts them",
    "block.<disk>.name": "the label `target_device` of the disk's series",
    "iothread.count": "the number of I/O threads: PromQL counts them",
    "block.<disk>.path": "the label `source_file` of libvirt_domain_block_stats_info",
    "block.<disk>.backingIndex": "libvirt's handle for its own commands; it counts nothing",
    "dirtyrate.calc_mode": "a word, how the rate was measured; not a measurement",
}


def no_measurement(stats, key):
    """Why a value that libvirt prints is none, or None where it is one."""
    if key.startswith("cpu.") and stats["state.state"] == "5":
        return "libvirt 9 prints libvirtd's own CPU time for a domain that is shut off"
    if key.startswith("block.") and is_empty_drive(stats, key):
        return "libvirt counts the requests to a drive without a medium: 0"
    if key == "balloon.last-update" and stats[key] == "0":
        return "0: the guest has never reported"
    if key in ("dirtyrate.calc_start_time", "dirtyrate.calc_period") and stats["dirtyrate.calc_status"] == "0":
        return "calc_status 0: never measured"
    return None


def is_empty_drive(stats, key):
    """Whether the key is of a record with neither an image nor a size: no other disk of the lab's that runs is such."""
    index = key.split(".")[1]
    return f"block.{index}.rd.reqs" in stats and not {f"block.{index}.path", f"block.{index}.capacity"} & stats.keys()


def general(key):
    """Gives the key as the tables have it, and the index of the record it belongs to."""
    for group, index in (("vcpu", "<vcpu>"), ("block", "<disk>"), ("net", "<nic>"), ("iothread", "<thread>")):
        if numbered := re.fullmatch(rf"{group}\.(\d+)\.(.+)", key):
            return f"{group}.{index}.{numbered[2]}", numbered[1]
    return key, None


def labels(domain, stats, key):
    name, index = general(key)
    if index is None:
        return {"domain": domain}
    if "<vcpu>" in name:
        return {"domain": domain, "vcpu": index}
    if "<thread>" in name:
        return {"domain": domain, "iothread": index}
    return {"domain": domain, "target_device": stats[f"{key.split('.')[0]}.{index}.name"]}


def expected(domain, stats):
    """Gives what a scrape must say of a domain with these statistics: (key, series, value) for each series; and the
    keys of which no table knows."""
    series, unknown = [], []
    for key, text in stats.items():
        name = general(key)[0]
        if name in NOT_EXPORTED or no_measurement(stats, key):
            continue
        if name not in MAPPED:
            unknown.append(key)
            continue
        families, scale = MAPPED[name]
        where = frozenset(labels(domain, stats, key).items())
        series += [(key, (family, where), int(text) * scale) for family in families]
    return series, unknown
