# SPDX-License-Identifier: Apache-2.0
"""What each key of `virsh domstats --raw` must become, written down by hand and not taken from the exporter.

A new libvirt that prints a new key makes the completeness test fail here: give it a row in MAPPED, and a pollster that
exports it, or a row in NOT_EXPORTED with the reason. A key that not every libvirt prints has the version since which the
lab's guests have it.
"""

import re
from typing import NamedTuple

import lab


class Versions(NamedTuple):
    """The versions of libvirt that print a key: those from `since` on."""

    since: tuple = (0,)

    def __contains__(self, version):
        return self.since <= version


ALL = Versions()
SINCE_11_10 = Versions(since=(11, 10))
SINCE_12_1 = Versions(since=(12, 1))
SINCE_12_4 = Versions(since=(12, 4))
SINCE_12_7 = Versions(since=(12, 7))


class Mapped(NamedTuple):
    """The families that carry a key's value, and its scale to the base unit."""

    families: list
    scale: float = 1
    versions: Versions = ALL


class NotExported(NamedTuple):
    """Why no series has a key's value."""

    reason: str
    versions: Versions = ALL


NS, KIB, MIB = 1e-9, 1024, 1024 * 1024

BLOCK = "libvirt_domain_block_stats_"
LIMITS = "libvirt_domain_block_limits_"
TIMED = "libvirt_domain_block_timed_"
INTERFACE = "libvirt_domain_interface_stats_"
MEMORY = "libvirt_domain_memory_stats_"
DIRTY_RATE = "libvirt_domain_dirty_rate_"

