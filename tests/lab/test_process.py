# SPDX-License-Identifier: Apache-2.0
"""The program's life: one scrape and out, a thousand scrapes, a signal in the middle of one."""

import concurrent.futures
import re
import signal
import time

import pytest

import exposition
import lab
from exporter import Exporter, once


def test_once_prints_one_valid_scrape(exporter):
    families = exposition.parse(once().stdout).types.keys()
    of_server = {family for family in exporter.scrape().types if re.match("promhttp_|virt_exporter_(http|tls)_", family)}
    assert families | of_server == exporter.scrape().types.keys()
    assert families.isdisjoint(of_server) and of_server


def test_once_fails_where_libvirt_is_not_up(host):
    done = once("--libvirt_uri=qemu+unix:///system?socket=/nonexistent", check=False)
    assert done.returncode == 1
    assert exposition.parse(done.stdout).value("libvirt_up") == 0
    assert "/nonexistent" in done.stderr


def test_thousand_scrapes_leave_no_fd_and_no_thread_behind(host):
    refresh = "--xml_refresh=0.001"  # with each scrape as many calls are out at once as ever are
    with Exporter(refresh) as exporter, concurrent.futures.ThreadPoolExecutor(4) as clients:
        def held_after(scrapes):
            list(clients.map(lambda _: exporter.scrape_bytes(), range(scrapes)))
            return exporter.fds(), exporter.threads()

        # Until all that starts late has started: on a slow machine, connections for calls that are late.
        lab.wait_until("nothing more starts", lambda: held_after(50) == held_after(50))
        fds, threads, resident = exporter.fds(), exporter.threads(), exporter.resident_bytes()
        list(clients.map(lambda _: exporter.scrape_bytes(), range(1000)))
        lab.wait_until("its connections are closed", lambda: exporter.fds() <= fds)
        assert exporter.threads() <= threads
        assert exporter.resident_bytes() < resident + (4 << 20)


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2"])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_signal_ends_it_within_a_second_with_success(host, number, address):
    """Wherever it listens: what wakes its server up has to go there."""
    with Exporter(host=address) as exporter:
        exporter.scrape()
        start = time.monotonic()
        exporter.signal(number)
        assert exporter.wait() == 0
        assert time.monotonic() - start < 1


def test_scrape_under_way_is_answered_before_it_ends_within_a_second(host):
    """Frozen guests hold the scrape up, so that the signal surely comes in the middle of it."""
    with Exporter("--libvirt_max_calls=1") as exporter, concurrent.futures.ThreadPoolExecutor() as client:
        exporter.scrape()
        with lab.frozen("vcpu-hole"):
            answer = client.submit(exporter.scrape)
            time.sleep(0.6)
            assert not answer.done()
            start = time.monotonic()
            exporter.signal(signal.SIGTERM)
            assert exporter.wait() == 0
            assert time.monotonic() - start < 1
        assert answer.result().value("libvirt_up") == 1
        assert answer.result().value("libvirt_domain_responding", domain="vcpu-hole") == 0
