# SPDX-License-Identifier: Apache-2.0
"""A part of libvirt hangs: the others go on as if nothing had happened, and the exporter says which one it is."""

import contextlib

import pytest

import faults
import guests
import lab
from exporter import Exporter

pytestmark = pytest.mark.restarts_libvirtd

PORTS = ("vhost-1", "vhost-2")
# What comes and goes by itself.
FLEETING = ("libvirt_domain_control_", "libvirt_domain_job_", "libvirt_domain_dirty_rate_")
# What a domain has of a part that is missing.
OF_PART = {
    "interfaces": ("libvirt_domain_interface_stats_",),
    "perf": ("libvirt_domain_perf_",),
    "memory_bandwidth": ("libvirt_domain_memory_bandwidth_",),
    "lists": (
        "libvirt_domain_autostart", "libvirt_domain_persistent", "libvirt_domain_has_managed_save", "libvirt_domain_snapshots",
    ),
}  # fmt: skip


@pytest.fixture(scope="module")
def faulty_host(host):
    faults.install()
    for name in PORTS:
        guests.create(guests.domain_xml(name, vhost_user_nic(name), more=guests.SHARED_MEMORY), "--paused")
    guests.define(guests.domain_xml("slow-start", guests.disk(guests.image("slow-start.img"))))
    faults.make_slow_pool()
    faults.make_slow_network()
    yield
    for name in PORTS:
        lab.virsh("destroy", name)


def vhost_user_nic(name):
    path = faults.FOLDER / f"{name}.sock"
    faults.VhostUserServer(path)
    return (
        f"<interface type='vhostuser'><mac address='52:54:00:00:09:0{PORTS.index(name)}'/>"
        f"<source type='unix' path='{path}' mode='client'/><model type='virtio'/></interface>"
    )


@pytest.fixture
def exporter(faulty_host):
    """One that has seen the host when all was well."""
    with Exporter() as running:
        running.scrape()
        yield running


def series(scrape, *prefixes):
    return {series for series in scrape.samples if series[0].startswith(prefixes)}


def of_host(scrape):
    return series(scrape, "libvirt_host_", "libvirt_versions_info")


def of_domains(scrape):
    return series(scrape, "libvirt_domain_") - series(scrape, *FLEETING)


def missing_domains(before, scrape, *parts):
    """What domains had and have no more, beyond what these parts say of them, if they are missing."""
    of_parts = [prefix for part in failed_parts(scrape) & set(parts) for prefix in OF_PART[part]]
    return of_domains(before) - of_domains(scrape) - series(before, *of_parts)


def of_pools(scrape):
    return series(scrape, "libvirt_storage_pool_")


def of_networks(scrape):
    return series(scrape, "libvirt_virtual_network_")


def responding(scrape):
    return {labels["domain"]: value for labels, value in scrape.matching("libvirt_domain_responding")}


def named(all_series, name):
    return {series for series in all_series if name in dict(series[1]).values()}


def failed_parts(scrape):
    return {labels["part"] for labels, success in scrape.matching("virt_libvirt_part_success") if not success}


def failed_pollsters(scrape):
    return {labels["pollster"] for labels, success in scrape.matching("virt_scrape_pollster_success") if not success}


@contextlib.contextmanager
def watched(exporter, part, rest=0, changes=None):
    """What holds of every fault: one line in the log when it begins and one when it is over, and then all is as before: in the
    next scrape, or after the seconds for which a part is given a `rest`; but for the domain that `changes`."""
    before, log = exporter.scrape(), exporter.log()
    assert failed_parts(before) == set()
    yield before
    if rest:
        lab.wait_until(f"{part} is back", lambda: not failed_parts(exporter.scrape()), rest)
    after = exporter.scrape()
    assert failed_parts(after) == set()
    missing = {series for series in before.samples.keys() - after.samples.keys() if not series[0].startswith(FLEETING)}
    assert missing - named(missing, changes) == set()
    assert after.value("virt_libvirt_part_calls_out", part=part) == 0
    lines = [line for line in exporter.log()[len(log):].splitlines() if f"part {part}" in line]
    assert len(lines) == 2, lines


def scrapes(exporter, count=2):
    """What is said while something hangs, in a row: each read is in time, and libvirt is up."""
    for _ in range(count):
        scrape = exporter.scrape()
        assert scrape.value("libvirt_up") == 1
        yield scrape


