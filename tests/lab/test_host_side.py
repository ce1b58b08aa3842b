# SPDX-License-Identifier: Apache-2.0
"""The host, its storage pools and its virtual networks, beside what virsh says of them."""

import pathlib
import re
import subprocess

import pytest

import lab
from exporter import once

POOL, NETWORK, HOST = "libvirt_storage_pool_", "libvirt_virtual_network_", "libvirt_host_"


def fields(text):
    """Gives the "name: value" lines of a command of virsh."""
    pairs = (line.partition(":") for line in text.splitlines() if ":" in line)
    return {name.strip(): value.strip() for name, _, value in pairs}


def virsh_fields(*command):
    return fields(lab.virsh(*command))


def test_pool_is_that_of_virsh(exporter):
    scrape, info = exporter.scrape(), virsh_fields("pool-info", "images", "--bytes")
    assert scrape.value(POOL + "state", storage_pool="images") == 2
    assert scrape.value(POOL + "capacity_bytes", storage_pool="images") == int(info["Capacity"])
    used = scrape.value(POOL + "allocation_bytes", storage_pool="images")
    assert used + scrape.value(POOL + "available_bytes", storage_pool="images") == int(info["Capacity"])
    assert scrape.value(POOL + "volumes", storage_pool="images") == len(lab.virsh("vol-list", "images").splitlines())
    ((labels, _),) = scrape.matching(POOL + "info", storage_pool="images")
    assert (labels["type"], labels["path"], labels["uuid"]) == ("dir", "/var/lib/libvirt/images", info["UUID"])


def test_pool_that_is_inactive_has_no_sizes(exporter):
    found = {family for family, labels in exporter.scrape().samples if ("storage_pool", "off") in labels}
    assert found == {POOL + name for name in ("state", "autostart", "persistent", "info", "responding")}


def test_pool_is_not_refreshed_by_a_scrape(exporter):
    """A refresh may take minutes on a pool of thousands of volumes, and locks it."""
    before = exporter.scrape().value(POOL + "volumes", storage_pool="images")
    path = "/var/lib/libvirt/images/not-yet-known"
    subprocess.run(["truncate", "-s", "4096", path], check=True)
    assert exporter.scrape().value(POOL + "volumes", storage_pool="images") == before
    lab.virsh("pool-refresh", "images")
    assert exporter.scrape().value(POOL + "volumes", storage_pool="images") > before


def test_networks_are_those_of_virsh(exporter):
    scrape = exporter.scrape()
    for name in ("lab", "down"):
        info = virsh_fields("net-info", name)
        for family, field in (("active", "Active"), ("autostart", "Autostart"), ("persistent", "Persistent")):
            assert scrape.value(NETWORK + family, virtual_network=name) == (info[field] == "yes"), (name, field)
        ((labels, _),) = scrape.matching(NETWORK + "info", virtual_network=name)
        assert (labels["uuid"], labels["bridge"]) == (info["UUID"], info["Bridge"])


def test_leases_are_counted(exporter):
    assert exporter.scrape().value(NETWORK + "dhcp_leases", virtual_network="lab") == 2
    assert len(lab.virsh("net-dhcp-leases", "lab").splitlines()) == 2


def test_cpus_of_the_host_are_those_of_virsh(exporter):
    scrape, info, cpus = exporter.scrape(), virsh_fields("nodeinfo"), virsh_fields("nodecpumap")
    assert scrape.value(HOST + "cpus") == int(info["CPU(s)"])
    hertz = int(info["CPU frequency"].split()[0]) * 1e6
    assert scrape.value(HOST + "cpu_frequency_hertz") == pytest.approx(hertz, rel=0.5)  # it changes all the time
    assert scrape.value(HOST + "cpus_present") == int(cpus["CPUs present"])
    assert scrape.value(HOST + "cpus_online") == int(cpus["CPUs online"])
    assert scrape.value(HOST + "threads_per_core") == int(info["Thread(s) per core"])


def test_cpu_time_of_the_host_lies_between_virsh_s(exporter):
    before, scrape, after = virsh_fields("nodecpustats"), exporter.scrape(), virsh_fields("nodecpustats")
    for mode, name in (("user", "user"), ("kernel", "system"), ("idle", "idle"), ("iowait", "iowait")):
        value = scrape.value(HOST + "cpu_seconds_total", mode=mode) * 1e9
        assert int(before[name]) - 1 <= value <= int(after[name]) + 1, mode


@pytest.mark.since(11, 8)
def test_time_that_ran_guests_is_part_of_user_time(exporter):
    scrape = exporter.scrape()
    guest, user = scrape.value(HOST + "cpu_guest_seconds_total"), scrape.value(HOST + "cpu_seconds_total", mode="user")
    assert 0 <= guest <= user


@pytest.mark.since(12, 3)
def test_available_memory_of_the_host_is_that_of_the_kernel(exporter):
    available, total = (exporter.scrape().value(HOST + f"memory_{size}_bytes") for size in ("available", "total"))
    assert 0 < available < total
    assert int(virsh_fields("nodememstats")["available"].split()[0]) * 1024 == pytest.approx(available, rel=0.2)


def test_memory_of_the_host_and_its_cells_is_that_of_virsh(exporter):
    scrape, stats, cell = exporter.scrape(), virsh_fields("nodememstats"), virsh_fields("nodememstats", "0")
    assert scrape.value(HOST + "memory_total_bytes") == int(stats["total"].split()[0]) * 1024
    assert scrape.value(HOST + "numa_memory_total_bytes", cell="0") == int(cell["total"].split()[0]) * 1024
    assert 0 < scrape.value(HOST + "memory_free_bytes") < scrape.value(HOST + "memory_total_bytes")


def test_free_huge_pages_are_those_of_virsh(exporter):
    found = exporter.scrape().matching(HOST + "huge_pages_free", cell="0")
    virsh = re.findall(r"^(\d+)KiB: (\d+)", lab.virsh("freepages", "--all"), re.MULTILINE)
    free = {labels["page_size_bytes"]: value for labels, value in found}
    assert free == {str(int(size) * 1024): float(number) for size, number in virsh if size != "4"}


def test_merging_is_that_of_virsh(exporter):
    scrape, tune = exporter.scrape(), lab.virsh("node-memory-tune")
    found = dict(re.findall(r"shm_(\w+)\s+(\d+)", tune))
    assert scrape.value(HOST + "ksm_pages_to_scan") == int(found["pages_to_scan"])
    assert scrape.value(HOST + "ksm_sleep_seconds") == int(found["sleep_millisecs"]) / 1000
    assert scrape.value(HOST + "ksm_full_scans_total") == int(found["full_scans"])


def test_versions_are_those_of_virsh(exporter):
    ((labels, _),) = exporter.scrape().matching("libvirt_versions_info")
    text = lab.virsh("version", "--daemon")
    assert f"libvirt {labels['libvirt_library']}" in text
    assert f"QEMU {labels['hypervisor_running']}" in text
    assert f"Running against daemon: {labels['libvirtd_running']}" in text


def test_libvirt_is_found_behind_the_socket_of_a_modular_daemon(host):
    """Debian has no virtqemud; its libvirtd under the name of virtqemud's socket shows that the default URI finds it."""
    libvirtd = pathlib.Path("/run/libvirt/libvirt-sock-ro")
    virtqemud = libvirtd.rename(libvirtd.with_name("virtqemud-sock-ro"))
    try:
        assert "\nlibvirt_up 1\n" in once().stdout
    finally:
        virtqemud.rename(libvirtd)
