# SPDX-License-Identifier: Apache-2.0
"""What happens to a host with many guests, and what the exporter must say meanwhile. Each scene plays some rounds, gives
the seconds that it measured, by name, and fails where something was untrue that must always hold."""

import concurrent.futures
import contextlib
import os
import random
import signal
import subprocess
import threading
import time

import exposition
import lab
from exporter import Exporter

TIMEOUT = 10  # seconds, what Prometheus gives by default
BUDGET = TIMEOUT - 0.5
MAX_CALLS = 12

# Series that a domain has even if its monitor is silent, and those that only the monitor knows.
WITHOUT_MONITOR = ("libvirt_domain_state", "libvirt_domain_info_cpu_time_seconds_total",
                   "libvirt_domain_interface_stats_receive_bytes_total")
WITH_MONITOR = ("libvirt_domain_block_stats_read_bytes_total", "libvirt_domain_memory_stats_rss_bytes")


class Scrape:
    """One scrape: how long it took, and which domains were how complete."""

    def __init__(self, exporter, timeout=TIMEOUT):
        start = time.monotonic()
        text = exporter.scrape_bytes(headers={"X-Prometheus-Scrape-Timeout-Seconds": str(timeout)})
        self.seconds = time.monotonic() - start
        self.said = exposition.parse(text)
        self.up = self.said.value("libvirt_up")
        self.calls_left_behind = self.said.value("virt_libvirt_calls_left_behind")
        self._of_family = {family: {labels["domain"] for labels, _ in self.said.matching(family)}
                           for family in WITHOUT_MONITOR + WITH_MONITOR}

    def having(self, families):
        return set.intersection(*(self._of_family[family] for family in families))

    @property
    def complete(self):
        return self.having(WITHOUT_MONITOR + WITH_MONITOR) & self.responding(1)

    def lacks(self, domains):
        """Which families each of the domains does not have, and whether it responds."""
        return {name: [family for family, having in self._of_family.items() if name not in having]
                + [self.said.value("libvirt_domain_responding", domain=name)] for name in domains}

    def responding(self, value):
        return {labels["domain"] for labels, is_so in self.said.matching("libvirt_domain_responding") if is_so == value}


def check(scrape, healthy=(), silent=(), budget=BUDGET):
    """What holds for every scrape: it is in time, healthy domains are complete, and of silent ones there is what needs
    no monitor."""
    assert scrape.seconds < budget, f"the scrape took {scrape.seconds:.2f} s"
    assert scrape.up == 1
    missing = set(healthy) - scrape.complete
    assert not missing, f"incomplete: {sorted(missing)}; {scrape.lacks(missing)}"
    missing = set(silent) - scrape.having(WITHOUT_MONITOR)
    assert not missing, f"without state, CPU or network: {sorted(missing)}"
    assert set(silent) <= scrape.responding(0), f"said to respond: {sorted(set(silent) - scrape.responding(0))}"
    assert scrape.calls_left_behind <= MAX_CALLS


def settle(exporter, names):
    """Scrapes until all is well, as after a thaw."""
    lab.wait_until("all domains are complete", lambda: set(names) <= Scrape(exporter).complete)


