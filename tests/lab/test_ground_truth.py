# SPDX-License-Identifier: Apache-2.0
"""The exporter against guests of which we know what they did."""

import itertools
import math

import pytest

import contract
import guests
import lab
import linux_guest
import truth
from exporter import Exporter


def test_boot_sector_counters_are_exact_to_the_byte(exporter):
    scrape = exporter.scrape()
    counters = {
        "rd.reqs": scrape.value(contract.BLOCK + "read_requests_total", domain="boot-sector", target_device="vda"),
        "rd.bytes": scrape.value(contract.BLOCK + "read_bytes_total", domain="boot-sector", target_device="vda"),
        "wr.reqs": scrape.value(contract.BLOCK + "write_requests_total", domain="boot-sector", target_device="vda"),
        "wr.bytes": scrape.value(contract.BLOCK + "write_bytes_total", domain="boot-sector", target_device="vda"),
    }
    assert counters == guests.BOOT_SECTOR_COUNTERS


def test_direct_reads_of_linux_are_exact_to_the_byte(exporter):
    scrape = exporter.scrape()
    where = {"domain": "linux", "target_device": "vda"}
    assert scrape.value(contract.BLOCK + "read_bytes_total", **where) == linux_guest.READS["rd.bytes"]
    assert scrape.value(contract.BLOCK + "read_requests_total", **where) == linux_guest.READS["rd.reqs"]
    assert scrape.value(contract.BLOCK + "write_bytes_total", **where) == 0


def test_linux_has_every_memory_family(exporter):
    families = {family for family, _ in exporter.scrape().of_domain("linux") if family.startswith(contract.MEMORY)}
    assert families == {
        contract.MEMORY + name
        for name in (
            "current_balloon_bytes maximum_bytes swap_in_bytes_total swap_out_bytes_total major_fault_total "
            "minor_fault_total unused_bytes available_bytes usable_bytes rss_bytes disk_caches_bytes "
            "hugetlb_pgalloc_total hugetlb_pgfail_total last_update_timestamp_seconds period_seconds"
        ).split()
    }


@pytest.mark.since(12, 1)
@pytest.mark.parametrize("requests, number", [("read", "rd.reqs"), ("write", "wr.reqs"), ("flush", None)])
def test_latency_buckets_are_the_sums_of_libvirt_s_bins(exporter, requests, number):
    stats = lab.domstats_raw("block", domains=["measured"])["measured"]
    key = f"block.0.latency_histogram.{requests}.bin."
    indices = range(int(stats[f"{key}count"]))
    bounds = [int(stats[f"{key}{index}.start"]) / 1e9 for index in indices][1:] + [math.inf]
    sums = list(itertools.accumulate(int(stats[f"{key}{index}.value"]) for index in indices))
    series = exporter.scrape().matching(f"{contract.BLOCK}{requests}_latency_seconds_bucket", domain="measured")
    assert {float(labels["le"]): value for labels, value in series} == dict(zip(bounds, sums))
    assert bounds == [1e-5, 1e-3, 1e-1, math.inf] and sums[-1] == guests.BOOT_SECTOR_COUNTERS.get(number, 0)


def test_linux_memory_makes_sense(exporter):
    """The values are the guest's: it has 128 MiB, of which the kernel keeps some, and it reported just now."""
    scrape = exporter.scrape()
    value = {name: scrape.value(contract.MEMORY + name, domain="linux") for name in scrape_names(scrape, "linux")}
    assert value["maximum_bytes"] == 128 << 20
    # Newer kernels keep some free memory from being usable, older ones add caches: so neither bounds the other.
    for part in ("unused_bytes", "usable_bytes"):
        assert 0 < value[part] < value["available_bytes"] < value["maximum_bytes"]
    assert value["period_seconds"] == 1
    assert value["rss_bytes"] > 64 << 20
    now = float(lab.run("date", "+%s"))
    assert now - 10 <= value["last_update_timestamp_seconds"] <= now


def scrape_names(scrape, domain):
    return [
        family.removeprefix(contract.MEMORY)
        for family, _ in scrape.of_domain(domain)
        if family.startswith(contract.MEMORY)
    ]


def test_linux_memory_and_network_equal_virsh(compute):
    assert truth.disagreements(compute, domains=["linux"]) == []


@pytest.mark.parametrize("direction", ["receive", "transmit"])
def test_linux_network_counters_grow_with_its_pings(exporter, direction):
    def packets():
        ((_, value),) = exporter.scrape().matching(f"{contract.INTERFACE}{direction}_packets_total", domain="linux")
        return value

    first = packets()
    assert first > 0
    lab.wait_until("five more packets", lambda: packets() >= first + 5)


