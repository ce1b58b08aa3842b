# SPDX-License-Identifier: Apache-2.0
"""The job of a domain, while it is under way."""

import re

import pytest

import guests
import lab
from exporter import Exporter

JOB = "libvirt_domain_job_info_"
UNITS = {"B": 1, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}


@pytest.fixture(scope="module")
def saving(host):
    with guests.stuck_job("being-saved") as name:
        yield name


def virsh_bytes(text, name):
    number, unit = re.search(rf"^{name}:\s+([\d.]+) (\w+)", text, re.MULTILINE).groups()
    return float(number) * UNITS[unit]


def test_job_that_is_under_way_is_told_as_virsh_tells_it(saving):
    with Exporter("--xml_refresh=1") as exporter:
        lab.wait_until("the job is seen", lambda: exporter.scrape("compute.job").matching(JOB + "type", domain=saving))
        scrape, virsh = exporter.scrape("compute.job"), lab.virsh("domjobinfo", saving)
    assert scrape.value(JOB + "operation", domain=saving) == 2, virsh
    assert scrape.value(JOB + "type", domain=saving) == (1 if re.search(r"Job type:\s+Bounded", virsh) else 2)
    for family, name in (("data_total_bytes", "Data total"), ("memory_remaining_bytes", "Memory remaining")):
        assert scrape.value(JOB + family, domain=saving) == pytest.approx(virsh_bytes(virsh, name), rel=0.01), virsh


def test_time_of_a_job_is_in_seconds(saving):
    """The peer that has this family gives milliseconds under the same name."""
    with Exporter() as exporter:
        scrape = exporter.scrape("compute.job")
        milliseconds = int(re.search(r"Time elapsed:\s+(\d+)", lab.virsh("domjobinfo", saving))[1])
    assert 0 < scrape.value(JOB + "time_elapsed_seconds", domain=saving) <= milliseconds / 1000


def test_domain_without_a_job_says_nothing_of_one(saving):
    with Exporter() as exporter:
        series = [labels for family, labels in exporter.scrape("compute.job").samples if family.startswith(JOB)]
    found = {dict(labels)["domain"] for labels in series}
    assert found == {saving}