# By key, with <vcpu>, <disk>, <nic>, <thread>, <monitor>, <part>, <group>, <bin> for the index of a record.
MAPPED = {
    "state.state": Mapped(["libvirt_domain_state_code"]),
    "cpu.time": Mapped(["libvirt_domain_info_cpu_time_seconds_total"], NS),
    "cpu.user": Mapped(["libvirt_domain_cpu_user_seconds_total"], NS),
    "cpu.system": Mapped(["libvirt_domain_cpu_system_seconds_total"], NS),
    "cpu.haltpoll.success.time": Mapped(["libvirt_domain_cpu_haltpoll_success_seconds_total"], NS),
    "cpu.haltpoll.fail.time": Mapped(["libvirt_domain_cpu_haltpoll_fail_seconds_total"], NS),
    "cpu.cache.monitor.<monitor>.bank.<part>.bytes": Mapped(["libvirt_domain_cpu_cache_occupancy_bytes"]),
    "cpu.energy.monitor.<monitor>.pkg.<part>.core_energy": Mapped(
        ["libvirt_domain_cpu_core_energy_joules_total"], versions=SINCE_12_4
    ),
    "cpu.energy.monitor.<monitor>.pkg.<part>.activity": Mapped(
        ["libvirt_domain_cpu_activity_farads_total"], versions=SINCE_12_4
    ),
    "memory.bandwidth.monitor.<monitor>.node.<part>.bytes.local": Mapped(
        ["libvirt_domain_memory_bandwidth_local_bytes_total"]
    ),
    "memory.bandwidth.monitor.<monitor>.node.<part>.bytes.total": Mapped(["libvirt_domain_memory_bandwidth_bytes_total"]),
    "vcpu.current": Mapped(["libvirt_domain_info_virtual_cpus", "libvirt_domain_vcpu_current"]),
    "vcpu.maximum": Mapped(["libvirt_domain_vcpu_maximum"]),
    "vcpu.<vcpu>.state": Mapped(["libvirt_domain_vcpu_state"]),
    "vcpu.<vcpu>.time": Mapped(["libvirt_domain_vcpu_time_seconds_total"], NS),
    "vcpu.<vcpu>.wait": Mapped(["libvirt_domain_vcpu_wait_seconds_total"], NS),
    "vcpu.<vcpu>.delay": Mapped(["libvirt_domain_vcpu_delay_seconds_total"], NS),
    "balloon.current": Mapped([MEMORY + "current_balloon_bytes", "libvirt_domain_info_memory_usage_bytes"], KIB),
    "balloon.maximum": Mapped([MEMORY + "maximum_bytes", "libvirt_domain_info_maximum_memory_bytes"], KIB),
    "balloon.swap_in": Mapped([MEMORY + "swap_in_bytes_total"], KIB),
    "balloon.swap_out": Mapped([MEMORY + "swap_out_bytes_total"], KIB),
    "balloon.major_fault": Mapped([MEMORY + "major_fault_total"]),
    "balloon.minor_fault": Mapped([MEMORY + "minor_fault_total"]),
    "balloon.unused": Mapped([MEMORY + "unused_bytes"], KIB),
    "balloon.available": Mapped([MEMORY + "available_bytes"], KIB),
    "balloon.usable": Mapped([MEMORY + "usable_bytes"], KIB),
    "balloon.disk_caches": Mapped([MEMORY + "disk_caches_bytes"], KIB),
    "balloon.rss": Mapped([MEMORY + "rss_bytes"], KIB),
    "balloon.hugetlb_pgalloc": Mapped([MEMORY + "hugetlb_pgalloc_total"]),
    "balloon.hugetlb_pgfail": Mapped([MEMORY + "hugetlb_pgfail_total"]),
    "balloon.last-update": Mapped([MEMORY + "last_update_timestamp_seconds"]),
    "net.<nic>.rx.bytes": Mapped([INTERFACE + "receive_bytes_total"]),
    "net.<nic>.rx.pkts": Mapped([INTERFACE + "receive_packets_total"]),
    "net.<nic>.rx.errs": Mapped([INTERFACE + "receive_errors_total"]),
    "net.<nic>.rx.drop": Mapped([INTERFACE + "receive_drops_total"]),
    "net.<nic>.tx.bytes": Mapped([INTERFACE + "transmit_bytes_total"]),
    "net.<nic>.tx.pkts": Mapped([INTERFACE + "transmit_packets_total"]),
    "net.<nic>.tx.errs": Mapped([INTERFACE + "transmit_errors_total"]),
    "net.<nic>.tx.drop": Mapped([INTERFACE + "transmit_drops_total"]),
    "block.<disk>.rd.bytes": Mapped([BLOCK + "read_bytes_total"]),
    "block.<disk>.rd.reqs": Mapped([BLOCK + "read_requests_total"]),
    "block.<disk>.rd.times": Mapped([BLOCK + "read_time_seconds_total"], NS),
    "block.<disk>.wr.bytes": Mapped([BLOCK + "write_bytes_total"]),
    "block.<disk>.wr.reqs": Mapped([BLOCK + "write_requests_total"]),
    "block.<disk>.wr.times": Mapped([BLOCK + "write_time_seconds_total"], NS),
    "block.<disk>.fl.reqs": Mapped([BLOCK + "flush_requests_total"]),
    "block.<disk>.fl.times": Mapped([BLOCK + "flush_time_seconds_total"], NS),
    "block.<disk>.capacity": Mapped([BLOCK + "capacity_bytes"]),
    "block.<disk>.allocation": Mapped([BLOCK + "allocation_bytes"]),
    "block.<disk>.physical": Mapped([BLOCK + "physical_bytes"]),
    "block.<disk>.threshold": Mapped([BLOCK + "write_threshold_bytes"]),
    "block.<disk>.limits.iov_max": Mapped([LIMITS + "iov_max"], versions=SINCE_11_10),
    "block.<disk>.limits.memory_alignment_minimal": Mapped([LIMITS + "memory_alignment_minimal_bytes"], versions=SINCE_11_10),
    "block.<disk>.limits.memory_alignment_optimal": Mapped([LIMITS + "memory_alignment_optimal_bytes"], versions=SINCE_11_10),
    "block.<disk>.limits.request_alignment": Mapped([LIMITS + "request_alignment_bytes"], versions=SINCE_11_10),
    **{
        f"block.<disk>.timed_group.<group>.{key}_latency_{short}": Mapped(
            [f"{TIMED}{requests}_latency_{what}_seconds"], NS, SINCE_12_1
        )
        for key, requests in (("rd", "read"), ("wr", "write"), ("flush", "flush"), ("zone_append", "zone_append"))
        for short, what in (("min", "minimum"), ("max", "maximum"), ("avg", "average"))
    },
    **{
        f"block.<disk>.timed_group.<group>.{key}_queue_depth_avg": Mapped(
            [f"{TIMED}{requests}_queue_depth_average"], versions=SINCE_12_1
        )
        for key, requests in (("rd", "read"), ("wr", "write"), ("zone_append", "zone_append"))
    },
    "iothread.<thread>.poll-max-ns": Mapped(["libvirt_domain_iothread_poll_max_seconds"], NS),
    "iothread.<thread>.poll-grow": Mapped(["libvirt_domain_iothread_poll_grow"]),
    "iothread.<thread>.poll-shrink": Mapped(["libvirt_domain_iothread_poll_shrink"]),
    "iothread.<thread>.poll-weight": Mapped(["libvirt_domain_iothread_poll_weight"], versions=SINCE_12_7),
    "dirtyrate.calc_status": Mapped([DIRTY_RATE + "calc_status_code"]),
    "dirtyrate.calc_start_time": Mapped([DIRTY_RATE + "calc_start_timestamp_seconds"]),
    "dirtyrate.calc_period": Mapped([DIRTY_RATE + "calc_period_seconds"]),
    "dirtyrate.megabytes_per_second": Mapped([DIRTY_RATE + "bytes_per_second"], MIB),
}