def every(names, count):
    """`count` of the names, spread over all batches."""
    return names[::len(names) // count][:count]


def idle(exporter, names, rounds, bulk_call):
    measured = {"scrape": [], "raw bulk call": []}
    for _ in range(rounds):
        scrape = Scrape(exporter)
        check(scrape, healthy=names)
        measured["scrape"].append(scrape.seconds)
        measured["raw bulk call"].append(bulk_call()[0])
    return measured


# ---- Guests that freeze ----------------------------------------------------------------------------------------


def frozen(exporter, names, count, rounds):
    measured = {"idle": [], "first": [], "following": []}
    for _ in range(rounds):
        settle(exporter, names)
        silent = every(names, count)
        healthy = set(names) - set(silent)
        idle = Scrape(exporter)
        check(idle, healthy=names)
        measured["idle"].append(idle.seconds)
        with lab.frozen(*silent):
            for kind in ("first", "following", "following"):
                scrape = Scrape(exporter)
                check(scrape, healthy, silent)
                measured[kind].append(scrape.seconds)
        thawed = time.monotonic()
        time.sleep(max(0, thawed + 1 - time.monotonic()))
        check(Scrape(exporter), healthy=names)
    return measured


def more_frozen_than_calls(exporter, names, rounds):
    """Not all healthy domains can be asked now, as all calls may be held; what needs no monitor is there of all."""
    measured = {"first": [], "following": [], "virsh list": []}
    for _ in range(rounds):
        settle(exporter, names)
        silent = every(names, 25)
        with lab.frozen(*silent):
            for kind in ("first", "following", "following"):
                scrape = Scrape(exporter)
                assert scrape.seconds < BUDGET + 0.3 and scrape.up == 1
                assert set(names) <= scrape.having(WITHOUT_MONITOR)
                assert not set(silent) & scrape.responding(1)
                assert scrape.calls_left_behind <= MAX_CALLS
                assert calls_out() <= MAX_CALLS
                measured[kind].append(scrape.seconds)
                measured["virsh list"].append(list_seconds())
        time.sleep(1)
        check(Scrape(exporter), healthy=names)
    return measured


def mass_outage(exporter, names, rounds):
    """Storage is gone: a quarter of the guests freezes, and later most of them. The guests that answered since stay complete,
    and all are back after the repair."""
    measured = {"first": [], "following": [], "virsh list": []}
    shuffled = random.Random(7).sample(names, len(names))
    for _ in range(rounds):
        settle(exporter, names)
        with lab.frozen(*shuffled[:25]):
            assert len(rounds_of_outage(exporter, names, shuffled[:25], measured)) >= 10
            with lab.frozen(*shuffled[25:60]):
                rounds_of_outage(exporter, names, shuffled[:60], measured)
        time.sleep(1)
        check(Scrape(exporter), healthy=names)
    return measured


def rounds_of_outage(exporter, names, frozen, measured):
    """Gives those that answered."""
    known = None
    for _ in range(5):
        scrape = Scrape(exporter)
        assert scrape.seconds < (2 if known is not None else BUDGET + 0.3), f"the scrape took {scrape.seconds:.2f} s"
        assert scrape.up == 1 and set(names) <= scrape.having(WITHOUT_MONITOR)
        assert not set(frozen) & scrape.responding(1)
        assert calls_out() <= MAX_CALLS and scrape.calls_left_behind <= MAX_CALLS
        measured["first" if known is None else "following"].append(scrape.seconds)
        measured["virsh list"].append(list_seconds())
        missing = (known or set()) - scrape.complete
        assert not missing, f"incomplete, though they answered before: {sorted(missing)}"
        known = scrape.complete
    return known


def two_in_turn(exporter, names, seconds):
    """Two servers scrape every six seconds, the one three seconds after the other, while as many guests are frozen as calls
    may be out: at any time a scrape waits, and yet each server is told of a later read each time."""
    timeout, interval = 4, 6
    settle(exporter, names)
    with lab.frozen(*every(names, 25)), concurrent.futures.ThreadPoolExecutor(2) as pool:
        start = time.monotonic()

        def scrapes(offset):
            taken = []
            for due in range(offset, seconds, interval):
                time.sleep(max(0, start + due - time.monotonic()))
                taken.append(Scrape(exporter, timeout))
            return taken

        for taken in pool.map(scrapes, (0, interval // 2)):
            check_moves(taken, timeout)


def check_moves(scrapes, timeout):
    """What one server was told in a row is in time, of a later read each time, and says how long that took."""
    for scrape in scrapes:
        assert scrape.seconds < timeout - 0.5 + 0.3, f"the scrape took {scrape.seconds:.2f} s"
        assert scrape.up == 1
    for earlier, later in zip(scrapes, scrapes[1:]):
        assert host_seconds(earlier) < host_seconds(later), "the host's CPUs stand still"
        begun = [scrape.said.value("virt_scrape_inspect_timestamp_seconds") for scrape in (earlier, later)]
        assert begun[0] < begun[1], f"reads that began at {begun}"
    for scrape in scrapes:
        assert 0 < scrape.said.value("virt_scrape_inspect_duration_seconds") <= timeout


def host_seconds(scrape):
    return sum(value for _, value in scrape.said.matching("libvirt_host_cpu_seconds_total"))


def calls_out():
    """Workers of libvirtd that are in a call to a monitor, as libvirtd's own administration knows them."""
    words = lab.run("virt-admin", "-c", "libvirtd:///system", "server-threadpool-info", "libvirtd").split()
    count = {name: int(value) for name, _, value in zip(words, words[1:], words[2:]) if value.isdigit()}
    return count["nWorkers"] - count["freeWorkers"]


def list_seconds():
    """How long somebody else waits for the list of domains."""
    start = time.monotonic()
    lab.virsh("list")
    seconds = time.monotonic() - start
    assert seconds < 1, f"virsh list took {seconds:.2f} s"
    return seconds


def killed_with_calls_out(names, rounds):
    """An exporter that is killed leaves its calls behind in libvirtd; its successors must not add to them."""
    measured = {"virsh list": []}
    silent = every(names, 8)
    with lab.frozen(*silent):
        for _ in range(max(5, rounds)):
            with Exporter() as exporter:  # killed at the end
                for _ in range(2):
                    scrape = Scrape(exporter)
                    assert scrape.seconds < BUDGET and set(names) <= scrape.having(WITHOUT_MONITOR)
                assert calls_out() <= MAX_CALLS
            measured["virsh list"].append(list_seconds())
    with Exporter() as exporter:
        settle(exporter, names)
    return measured


def xml_of_frozen(names, rounds):
    """XML is read again all the time; of a frozen guest it may have to wait for the guest, and nothing else may."""
    measured = {"scrape": [], "started beside it": []}
    silent = every(names, 1)
    healthy = set(names) - set(silent)
    flag = "--xml_refresh=20"
    with Exporter(flag) as exporter:
        settle(exporter, names)
        with lab.frozen(*silent):
            for _ in range(rounds):
                check_facts(exporter, healthy, silent, names, measured["scrape"])
                time.sleep(1)
            with Exporter(flag) as beside:
                for _ in range(3):
                    check_facts(beside, healthy, silent, healthy, measured["started beside it"])
        time.sleep(1)
        check(Scrape(exporter), healthy=names)
    return measured


def check_facts(exporter, healthy, silent, known, measured):
    scrape = Scrape(exporter)
    check(scrape, healthy, silent)
    with_facts = {labels["domain"] for labels, _ in scrape.said.matching("libvirt_domain_info") if labels.get("os_type")}
    assert set(known) <= with_facts, f"without facts: {sorted(set(known) - with_facts)}"
    measured.append(scrape.seconds)


# ---- Guests that are slow --------------------------------------------------------------------------------------


@contextlib.contextmanager
def slow(names, run=0.010, stop=0.040):
    """An overcommitted host: all guests run for a moment and stop for a longer one."""
    pids = [lab.qemu_pid(name) for name in names]
    ended = threading.Event()

    def slow_down():
        while not ended.is_set():
            for pid in pids:
                os.kill(pid, signal.SIGSTOP)
            time.sleep(stop)
            for pid in pids:
                os.kill(pid, signal.SIGCONT)
            time.sleep(run)

    thread = threading.Thread(target=slow_down)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def slow_guests(exporter, names, rounds, bulk_call):
    measured = {"scrape": [], "raw bulk call": []}
    with slow(names):
        for _ in range(3):
            Scrape(exporter)  # it learns
        for _ in range(rounds):
            scrape = Scrape(exporter)
            check(scrape, healthy=names)
            measured["scrape"].append(scrape.seconds)
            measured["raw bulk call"].append(bulk_call()[0])
    settle(exporter, names)
    return measured


# ---- Others who use libvirtd -----------------------------------------------------------------------------------


def busy_clients(exporter, names, scrapes=50):
    settle(exporter, names)
    clients = [subprocess.Popen(["sh", "-c", f"while virsh -q -c {lab.URI} domstats >/dev/null; do :; done"],
                                start_new_session=True) for _ in range(3)]
    measured = {"scrape": []}
    try:
        for _ in range(scrapes):
            scrape = Scrape(exporter)
            check(scrape, healthy=names)
            measured["scrape"].append(scrape.seconds)
    finally:
        for client in clients:
            os.killpg(client.pid, signal.SIGKILL)
            client.wait()
    return measured


def two_at_once(exporter, rounds):
    """libvirtd's CPU seconds for one scrape, and for two that arrive together."""
    measured = {"one": [], "two": []}
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        for _ in range(rounds):
            for kind, count in (("one", 1), ("two", 2)):
                before = lab.cpu_seconds(lab.libvirtd_pid())
                list(pool.map(lambda _: Scrape(exporter), range(count)))
                measured[kind].append(lab.cpu_seconds(lab.libvirtd_pid()) - before)
    return measured


# ---- libvirtd that freezes -------------------------------------------------------------------------------------


def frozen_libvirtd(exporter, names, rounds):
    measured = {"frozen": [], "after": []}
    for _ in range(rounds):
        settle(exporter, names)
        with Exporter() as connecting, lab.stopped(lab.libvirtd_pid()):
            for each in (exporter, connecting, exporter):
                scrape = Scrape(each, timeout=2)
                assert scrape.seconds < 1.5 + 0.3 and scrape.up == 0
                measured["frozen"].append(scrape.seconds)
            os.kill(lab.libvirtd_pid(), signal.SIGCONT)
            for each in (exporter, connecting):
                scrape = Scrape(each)
                check(scrape, healthy=names)
                measured["after"].append(scrape.seconds)
    return measured
