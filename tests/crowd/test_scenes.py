# SPDX-License-Identifier: Apache-2.0
"""What must always hold; how long it takes is measured by tests/bench/table.py."""

import concurrent.futures
import contextlib
import socket
import statistics
import threading

import pytest

import scenes
from exporter import Exporter

PERIOD = 10  # seconds that the service manager of these tests waits for a sign of life


@pytest.mark.parametrize("count", [1, 5, 8])
def test_frozen_guests_cost_the_others_nothing_and_are_back_a_second_after_the_thaw(exporter, names, count):
    scenes.frozen(exporter, names, count, rounds=1)


def test_calls_that_hang_are_limited_and_others_go_on(exporter, names):
    scenes.more_frozen_than_calls(exporter, names, rounds=1)


def test_guests_that_answered_in_an_outage_stay_complete_and_all_are_back_after_it(exporter, names):
    scenes.mass_outage(exporter, names, rounds=1)


def test_xml_of_frozen_guests_keeps_nobody_waiting(names):
    scenes.xml_of_frozen(names, rounds=30)


@pytest.fixture
def service_manager(tmp_path, monkeypatch):
    """The socket at which exporters that start from now on say that they are alive."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(PERIOD)
        monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", str(PERIOD * 1_000_000))
        yield manager


@contextlib.contextmanager
def watched(manager):
    """Listens as long as this lasts, and fails where no sign of life came within the period."""
    ended = threading.Event()

    def listen():
        while not ended.is_set():
            manager.recv(1000)

    with concurrent.futures.ThreadPoolExecutor(1) as pool:
        listening = pool.submit(listen)
        try:
            yield
        finally:
            ended.set()
    listening.result()


def test_servers_that_scrape_in_turn_while_calls_hang_are_told_what_is_new(names, service_manager):
    with Exporter() as exporter, watched(service_manager):
        scenes.two_in_turn(exporter, names, seconds=40)


def test_exporters_that_are_killed_do_not_use_up_libvirtd(names):
    scenes.killed_with_calls_out(names, rounds=5)


def test_domains_that_other_clients_hold_for_a_moment_are_complete(exporter, names):
    scenes.busy_clients(exporter, names)


def test_slow_guests_are_complete(exporter, names):
    scenes.slow_guests(exporter, names, rounds=2, bulk_call=lambda: [0])


def test_frozen_libvirtd_is_down_in_time_and_up_at_once_after_the_thaw(exporter, names):
    scenes.frozen_libvirtd(exporter, names, rounds=1)


def test_scrapes_that_come_together_share_a_read(exporter, names):
    scenes.settle(exporter, names)
    measured = scenes.two_at_once(exporter, rounds=5)
    assert statistics.median(measured["two"]) < 1.5 * statistics.median(measured["one"])