def test_unplugged_vcpu_is_a_hole_and_does_not_shift_the_others(exporter):
    scrape = exporter.scrape()
    for family in ("state", "time_seconds_total", "wait_seconds_total", "delay_seconds_total"):
        found = {labels["vcpu"] for labels, _ in scrape.matching(f"libvirt_domain_vcpu_{family}", domain="vcpu-hole")}
        assert found == {"0", "2", "3"}
    assert scrape.value("libvirt_domain_vcpu_current", domain="vcpu-hole") == 3
    assert scrape.value("libvirt_domain_vcpu_maximum", domain="vcpu-hole") == 4


STATES = {
    "linux": ("running", "booted"),
    "paused": ("paused", "user"),
    "suspended": ("paused", "user"),
    "panicked": ("crashed", "panicked"),
    "off-new": ("shutoff", "unknown"),
    "off-destroyed": ("shutoff", "destroyed"),
    "off-saved": ("shutoff", "saved"),
    "off-crashed": ("shutoff", "crashed"),
}


@pytest.mark.parametrize("domain", STATES)
def test_domain_has_one_state_with_its_reason(exporter, domain):
    ((labels, value),) = exporter.scrape().matching("libvirt_domain_state", domain=domain)
    assert (labels["state"], labels["reason"]) == STATES[domain]
    assert value == 1


def test_every_domain_is_counted_and_described(exporter):
    scrape, names = exporter.scrape(), set(lab.domstats_raw("state"))
    assert scrape.value("libvirt_domains") == len(names)
    for family in ("libvirt_domain_info", "libvirt_domain_state", "libvirt_domain_state_code"):
        assert {labels["domain"] for labels, _ in scrape.matching(family)} == names


def test_domain_info_is_that_of_virsh(exporter):
    ((labels, _),) = exporter.scrape().matching("libvirt_domain_info", domain="off-new")
    assert labels.pop("os_type_machine").startswith("pc-i440fx-")  # what libvirt makes of 'pc'
    uuid = lab.virsh("domuuid", "off-new").strip()
    assert labels == {"domain": "off-new", "uuid": uuid, "os_type": "hvm", "os_type_arch": "x86_64"}


FLAGS = {"autostart": {"off-new"}, "has_managed_save": {"off-saved"}, "snapshots": {"off-destroyed"}}


@pytest.mark.parametrize("flag", FLAGS)
def test_domain_flag_is_one_exactly_where_it_is_set(exporter, flag):
    found = {labels["domain"]: value for labels, value in exporter.scrape().matching(f"libvirt_domain_{flag}")}
    assert found == {domain: float(domain in FLAGS[flag]) for domain in lab.domstats_raw("state")}


@pytest.mark.since(11, 2)
def test_domain_that_starts_at_the_next_boot_alone_says_so(host):
    lab.virsh("autostart", "off-destroyed", "--once")
    try:
        with Exporter() as exporter:
            found = {
                labels["domain"]: value for labels, value in exporter.scrape().matching("libvirt_domain_autostart_once")
            }
    finally:
        lab.virsh("autostart", "off-destroyed", "--once", "--disable")
    assert found == {domain: float(domain == "off-destroyed") for domain in lab.domstats_raw("state")}


def test_persistent_is_one_where_libvirt_keeps_the_definition(exporter):
    found = {labels["domain"]: value for labels, value in exporter.scrape().matching("libvirt_domain_persistent")}
    persistent = set(lab.virsh("list", "--all", "--persistent", "--name").rstrip("\n").split("\n"))
    assert found == {domain: float(domain in persistent) for domain in lab.domstats_raw("state")}


# ---- What only the XML says --------------------------------------------------------------------------------------


def test_disk_limits_come_from_the_xml(exporter):
    scrape = exporter.scrape()
    where = frozenset({"domain": "devices", "target_device": "vdb"}.items())
    limits = {series: scrape.samples[series] for series in scrape.of_domain("devices") if "_block_limit_" in series[0]}
    assert limits == {
        ("libvirt_domain_block_limit_read_bytes_per_second", where): 1048576,
        ("libvirt_domain_block_limit_write_requests_per_second", where): 100,
    }


@pytest.mark.since(11, 2)
def test_limits_that_disks_share_are_those_of_throttle_groups(exporter):
    group, scrape = "libvirt_domain_block_throttle_group_", exporter.scrape()
    passes = {(labels["target_device"], labels["throttle_group"]) for labels, _ in scrape.matching(group + "info")}
    assert passes == {("vda", "total"), ("vda", "each"), ("vdb", "total")}
    for limit, where in (("total_bytes", "total"), ("total_requests", "total"), ("read_bytes", "each")):
        value = scrape.value(f"{group}limit_{limit}_per_second", domain="throttled", throttle_group=where)
        assert value == 100, limit
    assert not [series for series in scrape.of_domain("throttled") if "_block_limit_" in series[0]]


