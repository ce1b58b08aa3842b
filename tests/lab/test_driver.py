# SPDX-License-Identifier: Apache-2.0
"""The demonstration host of libvirt's test driver, which has no bulk statistics: they come from calls for each domain.
This file needs neither root nor libvirtd."""

import time

import pytest

from exporter import REPOSITORY, Exporter, once

MOVING = (
    "libvirt_domain_info_cpu_time_seconds_total",
    "libvirt_domain_vcpu_time_seconds_total",
    "libvirt_domain_block_stats_read_bytes_total",
    "libvirt_domain_block_stats_write_bytes_total",
    "libvirt_domain_block_stats_read_requests_total",
    "libvirt_domain_block_stats_write_requests_total",
    "libvirt_domain_interface_stats_receive_bytes_total",
    "libvirt_domain_interface_stats_receive_packets_total",
    "libvirt_domain_interface_stats_transmit_bytes_total",
    "libvirt_domain_interface_stats_transmit_packets_total",
)
MEMORY = (
    "libvirt_domain_memory_stats_current_balloon_bytes",
    "libvirt_domain_memory_stats_maximum_bytes",
    "libvirt_domain_memory_stats_swap_in_bytes_total",
    "libvirt_domain_memory_stats_swap_out_bytes_total",
    "libvirt_domain_memory_stats_unused_bytes",
    "libvirt_domain_memory_stats_available_bytes",
    "libvirt_domain_memory_stats_usable_bytes",
    "libvirt_domain_memory_stats_rss_bytes",
)


@pytest.fixture(scope="module")
def scrapes():
    """Two scrapes of the demonstration host, a second and a half apart: the driver's counters follow the clock."""
    with Exporter(f"--libvirt_uri=test://{REPOSITORY}/deploy/demo-host.xml") as exporter:
        first = exporter.scrape()
        time.sleep(1.5)
        yield first, exporter.scrape()


def states(scrape):
    return {labels["domain"]: labels["state"] for labels, _ in scrape.matching("libvirt_domain_state")}


def test_demonstration_host_has_a_dozen_domains_in_three_states(scrapes):
    assert scrapes[0].value("libvirt_domains") >= 12
    assert {"running", "paused", "shutoff"} <= set(states(scrapes[0]).values())


def test_demonstration_host_has_three_projects(scrapes):
    assert len({labels["project_id"] for labels, _ in scrapes[0].matching("libvirt_domain_openstack_info")}) == 3


@pytest.mark.parametrize("family", MOVING)
def test_family_moves_between_two_scrapes(scrapes, family):
    first, second = (dict_of(scrape, family) for scrape in scrapes)
    assert first and first.keys() == second.keys()
    assert all(second[series] >= first[series] for series in first)
    assert sum(second.values()) > sum(first.values())


def dict_of(scrape, family):
    return {series: value for series, value in scrape.samples.items() if series[0] == family}


@pytest.mark.parametrize("family", MEMORY)
def test_memory_family_is_there_for_running_domains(scrapes, family):
    running = {domain for domain, state in states(scrapes[0]).items() if state == "running"}
    assert running <= {labels["domain"] for labels, _ in scrapes[0].matching(family)}


def test_domains_that_are_shut_off_have_no_moving_counter(scrapes):
    """The test driver reports CPU time for them too, which nobody used."""
    off = {domain for domain, state in states(scrapes[0]).items() if state == "shutoff"}
    moving = {dict(labels)["domain"] for family, labels in scrapes[1].samples if family in MOVING}
    assert moving.isdisjoint(off)


def test_driver_s_default_host_works_too():
    assert 'libvirt_domain_info{domain="test"' in once("--libvirt_uri=test:///default").stdout
