# SPDX-License-Identifier: Apache-2.0
"""Containers of libvirt's LXC driver, which has no bulk statistics: they come from calls for each domain."""

import pytest

import control_groups
import guests
import lab
from exporter import Exporter

LXC = "lxc:///system"
CONTAINER = """<domain type='lxc'><name>container</name><memory unit='MiB'>64</memory><vcpu>1</vcpu>
  <os><type>exe</type><init>/bin/sleep</init><initarg>600</initarg></os><devices><console type='pty'/></devices></domain>"""


@pytest.fixture(scope="module")
def scrape():
    with control_groups.mounted():
        guests.create(CONTAINER, uri=LXC)
        try:
            with Exporter(f"--libvirt_uri={LXC}") as exporter:
                yield exporter.scrape()
        finally:
            lab.run("virsh", "-q", "-c", LXC, "destroy", "container")


def test_memory_of_a_container_is_what_it_may_use(scrape):
    for family in ("memory_stats_current_balloon", "memory_stats_maximum", "info_memory_usage", "info_maximum_memory"):
        assert scrape.value(f"libvirt_domain_{family}_bytes", domain="container") == 64 << 20, family
    assert 0 < scrape.value("libvirt_domain_memory_stats_rss_bytes", domain="container") < 64 << 20


def test_vcpus_that_lxc_does_not_count_are_those_of_the_xml(scrape):
    assert scrape.value("libvirt_domain_vcpu_current", domain="container") == 1
    assert scrape.value("libvirt_domain_vcpu_maximum", domain="container") == 1
