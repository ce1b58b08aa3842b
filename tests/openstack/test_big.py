# SPDX-License-Identifier: Apache-2.0
"""A cloud of 11,000 ports, 5,000 servers and 1,000 floating IPs. tests/bench/central.py measures what it costs."""

import pytest

import cloud_truth
import control_plane
import lab
from watch import Watch, failures, without, without_usage

PROMETHEUS_TIMEOUT = 10  # seconds, as it is by default
MIB = 1 << 20
BIG_LISTS = {"neutron/ports", "nova/servers", "nova/os-simple-tenant-usage"}
BEHIND = ("openstack_neutron_ports", "openstack_nova_server", "openstack_nova_total_vms", "openstack_nova_project_")


@pytest.fixture(scope="module")
def big():
    with control_plane.running("big") as running:
        yield running


@pytest.fixture(scope="module")
def truth(big):
    return cloud_truth.of(big.api())


@pytest.fixture
def exporter(big, tmp_path):
    with Watch(control_plane.write_clouds(tmp_path / "clouds.yaml", big.clouds()), "admin") as running:
        yield running


def test_no_scrape_waits_for_what_is_big_and_the_rest_is_there_soon(exporter, truth):
    def scrape():
        found = exporter.scrape_within(PROMETHEUS_TIMEOUT)
        return found if set(failures(found)) <= BIG_LISTS else None

    found = lab.wait_until("all but the big lists were read", scrape, timeout=60)
    assert without(without_usage(found), BEHIND) == without(truth, BEHIND)


def test_everything_is_complete_at_last_in_a_little_memory(exporter, truth):
    scrape = exporter.good(timeout=900)  # on a busy machine a page may take longer than the exporter waits for it
    assert without_usage(scrape) == truth
    assert scrape.value("openstack_neutron_ports") > 11000 and scrape.value("openstack_nova_total_vms") > 5000
    assert exporter.peak_bytes() < 64 * MIB
