#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""How long scrapes of 100 real guests take when guests or libvirtd are idle, frozen, slow or busy: the table of
tests/bench/README.md, each row with the median and the worst of some rounds. What must always hold is checked on the
way, and ends this with an error.

Run it as root from the top of the repository, with build/release built:

  tests/lab/enter tests/bench/table.py [ROUNDS]
"""

import pathlib
import statistics
import sys
import tempfile

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "tests/lab"), str(REPOSITORY / "tests/crowd")]

import compare  # noqa: E402
import guests  # noqa: E402
import lab  # noqa: E402
import scenes  # noqa: E402
from exporter import Exporter  # noqa: E402

GUESTS = 100


def show(title, measured):
    for kind, values in measured.items():
        print(f"| {title}: {kind} | {statistics.median(values):.2f} | {max(values):.2f} |", flush=True)
        title = "…"


def ratio(title, measured, over, under):
    print(f"| {title} | {statistics.median(measured[over]) / statistics.median(measured[under]):.2f} | |", flush=True)


def memory(title, scrapes, *flags):
    """Resident and anonymous MiB after many scrapes."""
    with Exporter(*flags) as exporter:
        for _ in range(scrapes):
            exporter.scrape_bytes()
        status = dict(line.split(":", 1) for line in pathlib.Path(f"/proc/{exporter.pid}/status").read_text().splitlines())
    mib = {name: int(status[name].split()[0]) / 1024 for name in ("VmRSS", "RssAnon")}
    print(f"| {title}: resident, anonymous MiB | {mib['VmRSS']:.1f} | {mib['RssAnon']:.1f} |", flush=True)


def main(rounds=5):
    lab.make_bridge("tablebr0", "192.0.2.1/24")
    names = guests.many(GUESTS, prefix="table", bridge="tablebr0")
    print(f"\n{GUESTS} guests, {rounds} rounds\n\n| seconds | median | worst |\n|---|---|---|", flush=True)
    with Exporter() as exporter:
        scenes.settle(exporter, names)
        idle = scenes.idle(exporter, names, rounds, compare.bulk_call)
        show("idle guests", idle)
        ratio("idle guests: scrape ÷ raw bulk call", idle, "scrape", "raw bulk call")
        together = scenes.two_at_once(exporter, rounds)
        show("libvirtd's CPU, scrapes at once", together)
        ratio("two scrapes at once ÷ one, libvirtd's CPU", together, "two", "one")
        for count in (1, 5, 8):
            show(f"{count} frozen", scenes.frozen(exporter, names, count, rounds))
        show("25 frozen", scenes.more_frozen_than_calls(exporter, names, rounds))
        slow = scenes.slow_guests(exporter, names, rounds, compare.bulk_call)
        show("slow guests", slow)
        ratio("slow guests: raw bulk call ÷ scrape", slow, "raw bulk call", "scrape")
        show("three busy clients", scenes.busy_clients(exporter, names))
        show("libvirtd frozen", scenes.frozen_libvirtd(exporter, names, rounds))
    show("exporters killed", scenes.killed_with_calls_out(names, rounds))
    memory("after 1,000 scrapes", 1000)
    host = pathlib.Path(tempfile.mkdtemp()) / "host.xml"
    host.write_text(guests.test_host(2000))
    # Through libvirtd, where libvirt's test driver keeps its domains; in our own process it would be measured as well.
    memory("2,000 synthetic domains", 20, f"--libvirt_uri=test+unix://{host}", "--scrape_timeout=60")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
