# SPDX-License-Identifier: Apache-2.0
"""libvirtd goes and comes back; the exporter stays."""

import signal

import pytest

import lab
from exporter import Exporter

pytestmark = pytest.mark.restarts_libvirtd


@pytest.fixture
def libvirtd(host):
    """Whatever a test did to libvirtd: it runs afterwards."""
    yield
    if not lab.alive(lab.libvirtd_pid()):
        lab.start_libvirtd()


@pytest.mark.parametrize("sign", [signal.SIGKILL, signal.SIGTERM])
def test_libvirt_up_goes_to_0_and_back_without_a_restart_of_the_exporter(libvirtd, sign):
    with Exporter() as exporter:
        before = exporter.scrape()
        lab.stop_libvirtd(sign)
        down = exporter.scrape()
        lab.start_libvirtd()
        lab.wait_until("libvirt is up again", lambda: exporter.scrape().value("libvirt_up") == 1)
        after = exporter.scrape()
    assert (before.value("libvirt_up"), down.value("libvirt_up")) == (1, 0)
    assert [series for series in down.samples if dict(series[1]).get("domain")] == []
    assert after.value("process_start_time_seconds") == before.value("process_start_time_seconds")
    assert after.value("libvirt_domains") == before.value("libvirt_domains")


def test_exporter_may_start_before_libvirtd(libvirtd):
    lab.stop_libvirtd()
    with Exporter() as exporter:
        assert exporter.scrape().value("libvirt_up") == 0
        lab.start_libvirtd()
        lab.wait_until("libvirt is up", lambda: exporter.scrape().value("libvirt_up") == 1)


def test_outage_is_logged_once_and_leaks_nothing(libvirtd):
    with Exporter() as exporter:
        exporter.scrape()
        lab.stop_libvirtd(signal.SIGKILL)
        exporter.scrape()
        fds, threads, log = exporter.fds(), exporter.threads(), exporter.log()
        for _ in range(50):
            exporter.scrape()
        assert exporter.log() == log
        assert exporter.threads() <= threads
        lab.wait_until("no file stays open", lambda: exporter.fds() <= fds)
