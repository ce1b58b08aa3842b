# SPDX-License-Identifier: Apache-2.0
"""A cloud of 11,000 ports, 5,000 servers and 1,000 floating IPs. tests/bench/central.py measures what it costs."""

import pytest

import cloud_truth
import control_plane
import lab
from watch import Watch, failures, of_the_cloud, without, without_usage

PROMETHEUS_TIMEOUT = 10  # seconds, as it is by default
MIB = 1 << 20
BIG_LISTS = {"neutron/ports", "nova/servers", "nova/os-simple-tenant-usage"}
SERVERS = ("openstack_nova_server", "openstack_nova_total_vms")
BEHIND = ("openstack_neutron_ports", "openstack_nova_project_", *SERVERS)


@pytest.fixture(scope="module")
def big():
    with control_plane.running("big") as running:
        yield running


@pytest.fixture(scope="module")
def exporter(big, tmp_path_factory):
    clouds = control_plane.write_clouds(tmp_path_factory.mktemp("big") / "clouds.yaml", big.clouds())
    with Watch(clouds, "admin") as running:
        yield running


@pytest.fixture(scope="module")
def truth(big):
    """All but servers, which Nova gives to the exporter and to others in half a minute each."""
    return cloud_truth.of_all_but_servers(big.api())


def test_no_scrape_waits_for_what_is_big_and_the_rest_is_there_soon(exporter, truth):
    def scrape():
        found = exporter.scrape_within(PROMETHEUS_TIMEOUT)
        return found if set(failures(found)) <= BIG_LISTS else None

    found = lab.wait_until("all but the big lists were read", scrape, timeout=60)
    assert without(without_usage(found), BEHIND) == without(truth, BEHIND)


def test_everything_is_complete_at_last_in_a_little_memory(big, exporter, truth):
    scrape = exporter.good(timeout=900)  # on a busy machine a page may take longer than the exporter waits for it
    assert without(without_usage(scrape), SERVERS) == truth
    assert scrape.value("openstack_neutron_ports") > 11000 and scrape.value("openstack_nova_total_vms") > 5000
    has_each_server(scrape, big.api())
    assert exporter.peak_bytes() < 40 * MIB


def has_each_server(scrape, api):
    """Each by id and name, counts by status, and all that is said of some."""
    every = api.all("nova", "/servers?all_tenants=1", "servers")
    said = [has for has, _ in scrape.matching("openstack_nova_server_status")]
    assert sorted((has["id"], has["name"]) for has in said) == sorted((one["id"], one["name"]) for one in every)
    for status in ("ACTIVE", "SHUTOFF", "ERROR"):
        known = len(api.all("nova", f"/servers?all_tenants=1&status={status}", "servers"))
        assert known > 10
        assert sum(value for _, value in scrape.matching("openstack_nova_servers", status=status)) == known
    some = cloud_truth.first_servers(api, 100)
    assert len(some) == 100 and some.items() <= of_the_cloud(scrape).items()
