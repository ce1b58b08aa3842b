# SPDX-License-Identifier: Apache-2.0
"""Guests of KVM, which every real host has: where there is none, these tests are skipped. They come with control groups, as
on a real host."""

import contextlib
import math
import pathlib
import re

import pytest

import contract
import control_groups
import guests
import lab
from exporter import Exporter

BRIDGE, NAMES = "kvmbr0", ["kvm-0", "kvm-1"]
ALL = "--pollsters=compute.*"


@pytest.fixture(scope="module", autouse=True)
def kvm_guests(host):
    """Two guests with four vCPUs each, a disk and a network card; the first one has run for a moment, and none runs now, so
    that their counters stand still."""
    with control_groups.mounted():
        try:
            lab.make_bridge(BRIDGE, "192.168.79.1/24")
            for number, name in enumerate(NAMES):
                start(name, f"52:54:00:00:04:0{number}")
            lab.virsh("resume", NAMES[0])
            lab.wait_until("the guest runs", lambda: int(stats(NAMES[0], "vcpu")["vcpu.0.time"]) > 0)
            lab.virsh("suspend", NAMES[0])
            yield
        finally:
            for name in NAMES:
                lab.virsh("destroy", name, check=False)


def start(name, mac):
    devices = guests.disk(guests.image(f"{name}.img")) + guests.nic(BRIDGE, mac)
    xml = guests.domain_xml(name, devices, mib=16, vcpus="<vcpu>4</vcpu>", driver="kvm")
    if not pathlib.Path("/dev/kvm").is_char_device():
        pytest.skip("there is no KVM: no /dev/kvm that QEMU's user can open")
    try:
        guests.create(xml, "--paused")
    except RuntimeError as error:
        pytest.skip(f"there is no KVM: {error}")


def stats(name, *groups):
    return lab.domstats_raw(*groups, domains=[name])[name]


# ---- Ground truth ------------------------------------------------------------------------------------------------


def kvm_series(name, key, text):
    """The series that compute.kvm makes of a counter of KVM's by rule, and its value; None for another key."""
    counter = re.fullmatch(r"(?:vcpu\.(?P<vcpu>\d+)|vm)\.(?P<what>[^.]+)\.(?P<kind>sum|cur|max)", key)
    if not counter:
        return None
    what, is_time = re.subn("_ns$", "_seconds", counter["what"])
    family = "libvirt_domain_" + ("vcpu_" if counter["vcpu"] else "") + "kvm_" + what.replace("-", "_")
    labels = {"domain": name} | ({"vcpu": counter["vcpu"]} if counter["vcpu"] else {})
    value = {"yes": 1, "no": 0}.get(text) if text in ("yes", "no") else int(text)
    series = family + ("_total" if counter["kind"] == "sum" else ""), frozenset(labels.items())
    return series, value * (1e-9 if is_time else 1)


HALTED = re.compile(r"vcpu\.(\d+)\.halted")


def expected(name):
    """What a scrape must say of a guest by virsh, {series: value}; and the keys of which nobody knows what becomes of them."""
    said = stats(name)
    plain = {key: text for key, text in said.items() if not kvm_series(name, key, text) and not HALTED.fullmatch(key)}
    series, unknown = contract.expected(name, plain)
    values = {which: value for _, which, value in series}
    values.update(found for key, text in said.items() if (found := kvm_series(name, key, text)))
    for key, text in said.items():
        if halted := HALTED.fullmatch(key):
            where = frozenset({"domain": name, "vcpu": halted[1]}.items())
            values["libvirt_domain_vcpu_halted", where] = int(text == "yes")
    return values, unknown


@pytest.mark.parametrize("name", NAMES)
def test_each_key_of_a_kvm_guest_has_its_series_with_the_same_value(name):
    with Exporter(ALL) as exporter:
        for _ in range(3):  # the first scrape asks for more than those that follow
            before, unknown = expected(name)
            scrape = exporter.scrape()
            after, _ = expected(name)
            assert not unknown
            assert len([series for series, _ in before if "_kvm_" in series]) > 100
            assert not {series: found for series, low in before.items() if (found := wrong(scrape, series, low, after))}


def wrong(scrape, series, before, after):
    """What is wrong with a value, if it is not between virsh's: the process of a guest that stands still does some work."""
    value, ends = scrape.samples.get(series), sorted((before, after[series]))
    if value is None:
        return "missing"
    near = any(math.isclose(value, end, rel_tol=1e-9) for end in ends)
    return None if near or ends[0] < value < ends[1] else f"{value} is not between {ends}"


