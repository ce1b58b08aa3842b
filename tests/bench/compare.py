#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""One scrape of the exporter beside one raw bulk call and beside Debian's prometheus-libvirt-exporter, on the same
guests in the same run, in turn, so that the ratios hold on a noisy machine.

Run it as root from the top of the repository, with build/release built:

  tests/lab/enter tests/bench/compare.py [GUESTS [ROUNDS]]
"""

import pathlib
import re
import statistics
import subprocess
import sys
import time
import urllib.request

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests/lab"))

import exporter as program  # noqa: E402
import guests  # noqa: E402
import lab  # noqa: E402

BUILD = program.BINARY.parent
PEER = "/usr/bin/prometheus-libvirt-exporter"


def fetch(url, headers=None):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=120) as response:
        return response.read()


class Target:
    """An exporter that is scraped: wall time, its own and libvirtd's CPU time, for each scrape."""

    def __init__(self, name, url, pid, headers=None):
        self.name, self.url, self.pid, self.headers = name, url, pid, headers
        self.wall, self.cpu, self.libvirtd = [], [], []

    def scrape(self):
        libvirtd = lab.libvirtd_pid()
        before = time.monotonic(), lab.cpu_seconds(self.pid), lab.cpu_seconds(libvirtd)
        fetch(self.url, self.headers)
        after = time.monotonic(), lab.cpu_seconds(self.pid), lab.cpu_seconds(libvirtd)
        for values, start, end in zip((self.wall, self.cpu, self.libvirtd), before, after):
            values.append(end - start)

    def series(self):
        return sum(1 for line in fetch(self.url).splitlines() if re.match(rb"libvirt_", line))

    def resident_mib(self):
        status = pathlib.Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(r"VmRSS:\s*(\d+)", status)[1]) / 1024


def timed(name):
    """Wall and own CPU seconds that a program prints for what it did the second time."""
    line = subprocess.run([BUILD / name, lab.URI, "2"], check=True, capture_output=True, text=True)
    return [float(word) for word in line.stdout.splitlines()[-1].split()]


def bulk_call():
    """One raw call for all domains."""
    return timed("bulk_call")


def bare_calls():
    """The calls of one scrape, when nobody looks at the answers."""
    return timed("bare_calls")


def start_peer():
    port = program.free_port()
    address = f"127.0.0.1:{port}"
    process = subprocess.Popen([PEER, "--web.listen-address", address], stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL)
    url = f"http://{address}/metrics"

    def answers():
        try:
            return fetch(url)
        except OSError:
            return None

    lab.wait_until("the peer answers", answers)
    return process, url


def row(name, values, unit=1e3):
    print(f"  {name:<34}{statistics.median(values) * unit:10.2f}{max(values) * unit:10.2f}")


def report(count, targets, raw, bare):
    ours, compressed, peer = targets
    raw_wall, raw_cpu = zip(*raw)
    print(f"\n{count} guests, {len(raw)} rounds; milliseconds: median, worst")
    row("raw bulk call: wall", raw_wall)
    row("raw bulk call: client CPU", raw_cpu)
    row("bare calls of a scrape: client CPU", [cpu for _, cpu in bare])
    for target in targets:
        row(f"{target.name}: wall", target.wall)
        row(f"{target.name}: own CPU", target.cpu)
        row(f"{target.name}: libvirtd's CPU", target.libvirtd)
    median = statistics.median
    print("\nratios of medians")
    print(f"  scrape / raw bulk call, wall         {median(ours.wall) / median(raw_wall):8.2f}")
    print(f"  own CPU / peer's, plain              {median(ours.cpu) / median(peer.cpu):8.3f}")
    print(f"  own CPU / peer's, gzip               {median(compressed.cpu) / median(peer.cpu):8.3f}")
    print(f"  libvirtd's CPU / with peer           {median(ours.libvirtd) / median(peer.libvirtd):8.2f}")
    print(f"  series / peer's                      {ours.series() / peer.series():8.2f}   "
          f"({ours.series()} and {peer.series()})")
    print(f"  resident MiB                         {ours.resident_mib():8.1f}   (peer {peer.resident_mib():.1f})")


def main(count=100, rounds=10):
    lab.make_bridge("benchbr0", "192.0.2.1/24")
    guests.many(count, prefix="bench", bridge="benchbr0", vcpus=2)
    peer_process, peer_url = start_peer()
    try:
        with program.Exporter() as ours:
            url = f"{ours.url}/metrics"
            plain = Target("exporter", url, ours.pid)
            gzip = Target("exporter, gzip", url, ours.pid, {"Accept-Encoding": "gzip"})
            peer = Target("peer", peer_url, peer_process.pid)
            raw, bare = [], []
            fetch(url)  # the first scrape reads every domain's XML
            # The longer the last scrape is ago, the more is read in rotation: here it is a second or two for both.
            for _ in range(rounds):
                raw.append(bulk_call())
                plain.scrape()
                bare.append(bare_calls())
                gzip.scrape()
                peer.scrape()
            report(count, (plain, gzip, peer), raw, bare)
    finally:
        peer_process.kill()


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
