# SPDX-License-Identifier: Apache-2.0
"""Guests freeze, thaw, come and go, a pool and a network hang, and libvirtd is restarted, under the scrapes of four clients:
thirty seconds of it, or as many as SOAK_SECONDS says."""

import os
import random
import signal
import threading
import time

import exposition
import faults
import guests
import lab
import scenes
from exporter import Exporter

SECONDS = int(os.environ.get("SOAK_SECONDS", "30"))
LONG = 12  # seconds that a part hangs at most: longer than a scrape waits for it


# What moves whatever guests and libvirtd do, as long as libvirt is read at all: the host's CPUs spend their time on something,
# idling included, and each read begins later than the one before. Guests' own counters may rightly stand still.
MOVING = ("libvirt_host_cpu_seconds_total", "virt_scrape_inspect_timestamp_seconds")


class Client(threading.Thread):
    """Scrapes without pause, and remembers what was wrong: a scrape that failed or was late, a counter that went back,
    a value that stood still."""

    def __init__(self, exporter, ended):
        super().__init__()
        self.exporter, self.ended = exporter, ended
        self.wrong, self.scrapes, self.ups, self.slowest = [], 0, 0, 0.0
        self.counters = {}
        self.moved = {}  # of each that must move, the last value and when it was first seen

    def run(self):
        while not self.ended.is_set():
            start = time.monotonic()
            try:
                text = self.exporter.scrape_bytes(headers={"X-Prometheus-Scrape-Timeout-Seconds": str(scenes.TIMEOUT)})
                self.look_at(exposition.parse(text), time.monotonic() - start)
            except Exception as error:  # noqa: BLE001: whatever it is, it is the result of the test
                self.wrong.append(repr(error)[:300])

    def look_at(self, said, seconds):
        self.scrapes += 1
        self.ups += said.value("libvirt_up") == 1
        self.slowest = max(self.slowest, seconds)
        if seconds > scenes.BUDGET + 0.5:
            self.wrong.append(f"a scrape took {seconds:.2f} s")
        for series, value in said.samples.items():
            if said.types.get(series[0]) != "counter":
                continue
            if value < self.counters.get(series, value):
                self.wrong.append(f"{series} went back from {self.counters[series]} to {value}")
            self.counters[series] = value
        if said.value("libvirt_up") == 1 and not said.matching(MOVING[0]):
            self.wrong.append("the host is missing, though libvirt is up")
        self.look_for_standstill(said)

    def look_for_standstill(self, said):
        now = time.monotonic()
        for family in MOVING:
            values = [value for _, value in said.matching(family)]
            if not values:
                continue
            last, since = self.moved.get(family, (None, now))
            if sum(values) != last:
                self.moved[family] = (sum(values), now)
            elif now - since > scenes.BUDGET:  # no read takes longer, and the next one has news
                self.wrong.append(f"{family} has stood still for {now - since:.1f} s")


class Trouble:
    """What happens to the host. Each guest that comes has a name of its own, so that its counters are its own."""

    def __init__(self, names):
        self.names, self.random, self.made = names, random.Random(7), 0

    def freeze_some(self):
        with lab.frozen(*self.random.sample(self.names, self.random.randint(1, 5))):
            time.sleep(self.random.uniform(0.5, 3))

    def let_one_come_and_go(self):
        self.made += 1
        name = f"passing-{self.made}"
        guests.create(guests.domain_xml(name, guests.disk(guests.image("passing.img"))), "--paused")
        time.sleep(self.random.uniform(0.1, 1))
        lab.virsh("destroy", name)

    def let_a_pool_hang(self):
        with faults.hanging("lvm", "pool-refresh", "slow"):
            time.sleep(self.random.uniform(0.5, LONG))

    def let_a_network_hang(self):
        with faults.hanging("network", "net-start", "slow"):
            time.sleep(self.random.uniform(0.5, LONG))
        lab.virsh("net-destroy", "slow")

    def restart_libvirtd(self):
        lab.stop_libvirtd(self.random.choice((signal.SIGTERM, signal.SIGKILL)))
        lab.start_libvirtd()
        faults.start_slow_pool()
        time.sleep(2)

    def happen(self, seconds):
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            for _ in range(4):
                self.random.choice(
                    (self.freeze_some, self.let_one_come_and_go, self.let_a_pool_hang, self.let_a_network_hang)
                )()
            self.restart_libvirtd()


def resources(exporter, names):
    """Files, threads and memory once all is well and idle."""
    scenes.settle(exporter, names)
    time.sleep(1)
    return exporter.fds(), exporter.threads(), exporter.resident_bytes()


def test_soak(names):
    faults.install()
    faults.make_slow_pool()
    faults.make_slow_network()
    with Exporter() as exporter:
        trouble = Trouble(names)
        trouble.happen(5)  # connections, threads and buffers that will be needed are there
        fds, threads, memory = resources(exporter, names)
        ended = threading.Event()
        clients = [Client(exporter, ended) for _ in range(4)]
        for client in clients:
            client.start()
        try:
            trouble.happen(SECONDS)
        finally:
            ended.set()
            for client in clients:
                client.join()
        wrong = [what for client in clients for what in client.wrong]
        scrapes, ups = (sum(getattr(client, name) for client in clients) for name in ("scrapes", "ups"))
        now_fds, now_threads, now_memory = resources(exporter, names)
        print(f"{scrapes} scrapes, {ups} with libvirt up, slowest {max(client.slowest for client in clients):.2f} s; "
              f"files {fds} -> {now_fds}, threads {threads} -> {now_threads}, "
              f"MiB {memory / 2**20:.1f} -> {now_memory / 2**20:.1f}; the log:\n{exporter.log()}")
        assert wrong == []
        assert ups >= SECONDS  # those while libvirtd is down are quick, and many
        assert exporter.running()
        assert now_fds <= fds + 16 and now_threads <= threads + 16
        assert now_memory < memory + (8 << 20)