def test_open_vswitch_without_its_database_costs_interface_counters_only(exporter):
    assert exporter.scrape().value(
        "libvirt_domain_interface_stats_receive_bytes_total", domain="vhost-1", target_device="vhu0") == 77
    with watched(exporter, "interfaces", rest=60) as before:
        with faults.hanging("ovs-vsctl"):
            def costs_interfaces_only():
                scrape = exporter.scrape()
                assert scrape.value("libvirt_up") == 1
                assert "interfaces" in failed_parts(scrape)
                assert of_host(scrape) == of_host(before)
                assert of_pools(scrape) == of_pools(before)
                missing = of_domains(before) - of_domains(scrape) - series(before, *OF_PART["interfaces"])
                return not missing and responding(scrape) == responding(before)

            # While the first call for all hangs in one domain after the other, such a domain says nothing else either.
            lab.wait_until("only interface counters are missing", costs_interfaces_only, 60)


def test_pool_that_is_refreshed_costs_itself_only_and_says_so(exporter):
    with watched(exporter, "pools") as before:
        assert before.value("libvirt_storage_pool_responding", storage_pool="slow") == 1
        with faults.hanging("lvm", "pool-refresh", "slow"):
            for scrape in scrapes(exporter):
                assert of_host(scrape) == of_host(before)
                assert of_networks(scrape) == of_networks(before)
                assert of_domains(scrape) == of_domains(before)
                assert named(of_pools(scrape), "images") == named(of_pools(before), "images")
                pools = scrape.matching("libvirt_storage_pool_responding")
                assert {labels["storage_pool"]: value for labels, value in pools} == {"images": 1, "off": 1, "slow": 0}
                assert failed_parts(scrape) == {"pools"}


def test_exporter_that_starts_while_a_pool_hangs_says_that_it_has_no_pools(exporter):
    with faults.hanging("lvm", "pool-refresh", "slow"), Exporter() as started:
        for scrape in scrapes(started):
            assert of_pools(scrape) == set()
            assert failed_pollsters(scrape) == {"compute.pool"}
            assert of_host(scrape) == of_host(exporter.scrape())


def test_network_whose_hook_hangs_costs_itself_only_and_says_so(exporter):
    with watched(exporter, "networks") as before:
        with faults.hanging("network", "net-start", "slow"):
            for scrape in scrapes(exporter):
                assert of_host(scrape) == of_host(before)
                assert of_pools(scrape) == of_pools(before)
                assert of_domains(scrape) == of_domains(before)
                assert scrape.value("libvirt_virtual_network_responding", virtual_network="slow") == 0
                assert "networks" in failed_parts(scrape)
    lab.virsh("net-destroy", "slow")


def test_guest_whose_start_hangs_costs_itself_only_and_says_so(exporter):
    with watched(exporter, "domains", rest=120, changes="slow-start") as before:
        running = set(responding(before))
        with faults.hanging("qemu", "start", "--paused", "slow-start"):
            # In the scrape in which it begins, it may be the interfaces that the list hangs in: they are not asked.
            for scrape, parts in zip(scrapes(exporter), (["lists", "interfaces"], ["lists"])):
                missing = missing_domains(before, scrape, *parts)
                # Those that are shut off, as this one was, are not asked.
                assert not {name for _, labels in missing for label, name in labels if label == "domain"} & running
                assert scrape.value("libvirt_domain_responding", domain="slow-start") == 0
                assert of_host(scrape) == of_host(before)
                assert of_pools(scrape) == of_pools(before)
                assert of_networks(scrape) == of_networks(before)
            guests.create(guests.domain_xml("newcomer"), "--paused")  # which no call of the exporter may prevent
    assert exporter.scrape().value("libvirt_domain_state_code", domain="newcomer") == 3
    lab.virsh("destroy", "newcomer")
    lab.virsh("destroy", "slow-start")


def test_running_guest_whose_end_hangs_costs_itself_only_and_says_so(exporter):
    """It is locked, and asked, as it was known to run: no other guest waits for it, wherever it stands in libvirt's list."""
    names = [f"slow-stop{end}" for end in ("", "-1", "-2", "-3")]
    for name in names:
        guests.create(guests.domain_xml(name), "--paused")
    with watched(exporter, "domains", rest=30, changes="slow-stop") as before:
        running = set(responding(before)) - {"slow-stop"}
        with faults.hanging("qemu", "destroy", "slow-stop"):
            for scrape in scrapes(exporter, 3):
                missing = missing_domains(before, scrape, "lists", "interfaces")
                assert not {name for _, labels in missing for label, name in labels if label == "domain"} & running
                assert scrape.value("libvirt_domain_responding", domain="slow-stop") == 0
        after = exporter.scrape()
        assert series(before, *OF_PART["interfaces"]) == series(after, *OF_PART["interfaces"]), "they are there at once"
    for name in names[1:]:
        lab.virsh("destroy", name)