def test_empty_drive_gives_no_series(exporter):
    stats = lab.domstats_raw("block", domains=["devices"])["devices"]
    assert (stats["block.3.name"], stats["block.3.rd.reqs"]) == ("hda", "0")  # what libvirt says of it
    devices = {dict(labels).get("target_device") for _, labels in exporter.scrape().of_domain("devices")}
    assert "hdb" in devices and "hda" not in devices


def test_every_disk_is_described(exporter):
    info = {
        labels["target_device"]: labels
        for labels, _ in exporter.scrape().matching("libvirt_domain_block_stats_info", domain="devices")
    }
    assert {target: labels["device"] for target, labels in info.items()} == {
        "vda": "disk", "vdb": "disk", "vdc": "disk", "hdb": "cdrom",
    }  # fmt: skip
    assert info["vda"]["serial"] == "lab-serial"
    assert info["vda"]["source_file"] == "/var/lib/libvirt/images/devices-a.img"
    assert info["vdc"]["driver_type"] == "qcow2"
    assert (info["vdc"]["driver_cache"], info["vdc"]["driver_discard"]) == ("writeback", "unmap")


def test_disk_in_ceph_says_where_it_is(exporter):
    ((labels, _),) = exporter.scrape().matching(
        "libvirt_domain_block_stats_info", domain="nova-ceph", target_device="vda"
    )
    assert (labels["source_protocol"], labels["source_hosts"]) == ("rbd", "192.0.2.1:6789")


def test_every_nic_is_described_once_also_those_without_a_target(exporter):
    found = exporter.scrape().matching("libvirt_domain_interface_stats_info", domain="devices")
    assert sorted(labels["mac_address"] for labels, _ in found) == [f"52:54:00:00:01:0{last}" for last in range(1, 6)]
    assert {labels["mac_address"] for labels, _ in found if labels["target_device"] == labels["mac_address"]} == {
        "52:54:00:00:01:03",
        "52:54:00:00:01:04",
    }
    assert len({labels["target_device"] for labels, _ in found}) == 5  # else a join by device fails


def test_link_that_is_down_shows_also_of_a_nic_without_a_target(exporter):
    found = exporter.scrape().matching("libvirt_domain_interface_link_up", domain="devices")
    down = {labels["target_device"] for labels, value in found if value == 0}
    assert len(found) == 5 and down == {target_of("52:54:00:00:01:02"), "52:54:00:00:01:04"}


def test_title_and_operating_system_are_told_and_a_long_description_is_cut(exporter):
    ((labels, _),) = exporter.scrape().matching("libvirt_domain_metadata_info")
    description = labels.pop("description")
    assert labels == {"domain": "devices", "title": "Shop front, Berlin", "os": "http://debian.org/debian/12"}
    assert description.startswith("owner: blue cost centre: 7 more, more,") and description.endswith("…")
    assert len(description.encode()) == 256


def test_title_can_be_a_label_of_every_series_of_a_domain(host):
    with Exporter("--domain_labels=title,os") as exporter:
        series = exporter.scrape("compute.disk").of_domain("devices")
    assert series and all(dict(labels)["title"] == "Shop front, Berlin" for _, labels in series)


def test_change_of_the_xml_without_an_event_shows_after_xml_refresh(host):
    """libvirt says nothing to anybody when a link goes down."""
    target = target_of("52:54:00:00:01:05")
    with Exporter("--xml_refresh=1") as exporter:

        def link():
            scrape = exporter.scrape("compute.network")
            return scrape.value("libvirt_domain_interface_link_up", domain="devices", target_device=target)

        before = link()
        lab.virsh("domif-setlink", "devices", target, "down")
        lab.wait_until("the link is down", lambda: link() == 0, timeout=10)
        lab.virsh("domif-setlink", "devices", target, "up")
        lab.wait_until("the link is up", lambda: link() == 1, timeout=10)
    assert before == 1


def test_xml_that_is_read_in_its_turn_shows_in_the_same_scrape(host):
    target = target_of("52:54:00:00:01:05")
    with Exporter("--xml_refresh=0.001") as exporter:  # all have their turn each time
        exporter.scrape("compute.network")
        for state, value in (("down", 0), ("up", 1)):
            lab.virsh("domif-setlink", "devices", target, state)
            scrape = exporter.scrape("compute.network")
            link = scrape.value("libvirt_domain_interface_link_up", domain="devices", target_device=target)
            assert link == value


def target_of(mac):
    (line,) = [line for line in lab.virsh("domiflist", "devices").splitlines() if mac in line]
    return line.split()[0]
