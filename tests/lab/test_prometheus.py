# SPDX-License-Identifier: Apache-2.0
"""A real Prometheus scrapes the exporter: what counts in the end is what one finds there."""

import pytest

import guests
import lab
from prometheus import Prometheus


@pytest.fixture(scope="module")
def prometheus(exporter):
    with Prometheus(exporter.port) as running:
        yield running


def test_target_is_up_without_an_error(prometheus):
    lab.wait_until("the target is up", lambda: [value for _, value in prometheus.query("up")] == [1])
    assert [target["lastError"] for target in prometheus.targets()] == [""]


def test_every_sample_is_taken(prometheus, exporter):
    """Those it saw are as many as the exporter gave, and each of them is a series that can be asked for."""
    expected = len(exporter.scrape().samples)

    def values(expression):
        return [value for _, value in prometheus.query(expression)]

    lab.wait_until(f"{expected} samples seen", lambda: values("scrape_samples_scraped") == [expected])
    stored = 'count({job="virt_exporter", __name__!~"up|scrape_.*"})'
    lab.wait_until(f"{expected} samples stored", lambda: values(stored) == [expected])


def test_value_in_prometheus_is_exact(prometheus):
    ((_, value),) = prometheus.query('libvirt_domain_block_stats_read_bytes_total{domain="boot-sector"}')
    assert value == guests.BOOT_SECTOR_COUNTERS["rd.bytes"]


def test_hostile_names_arrive_unchanged(prometheus):
    names = {labels["domain"] for labels, _ in prometheus.query("libvirt_domain_info")}
    assert names == set(lab.domstats_raw("state"))


def test_rate_of_a_counter_is_that_of_the_guest(prometheus):
    """The Linux guest pings five times a second: enough to see that rate() works on it."""

    def rate():
        found = prometheus.query('rate(libvirt_domain_interface_stats_receive_packets_total{domain="linux"}[5s])')
        return found and found[0][1] > 1

    lab.wait_until("the guest's pings show as a rate", rate)
