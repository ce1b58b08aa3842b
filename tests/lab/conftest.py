# SPDX-License-Identifier: Apache-2.0
"""The lab that all tests share: a host with one guest for each question, and an exporter that watches it.

    tests/lab/enter /usr/bin/python3 -m pytest tests/lab
"""

import json
import os
import pathlib

import pytest

import guests
import lab
import linux_guest
import metadata
import resctrl
from exporter import Exporter

BRIDGE = "labbr0"


def pytest_collection_modifyitems(config, items):
    later = [item for item in items if is_of_a_later_libvirt(item)]
    config.hook.pytest_deselected(items=later)
    items[:] = [item for item in items if item not in later]
    items.sort(key=lambda item: item.get_closest_marker("restarts_libvirtd") is not None)


def is_of_a_later_libvirt(item):
    """Whether a test needs a later libvirt than the lab's: it runs on a later Debian."""
    since = item.get_closest_marker("since")
    return since is not None and lab.libvirt_version() < since.args


@pytest.fixture(scope="session")
def host():
    """Makes the guests; nothing is taken away again, as the whole lab goes when its first process ends."""
    assert os.environ.get("LAB_INSIDE") == "yes", "these tests make and kill guests: run them with tests/lab/enter"
    resctrl.mount()
    resctrl.start_guests(resctrl.monitored())
    lab.make_bridge(BRIDGE, "192.168.77.1/24")
    linux_guest.start("linux", BRIDGE, "192.168.77.2", "192.168.77.1")
    guests.boot_sector_guest("boot-sector")
    guests.vcpu_hole_guest("vcpu-hole")
    guests.device_guest("devices", BRIDGE, metadata.TITLED)
    guests.panicked_guest("panicked")
    guests.chain_guest("chain")
    if lab.libvirt_version() >= (11, 2):
        guests.throttled_guest("throttled")
    if lab.libvirt_version() >= (12, 1):
        guests.measured_guest("measured")
    make_paused_guests()
    make_shut_off_guests()
    make_openstack_guests()
    make_hostile_guests()
    make_pools()
    make_networks()
    linux_guest.wait_until_settled("linux")
    lab.virsh("domblkthreshold", "devices", "vdb", "2M")
    measure_dirty_rate("vcpu-hole")


def make_paused_guests():
    guests.create(guests.domain_xml("paused", guests.disk(guests.image("paused.img"))), "--paused")
    guests.create(guests.domain_xml("suspended"))
    lab.virsh("suspend", "suspended")


def make_shut_off_guests():
    """Guests that are shut off for four reasons: never started, destroyed, saved, and killed from outside."""
    for name in ("off-new", "off-destroyed", "off-saved", "off-crashed"):
        devices = guests.disk(guests.image(f"{name}.img")) + guests.nic(BRIDGE, "52:54:00:00:03:01")
        guests.define(guests.domain_xml(name, devices))
        if name != "off-new":
            lab.virsh("start", name)
    lab.virsh("autostart", "off-new")
    lab.virsh("destroy", "off-destroyed")
    lab.virsh("managedsave", "off-saved")
    guests.snapshot("off-destroyed")
    lab.kill_guest("off-crashed")


def make_openstack_guests():
    guests.create(guests.domain_xml("nova-1.1", more=metadata.nova("1.1", "web 1")), "--paused")
    disk = guests.disk(guests.image("nova-1.0.img"))
    guests.define(guests.domain_xml("nova-1.0", disk, more=metadata.nova("1.0", "db 1")))
    guests.define(guests.domain_xml("nova-hostile", more=metadata.nova("1.1", 'a"b\\c\nd 🦖')))
    guests.define(guests.domain_xml("nova-broken", more=metadata.BROKEN_NOVA))
    guests.odd_instance("nova-odd", metadata.nova("1.1", "odd 1", metadata.VOLUME))
    guests.defined_instance("nova-ceph", metadata.nova("1.1", "ceph 1"))


def make_hostile_guests():
    for name in metadata.HOSTILE_NAMES:
        guests.define(guests.domain_xml(name, guests.disk(guests.image("hostile.img"))))
    guests.create(guests.domain_xml("".join(metadata.HOSTILE_NAMES[:4])), "--paused")


def make_pools():
    lab.virsh("pool-define-as", "images", "dir", "--target", str(guests.IMAGES))
    lab.virsh("pool-start", "images")
    lab.virsh("pool-autostart", "images")
    lab.virsh("pool-define-as", "off", "dir", "--target", "/var/lib/libvirt/off")


def make_networks():
    """Networks that need no firewall. Their leases are in the file that libvirt's DHCP server would write."""
    guests.define_network(f"<network><name>lab</name><forward mode='bridge'/><bridge name='{BRIDGE}'/></network>")
    lab.virsh("net-start", "lab")
    lab.virsh("net-autostart", "lab")
    guests.define_network("<network><name>down</name><bridge name='labbr1'/></network>")
    leases = [
        {"ip-address": f"192.168.77.{last}", "mac-address": f"52:54:00:00:02:{last:02}", "expiry-time": 1 << 32}
        for last in (2, 3)
    ]
    pathlib.Path(f"/var/lib/libvirt/dnsmasq/{BRIDGE}.status").write_text(json.dumps(leases))


def measure_dirty_rate(domain):
    """Lets libvirt measure, since the exporter shows what others measured and measures nothing itself."""
    lab.virsh("domdirtyrate-calc", domain, "--seconds", "1")
    lab.wait_until(
        "the dirty rate is measured",
        lambda: "dirtyrate.megabytes_per_second" in lab.domstats_raw("dirtyrate", domains=[domain])[domain],
    )


@pytest.fixture(scope="session")
def exporter(host):
    """An exporter with its default flags, for the tests that only look."""
    with Exporter() as running:
        yield running


@pytest.fixture(scope="session")
def compute(host):
    """One with all that it can say of domains, for the tests that compare it with virsh."""
    with Exporter("--pollsters=compute.*") as running:
        yield running
