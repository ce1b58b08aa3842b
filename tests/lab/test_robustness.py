# SPDX-License-Identifier: Apache-2.0
"""Names, devices and permissions that exporters stumble over."""

import concurrent.futures
import os
import pathlib
import re
import tempfile

import pytest

import guests
import lab
import metadata
from exporter import Exporter

RO_SOCKET = pathlib.Path("/run/libvirt/libvirt-sock-ro")


@pytest.mark.parametrize("name", [*metadata.HOSTILE_NAMES, "".join(metadata.HOSTILE_NAMES[:4])])
def test_hostile_name_keeps_the_scrape_valid_and_arrives_unchanged(exporter, name):
    assert exporter.scrape().value("libvirt_domain_state_code", domain=name) in (3, 5)


def test_nics_without_a_target_have_no_traffic_and_no_duplicates(exporter):
    """The strict reader has refused duplicates; what is left is one series for each of the three taps."""
    for direction in ("receive", "transmit"):
        found = exporter.scrape().matching(f"libvirt_domain_interface_stats_{direction}_bytes_total", domain="devices")
        targets = [labels["target_device"] for labels, _ in found]
        assert len(targets) == 3 and all(targets)


def test_promtool_finds_nothing_to_complain_about(exporter):
    scraped = pathlib.Path(tempfile.mkdtemp(), "metrics")
    scraped.write_bytes(exporter.scrape_bytes())
    assert lab.run("bash", "-c", f"promtool check metrics <{scraped} 2>&1") == ""


def test_guest_that_does_not_answer_says_what_holds_it_and_since_when(host):
    control, silent = "libvirt_domain_control_", "vcpu-hole"

    def held_seconds():
        return float(re.fullmatch(r"occupied \(([\d.]+)s\)", lab.virsh("domcontrol", silent).strip())[1])

    with Exporter("--pollsters=compute.*,compat.inovex", "--scrape_timeout=3") as exporter:
        with lab.frozen(silent):
            exporter.scrape()
            before, scrape, after = held_seconds(), exporter.scrape(), held_seconds()
            assert before <= scrape.value(control + "busy_seconds", domain=silent) <= after
            assert scrape.value(control + "state_code", domain=silent) == 2
            assert scrape.value("libvirt_domain_responding", domain=silent) == 0
            assert scrape.value("libvirt_domain_timed_out", domain=silent) == 1
            assert [labels["domain"] for labels, _ in scrape.matching(control + "state_code")] == [silent]
        lab.wait_until(
            "it answers", lambda: exporter.scrape().value("libvirt_domain_responding", domain=silent) == 1
        )
        assert exporter.scrape().matching(control + "state_code") == []


def test_pollster_query_narrows_the_scrape(exporter):
    scrape = exporter.scrape("compute.disk")
    domain_families = {family for family, labels in scrape.samples if dict(labels).get("domain")}
    assert domain_families and all("_block_" in family for family in domain_families)


def come_and_go(rounds):
    for _ in range(rounds):
        guests.define(guests.domain_xml("mayfly"))
        lab.virsh("start", "mayfly", "--paused")
        lab.virsh("undefine", "mayfly")
        lab.virsh("destroy", "mayfly")


def test_domain_that_vanishes_in_the_middle_costs_itself_only(exporter):
    stable = set(lab.domstats_raw("state"))
    with concurrent.futures.ThreadPoolExecutor() as background:
        done = background.submit(come_and_go, rounds=5)
        while not done.done():
            scrape = exporter.scrape()
            assert scrape.value("libvirt_up") == 1
            domains = {labels["domain"] for labels, _ in scrape.matching("libvirt_domain_state_code")}
            assert domains - {"mayfly"} == stable
            failed = [labels for labels, success in scrape.matching("virt_scrape_pollster_success") if not success]
            assert failed == []
        done.result()


@pytest.fixture
def closed_socket(host):
    """The read-only socket as a libvirtd has it that lets only root in."""
    mode = RO_SOCKET.stat().st_mode
    RO_SOCKET.chmod(0o700)
    yield
    RO_SOCKET.chmod(mode)


def test_permission_denied_says_how_to_get_it_and_says_it_once(closed_socket):
    nobody = 65534
    with Exporter(user=nobody) as exporter:
        for _ in range(3):
            assert exporter.scrape().value("libvirt_up") == 0
        log = exporter.log()
    assert log.count("ermission denied") == 1, log
    assert "polkit" in log and "auth_unix_ro" in log, log


def test_user_that_libvirtd_cannot_resolve_gets_the_hint(host):
    with Exporter(user=54321) as exporter:
        assert exporter.scrape().value("libvirt_up") == 0
        log = exporter.log()
    assert "54321" in log and "resolv" in log, log


def test_user_without_any_privilege_sees_everything(exporter):
    """The exporter needs the read-only socket and nothing else."""
    with Exporter(user=65534) as unprivileged:
        assert of_libvirt(unprivileged.scrape()) == of_libvirt(exporter.scrape())
        status = pathlib.Path(f"/proc/{unprivileged.pid}/status").read_text()
    assert "CapEff:\t0000000000000000" in status and os.geteuid() == 0


def of_libvirt(scrape):
    """The series that are not counts of the exporter's own requests, of which a new one has had none."""
    return {(family, labels) for family, labels in scrape.samples if family.startswith("libvirt_")}
