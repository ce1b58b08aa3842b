#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""One scrape of the exporter beside one raw bulk call, beside Debian's prometheus-libvirt-exporter and, if they are named,
an older build of ours and inovex's exporter: on the same guests in the same run, in turn, so that the ratios hold on a
noisy machine. What a scrape costs is what the whole host pays: the exporter, libvirtd, and the QEMU processes.

Run it as root from the top of the repository, with build/release built:

  tests/lab/enter tests/bench/compare.py [--kvm] [--running] [--before PROGRAM] [--inovex PROGRAM] [GUESTS [ROUNDS]]
"""

import argparse
import contextlib
import pathlib
import re
import statistics
import subprocess
import sys
import time
import urllib.request

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(REPOSITORY / "tests/lab"))

import control_groups  # noqa: E402
import exporter as program  # noqa: E402
import guests  # noqa: E402
import lab  # noqa: E402

BUILD = program.BINARY.parent
PEER = "/usr/bin/prometheus-libvirt-exporter"


def fetch(url, headers=None):
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers or {}), timeout=120) as response:
        return response.read()


class Host:
    """CPU seconds that all guests have used so far, and how many they use by themselves while nobody asks them."""

    def __init__(self, names):
        self._pids = [lab.qemu_pid(name) for name in names]
        self.idle = 0  # CPU seconds per second

    def qemu_seconds(self):
        """By the scheduler, to the nanosecond; threads that end meanwhile are lost."""
        tasks = (task for pid in self._pids for task in pathlib.Path(f"/proc/{pid}/task").iterdir())
        return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e9

    def watch_idle(self, seconds=1):
        before, start = self.qemu_seconds(), time.monotonic()
        time.sleep(seconds)
        self.idle = (self.qemu_seconds() - before) / (time.monotonic() - start)


class Target:
    """An exporter that is scraped: wall time, its own, libvirtd's and QEMU's CPU time, and their sum, for each scrape."""

    def __init__(self, name, url, pid, host, headers=None):
        self.name, self.url, self.pid, self.headers, self._host = name, url, pid, headers, host
        self.wall, self.cpu, self.libvirtd, self.qemu, self.sum = [], [], [], [], []

    def _clocks(self):
        clocks = lab.cpu_seconds(self.pid), lab.cpu_seconds(lab.libvirtd_pid()), self._host.qemu_seconds()
        return (time.monotonic(), *clocks)

    def scrape(self):
        before = self._clocks()
        fetch(self.url, self.headers)
        wall, cpu, libvirtd, qemu = (end - start for start, end in zip(before, self._clocks()))
        qemu = max(0, qemu - self._host.idle * wall)
        for values, value in zip(
            (self.wall, self.cpu, self.libvirtd, self.qemu, self.sum), (wall, cpu, libvirtd, qemu, cpu + libvirtd + qemu)
        ):
            values.append(value)

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


@contextlib.contextmanager
def peer(program_path, *flags):
    """Another exporter: its URL and its process."""
    address = f"127.0.0.1:{program.free_port()}"
    process = subprocess.Popen(
        [program_path, "--web.listen-address", address, *flags], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    url = f"http://{address}/metrics"

    def answers():
        with contextlib.suppress(OSError):
            return fetch(url)

    try:
        lab.wait_until(f"{program_path} answers", answers)
        yield url, process.pid
    finally:
        process.kill()


def row(name, values, unit=1e3):
    print(f"  {name:<34}{statistics.median(values) * unit:10.2f}{max(values) * unit:10.2f}")


def report(title, targets, raw, bare):
    ours = targets[0]
    raw_wall, raw_cpu = zip(*raw)
    print(f"\n{title}, {len(raw)} rounds; milliseconds: median, worst")
    row("raw bulk call: wall", raw_wall)
    row("raw bulk call: client CPU", raw_cpu)
    row("bare calls of a scrape: client CPU", [cpu for _, cpu in bare])
    for target in targets:
        for what in ("wall", "cpu", "libvirtd", "qemu", "sum"):
            row(f"{target.name}: {what}", getattr(target, what))
        print(f"  {target.name}: {target.series()} series, {target.resident_mib():.1f} MiB resident")
    median = statistics.median
    print("\nratios of medians")
    print(f"  scrape / raw bulk call, wall         {median(ours.wall) / median(raw_wall):8.2f}")
    for other in targets[1:]:
        ratios = (f"{what} {median(getattr(ours, what)) / median(getattr(other, what)):.3f}"
                  for what in ("cpu", "libvirtd", "qemu", "sum") if median(getattr(other, what)) > 0)
        print(f"  {ours.name} / {other.name}: " + ", ".join(ratios))


def measure(options, host, stack):
    """The targets after all rounds, and what the raw calls took."""
    ours = stack.enter_context(program.Exporter())
    url = f"{ours.url}/metrics"
    targets = [Target("ours", url, ours.pid, host),
               Target("ours, gzip", url, ours.pid, host, {"Accept-Encoding": "gzip"})]
    if options.before:
        before = stack.enter_context(program.Exporter(binary=options.before))
        targets.append(Target("before", f"{before.url}/metrics", before.pid, host))
    for name, path in (("Debian's", PEER), ("inovex's", options.inovex)):
        if path:
            targets.append(Target(name, *stack.enter_context(peer(path)), host))
    for target in targets:
        for _ in range(2):  # the first scrape reads every domain's XML
            fetch(target.url)
    raw, bare = [], []
    # The longer the last scrape is ago, the more is read in rotation: here it is some seconds for all.
    for _ in range(options.rounds):
        raw.append(bulk_call())
        bare.append(bare_calls())
        if options.running:
            host.watch_idle()
        for target in targets:
            target.scrape()
    return targets, raw, bare


def main(options):
    lab.make_bridge("benchbr0", "192.0.2.1/24")
    with contextlib.ExitStack() as stack:
        stack.enter_context(control_groups.mounted())  # as each real host has them
        names = guests.many(options.guests, prefix="bench", bridge="benchbr0", vcpus=2, disks=options.disks,
                            driver="kvm" if options.kvm else "qemu", paused=not options.running)
        try:
            title = f"{options.guests} {'running' if options.running else 'paused'} guests" + " of KVM" * options.kvm
            report(title, *measure(options, Host(names), stack))
        finally:
            for name in names:
                lab.virsh("destroy", name, check=False)


def parse():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("guests", nargs="?", type=int, default=100)
    parser.add_argument("rounds", nargs="?", type=int, default=10)
    parser.add_argument("--disks", type=int, choices=(1, 2), default=2)
    parser.add_argument("--kvm", action="store_true")
    parser.add_argument("--running", action="store_true")
    parser.add_argument("--before", type=pathlib.Path)
    parser.add_argument("--inovex")
    return parser.parse_args()


if __name__ == "__main__":
    main(parse())
