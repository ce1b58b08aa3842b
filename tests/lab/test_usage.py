# SPDX-License-Identifier: Apache-2.0
"""What a project used, in the sense of Nova's simple-tenant-usage, by the PromQL of the README in a real Prometheus."""

import re

import pytest

import lab
from exporter import REPOSITORY, Exporter
from prometheus import Prometheus

SECONDS = 10


def queries():
    """The README's queries, by what they compute; over ten seconds in place of a day, a sample each second."""
    section = (REPOSITORY / "README.md").read_text().partition("## Usage by project")[2].partition("\n## ")[0]
    found = dict(re.findall(r"# ([\w-]+) by project\n(.+?)\n(?=#|```)", section, re.DOTALL))
    short = f"[{SECONDS}s:1s]"
    return {name: query.replace("[24h:1m]", short).replace("/ 60", "/ 3600") for name, query in found.items()}


@pytest.fixture(scope="module")
def prometheus(host):
    """Sees each instance twice, as while it moves from one host to another."""
    with Exporter() as one, Exporter() as other, Prometheus(one.port, other.port) as running:
        enough = f"count_over_time(libvirt_up[{SECONDS + 5}s:1s]) > {SECONDS + 2}"
        lab.wait_until("enough seconds", lambda: len(running.query(enough)) == 2, timeout=60)
        yield running


# Of one instance with Nova's metadata, see metadata.py; whether it runs does not matter, as with Nova.
FLAVOR = {"vCPU-hours": 2, "MB-hours": 2048, "GB-hours": 20 + 5}


@pytest.mark.parametrize("what", FLAVOR)
def test_usage_of_a_project_is_its_instances_flavors_times_the_hours(prometheus, what):
    info = prometheus.query('libvirt_domain_openstack_info{project_id="project-id"}')
    instances = len({labels["domain"] for labels, _ in info})
    assert instances >= 4 and len(info) == 2 * instances
    found = {labels["project_id"]: value for labels, value in prometheus.query(queries()[what])}
    samples = found["project-id"] * 3600 / (FLAVOR[what] * instances)
    assert SECONDS - 1 <= samples <= SECONDS + 1
