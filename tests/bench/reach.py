#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What a domain costs on its way: series and bytes of a scrape, and memory and CPU of the Prometheus that takes it. The
figures of deploy/prometheus/README.md.

Run it as root from the top of the repository, with build/release built:

  tests/lab/enter tests/bench/reach.py [GUESTS [TARGETS]]
"""

import gzip
import pathlib
import sys
import time

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "tests/lab"), str(REPOSITORY / "tests/fleet")]

import exporter  # noqa: E402
import guests  # noqa: E402
import lab  # noqa: E402
import metadata  # noqa: E402
import servers  # noqa: E402

BRIDGE = "reachbr0"


def cpu_seconds(pid):
    """CPU time that a process, with all threads that it ever had, has used: its CPU clock, clock_getcpuclockid(3)."""
    return time.clock_gettime((~pid) << 3 | 2)


def make_guests(count):
    """Instances of four vCPUs, two disks and a network card, as Nova describes them."""
    lab.make_bridge(BRIDGE, "192.168.79.1/24")
    for number in range(count):
        name = f"instance-{number:08x}"
        disks = [guests.disk(guests.image(f"{name}-{target}.img"), target) for target in ("vda", "vdb")]
        devices = "".join(disks) + guests.nic(BRIDGE, f"52:54:00:20:00:{number:02x}")
        xml = guests.domain_xml(name, devices, vcpus="<vcpu>4</vcpu>", more=metadata.nova("1.1", name))
        guests.create(xml, "--paused")


def of_a_scrape(running, count):
    """Prints what one domain is in a scrape."""
    body = running.scrape_bytes()
    series = [line for line in body.splitlines() if b'domain="instance-00000000"' in line]
    before = cpu_seconds(running.pid)
    for _ in range(10):
        running.scrape_bytes(headers={"Accept-Encoding": "gzip"})
    print(f"series of a domain      {len(series)}")
    print(f"series of the host      {len(running.scrape().samples) - len(series) * count}")
    print(f"bytes of a domain       {len(body) / count:.0f}, gzip {len(gzip.compress(body, 6)) / count:.0f}")
    print(f"exporter, CPU a scrape  {(cpu_seconds(running.pid) - before) * 100:.1f} ms")


def of_a_prometheus(address, targets):
    """Prints what a series and a sample cost a Prometheus that scrapes the exporter as if it were many."""
    config = servers.scraping(address)
    config["scrape_configs"] = [
        {
            "job_name": f"job-{number}",
            "scrape_interval": "5s",
            "scrape_timeout": "5s",
            "static_configs": [{"targets": [address]}],
        }
        for number in range(targets)
    ]
    with servers.Prometheus(config) as running:
        pid = running.pid
        time.sleep(30)  # the first scrapes make the series, which is another cost
        value = lambda expression: running.query(expression)[0][1]  # noqa: E731
        lab.wait_until("a scrape of itself", lambda: running.query("count(libvirt_up)"))
        series = value('count({__name__=~".+"})')
        start, before = time.monotonic(), cpu_seconds(pid)
        time.sleep(60)
        seconds, cpu = time.monotonic() - start, cpu_seconds(pid) - before
        samples = series / 5 * seconds
        resident = int(pathlib.Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096
    print(f"Prometheus              {series:.0f} series, {samples / seconds:.0f} samples a second")
    print(f"memory of a series      {resident / series:.0f} bytes resident")
    print(f"CPU of a sample         {cpu / samples * 1e6:.1f} us")


def main(count=20, targets=20):
    make_guests(count)
    with exporter.Exporter() as running:
        of_a_scrape(running, count)
        of_a_prometheus(f"127.0.0.1:{running.port}", targets)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