NOT_EXPORTED = {
    "state.reason": NotExported("the label `reason` of libvirt_domain_state, which the tests of the states check"),
    **{
        f"{monitors}.{key}": NotExported(reason, versions)
        for monitors, part, versions in (
            ("cpu.cache.monitor", "bank", ALL),
            ("cpu.energy.monitor", "pkg", SINCE_12_4),
            ("memory.bandwidth.monitor", "node", ALL),
        )
        for key, reason in (
            ("count", "the number of monitors: PromQL counts them"),
            ("<monitor>.name", "the label `monitor` of the monitor's series"),
            ("<monitor>.vcpus", "the label `vcpus` of the monitor's series"),
            (f"<monitor>.{part}.count", "the number of records that follow: PromQL counts them"),
            (f"<monitor>.{part}.<part>.id", f"a label of the series of the {part}"),
        )
    },
    "net.count": NotExported("the number of interfaces: PromQL counts them"),
    "net.<nic>.name": NotExported("the label `target_device` of the interface's series"),
    "block.count": NotExported("the number of disks: PromQL counts them"),
    "block.<disk>.name": NotExported("the label `target_device` of the disk's series"),
    "iothread.count": NotExported("the number of I/O threads: PromQL counts them"),
    "block.<disk>.path": NotExported("the label `source_file` of libvirt_domain_block_stats_info"),
    "block.<disk>.backingIndex": NotExported("libvirt's handle for its own commands; it counts nothing"),
    "dirtyrate.calc_mode": NotExported("the label `calc_mode` of libvirt_domain_dirty_rate_info"),
    "block.<disk>.timed_group.count": NotExported("the number of intervals: PromQL counts them", SINCE_12_1),
    "block.<disk>.timed_group.<group>.interval": NotExported(
        "the label `interval_seconds` of the group's series", SINCE_12_1
    ),
    **{
        f"block.<disk>.latency_histogram.{requests}.{key}": NotExported(
            "a part of a histogram; test_ground_truth.py adds the bins up", SINCE_12_1
        )
        for requests in ("read", "write", "flush", "zone_append")
        for key in ("bin.count", "bin.<bin>.start", "bin.<bin>.value")
    },
}


def keys():
    """The keys that the lab's libvirt prints."""
    version = lab.libvirt_version()
    return {key for table in (MAPPED, NOT_EXPORTED) for key, row in table.items() if version in row.versions}


def families():
    """The families that carry a value of virsh's."""
    return {family for row in MAPPED.values() for family in row.families}


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
            rest = re.sub(r"^timed_group\.\d+", "timed_group.<group>", numbered[2])
            return f"{group}.{index}." + re.sub(r"\.bin\.\d+", ".bin.<bin>", rest), numbered[1]
    monitor = re.sub(r"\.monitor\.\d+\.", ".monitor.<monitor>.", key)
    return re.sub(r"\.(bank|node|pkg)\.\d+\.", r".\1.<part>.", monitor), None


def number(text):
    return float(text) if "." in text else int(text)


def labels(domain, stats, key):
    name, index = general(key)
    if "<part>" in name:
        return monitor_labels(domain, stats, key)
    if index is None:
        return {"domain": domain}
    if "<vcpu>" in name:
        return {"domain": domain, "vcpu": index}
    if "<thread>" in name:
        return {"domain": domain, "iothread": index}
    device = {"domain": domain, "target_device": stats[f"{key.split('.')[0]}.{index}.name"]}
    if "<group>" in name:
        device["interval_seconds"] = stats[f"{key.rpartition('.')[0]}.interval"]
    return device


def monitor_labels(domain, stats, key):
    """A monitor's name has no number that changes when the guest is started again, as it has in libvirt 12.8."""
    monitor, part, number = re.match(r"(.+\.monitor\.\d+)\.(bank|node|pkg)\.(\d+)", key).groups()
    return {
        "domain": domain,
        "monitor": re.sub(rf"^qemu-\d+-{re.escape(domain)}-?", "", stats[f"{monitor}.name"]),
        "vcpus": stats.get(f"{monitor}.vcpus", ""),
        {"pkg": "package"}.get(part, part): stats[f"{monitor}.{part}.{number}.id"],
    }


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
        row = MAPPED[name]
        where = frozenset(labels(domain, stats, key).items())
        series += [(key, (family, where), number(text) * row.scale) for family in row.families]
    return series, unknown
