#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What it costs to watch a cloud: the first scrape, later ones at the usual interval, requests, CPU and memory, with
the real services of tests/openstack, in a small lab and in one of 11,000 ports and 5,000 servers. Needs no root.

  tests/openstack/build_venv build/openstack && tests/bench/central.py [ROUNDS [PEER]]

PEER is a binary of openstack-exporter, to be measured on the same labs.
"""

import contextlib
import os
import pathlib
import re
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
sys.path[:0] = [str(REPOSITORY / "tests/lab"), str(REPOSITORY / "tests/openstack")]

import control_plane  # noqa: E402
import lab  # noqa: E402
from exporter import free_port  # noqa: E402
from api_faults import Proxy  # noqa: E402
from watch import Watch  # noqa: E402

INTERVAL = 15  # seconds between the beginnings of two scrapes


class Scrape:
    """One scrape: seconds, the exporter's and the services' CPU seconds, requests to the services, samples."""

    def __init__(self, plane, proxies, url, pid):
        def used():
            services = sum(lab.cpu_seconds(plane.pid(service)) for service in control_plane.SERVICES)
            requests = sum(len(proxy.passed) for proxy in proxies)
            return time.monotonic(), lab.cpu_seconds(pid), services, requests

        before = used()
        with urllib.request.urlopen(url, timeout=300) as response:
            self.body = response.read()
        self.wall, self.cpu, self.services_cpu, self.requests = (b - a for a, b in zip(before, used()))
        self.samples = sum(1 for line in self.body.splitlines() if not line.startswith(b"#"))


def memory_mib(pid):
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return [int(re.search(rf"{key}:\s*(\d+)", status)[1]) / 1024 for key in ("VmRSS", "VmHWM")]


def row(title, *values):
    print(f"| {title} | {' | '.join(values)} |", flush=True)


def spread(values, form="{:.2f}"):
    return f"{form.format(statistics.median(values))}, {form.format(max(values))}"


def measure(plane, proxies, url, pid, rounds):
    cold = Scrape(plane, proxies, url, pid)
    row("first scrape: s", f"{cold.wall:.2f}")
    row("… requests", f"{cold.requests}")
    begun = time.monotonic() - cold.wall
    while b"virt_openstack_list_failed{" in (last := Scrape(plane, proxies, url, pid)).body:
        time.sleep(0.5)
    row("all lists were read after: s", f"{time.monotonic() - begun:.1f}")
    warm = []
    for _ in range(rounds):
        time.sleep(INTERVAL - min(last.wall, INTERVAL))
        warm.append(last := Scrape(plane, proxies, url, pid))
    row(f"a scrape each {INTERVAL} s, median and worst: s", spread([scrape.wall for scrape in warm]))
    row("… own CPU: ms", spread([scrape.cpu * 1e3 for scrape in warm], "{:.1f}"))
    row("… CPU of the services: s", spread([scrape.services_cpu for scrape in warm]))
    row("… requests", spread([scrape.requests for scrape in warm], "{:.0f}"))
    row("… samples", f"{warm[-1].samples:,}")
    row("resident memory, its peak: MiB", "{:.1f}, {:.1f}".format(*memory_mib(pid)))


@contextlib.contextmanager
def peer(binary, clouds):
    port = free_port()
    flags = [
        f"--web.listen-address=127.0.0.1:{port}",
        f"--os-client-config={clouds}",
        "--endpoint-type=admin",
        "proxied",
    ]
    with open(os.devnull, "w") as quiet, subprocess.Popen([binary, *flags], stdout=quiet, stderr=quiet) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            lab.wait_until("the peer answers", lambda: answers(url))
            yield f"{url}/metrics", process.pid
        finally:
            process.kill()


def answers(url):
    try:
        return urllib.request.urlopen(url, timeout=5)
    except OSError:
        return False


def measure_lab(size, rounds, peer_binary):
    with contextlib.ExitStack() as stack:
        plane = stack.enter_context(control_plane.running(size))
        proxies = {name: stack.enter_context(Proxy(address)) for name, address in plane.addresses.items()}
        plane.publish({name: proxy.address for name, proxy in proxies.items()}, "admin")
        cloud = {**plane.cloud(keystone=proxies["keystone"].address), "interface": "admin"}
        directory = pathlib.Path(stack.enter_context(tempfile.TemporaryDirectory()))
        clouds = control_plane.write_clouds(directory / "clouds.yaml", {"proxied": cloud})
        with Watch(clouds, "proxied") as exporter:
            print(f"\n{size} lab\n\n| | |\n|---|---|")
            measure(plane, proxies.values(), f"{exporter.url}/metrics", exporter.pid, rounds)
        if peer_binary:
            with peer(peer_binary, clouds) as (url, pid):
                print(f"\n{size} lab, peer\n\n| | |\n|---|---|")
                measure(plane, proxies.values(), url, pid, rounds)


def main(rounds=8, peer_binary=None):
    for size in ("small", "big"):
        measure_lab(size, int(rounds), peer_binary)


if __name__ == "__main__":
    main(*sys.argv[1:])
