# SPDX-License-Identifier: Apache-2.0
"""An exporter that watches a cloud, and what its scrapes say about lists and services."""

import pathlib
import re
import time

import exposition
import lab
from exporter import Exporter

ALL_UP = dict.fromkeys(("identity", "neutron", "nova", "cinder", "glance", "placement"), 1)


class Watch(Exporter):
    def __init__(self, clouds, cloud, *flags):
        super().__init__("--pollsters=central.*", f"--os_client_config_file={clouds}", f"--os_cloud={cloud}", *flags)

    def scrape_within(self, seconds):
        """A scrape by a Prometheus with that timeout, which it must keep."""
        begun = time.monotonic()
        body = self.scrape_bytes(headers={"X-Prometheus-Scrape-Timeout-Seconds": str(seconds)})
        assert time.monotonic() - begun < seconds
        return exposition.parse(body)

    def settled(self, timeout=120):
        """A scrape with all lists, also the big ones, which the first scrapes do not wait for."""
        return lab.wait_until("every list was read", self.scrape_if_settled, timeout)

    def scrape_if_settled(self):
        scrape = self.scrape()
        return scrape if "pending" not in failures(scrape).values() else None

    def good(self, timeout=120):
        """A scrape that lacks no list, as soon as there is one."""
        return lab.wait_until("no list has failed", self.scrape_if_good, timeout)

    def scrape_if_good(self):
        scrape = self.scrape()
        return scrape if failures(scrape) == {} else None

    def peak_bytes(self):
        """The most that was resident at any time."""
        return 1024 * int(re.search(r"VmHWM:\s*(\d+)", pathlib.Path(f"/proc/{self.pid}/status").read_text())[1])

    def log_lines(self, word):
        return [line for line in self.log().splitlines() if word in line]


def of_the_cloud(scrape):
    """The series that come from what the APIs' lists have."""
    return {
        series: value for series, value in scrape.samples.items()
        if series[0].startswith("openstack_") and not series[0].endswith("_up") and series[0] != "openstack_scope_info"
    }  # fmt: skip


def without_usage(scrape):
    """Those that do not grow while one looks."""
    return without(of_the_cloud(scrape), ("openstack_nova_project_", "openstack_nova_usage_"))


def without(series, beginnings):
    """The series of other families: a beginning of their names, or several."""
    return {one: value for one, value in series.items() if not one[0].startswith(beginnings)}


def only(series, beginnings):
    return {one: value for one, value in series.items() if one[0].startswith(beginnings)}


def failures(scrape):
    """{"neutron/ports": "timeout"}"""
    return {
        f"{has['service']}/{has['list']}": has["reason"] for has, _ in scrape.matching("virt_openstack_list_failed")
    }


def successes(scrape):
    return {
        f"{has['service']}/{has['list']}" for has, value in scrape.matching("virt_openstack_list_success") if value == 1
    }


def age(scrape, service, name):
    return scrape.value("virt_openstack_list_age_seconds", service=service, list=name)


def up(scrape):
    return {service: scrape.value(f"openstack_{service}_up") for service in ALL_UP}