def test_cpu_time_of_a_kvm_guest_is_that_of_virsh_in_each_scrape():
    """It comes from another call than virsh's."""
    keys = {"cpu.time": "info_cpu_time", "cpu.user": "cpu_user", "cpu.system": "cpu_system"}
    with Exporter() as exporter:
        for _ in range(3):
            before = stats(NAMES[0], "cpu-total")
            scrape = exporter.scrape()
            after = stats(NAMES[0], "cpu-total")
            for key, family in keys.items():
                value = scrape.value(f"libvirt_domain_{family}_seconds_total", domain=NAMES[0])
                assert int(before[key]) <= round(value * 1e9) <= int(after[key]), key


def test_kvm_guest_with_four_vcpus_has_at_most_ninety_series_by_default():
    with Exporter() as exporter:
        series = exporter.scrape().of_domain(NAMES[0])
    assert len(series) <= 90
    assert not [family for family, _ in series if "_kvm_" in family or "haltpoll" in family]


# ---- What it costs -------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def monitor_commands(name):
    """Gives a function that tells which commands libvirt has sent to a guest's monitor since, by its log."""
    log = pathlib.Path("/run/monitor-commands.log")
    admin = ("virt-admin", "-q", "-c", "libvirtd:///system")
    outputs = re.search(r"\d:\S.*", lab.run(*admin, "daemon-log-outputs"))[0]
    lab.run(*admin, "daemon-log-filters", "1:qemu.qemu_monitor")
    lab.run(*admin, "daemon-log-outputs", f"1:file:{log}")
    lab.virsh("qemu-monitor-command", name, '{"execute":"query-uuid"}')  # by which its monitor is known

    def sent():
        every = re.findall(r'QEMU_MONITOR_SEND_MSG: mon=(\S+) .*?"execute":"([a-z-]+)"', log.read_text())
        (monitor,) = [monitor for monitor, command in every if command == "query-uuid"]
        return [command for of, command in every if of == monitor and command != "query-uuid"]

    try:
        yield sent
    finally:
        lab.run(*admin, "daemon-log-outputs", outputs)
        lab.run(*admin, "daemon-log-filters", "")


def test_kvm_guest_is_asked_for_nothing_that_says_nothing():
    """Not for I/O threads that it does not have, nor a dirty rate that nobody measures, nor halt polling that nobody wants."""
    with Exporter("--xml_refresh=600") as exporter:
        exporter.scrape()
        exporter.scrape()
        with monitor_commands(NAMES[0]) as sent:
            exporter.scrape()
            commands = sent()
            assert len(commands) == 6, commands  # two for memory, one for vCPUs, three for disks
            lab.virsh("domstats", NAMES[0])
            assert len(sent()) - len(commands) >= 9, "what a call for all groups sends"


def test_a_measurement_of_the_dirty_rate_is_found_within_the_refresh_time():
    family = contract.DIRTY_RATE + "calc_status_code"
    with Exporter("--xml_refresh=1") as exporter:
        assert exporter.scrape().value(family, domain=NAMES[1]) == 0
        assert exporter.scrape().value(family, domain=NAMES[1]) == 0
        lab.virsh("domdirtyrate-calc", NAMES[1], "--seconds", "1")
        lab.wait_until("measured", lambda: exporter.scrape().value(family, domain=NAMES[1]) == 2, timeout=15)
        assert exporter.scrape().matching(contract.DIRTY_RATE + "bytes_per_second", domain=NAMES[1])


# ---- A guest that hangs --------------------------------------------------------------------------------------------


def test_frozen_kvm_guest_costs_only_itself():
    with Exporter() as exporter:
        whole = {family for family, _ in exporter.scrape().of_domain(NAMES[0])}
        with lab.frozen(NAMES[1]):
            for _ in range(2):
                scrape = exporter.scrape()
                assert scrape.value("libvirt_domain_responding", domain=NAMES[1]) == 0
                assert scrape.value("libvirt_domain_info_cpu_time_seconds_total", domain=NAMES[1]) > 0
                assert {family for family, _ in scrape.of_domain(NAMES[0])} == whole
        lab.wait_until(
            "it answers", lambda: exporter.scrape().value("libvirt_domain_responding", domain=NAMES[1]) == 1
        )
