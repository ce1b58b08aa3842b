# SPDX-License-Identifier: Apache-2.0
"""A month of usage, of which the sum is known: Prometheus keeps it, the rules are evaluated over it once a minute, and the queries of
deploy/rules/README.md say what each project used. One instance migrates, another cluster has a host and a domain of the same names,
two servers scrape everything, and so does another job."""

import contextlib
import re
import subprocess
import time

import pytest
import yaml

from servers import RULES, Prometheus

DAY, HOUR = 86400, 3600
STEP = 180  # between scrapes
MONTH = 30 * DAY
GIB = 1 << 30
QUERIES = dict(re.findall(r"^\| ([\w -]+) \| `(sum_over_time.+)` \|$", (RULES / "README.md").read_text(), flags=re.M))
NEEDED = "domain:openstack_info:max"  # by the other rules, so it is evaluated first


class Instance:
    """An instance on one host from a day of the month to another, which uses half a CPU."""

    def __init__(self, project, uuid, cluster, host, days, vcpus, gib=4, disk=20):
        self.labels = f'cluster="{cluster}",instance="{host}",domain="instance-1"'
        self.about = f'instance_id="{uuid}",instance_name="web",project_id="{project}",project_name="{project}"'
        self.first, self.last = (int(day * DAY) // STEP * STEP for day in days)
        self.given = {"vcpus": vcpus, "memory_bytes": gib * GIB, "root_disk_bytes": disk * GIB, "ephemeral_disk_bytes": 0}

    def series(self):
        """(series, value at the first second, growth a second)"""
        for target in ('job="virt-exporter",replica="a"', 'job="virt-exporter",replica="b"', 'job="old",replica="a"'):
            where = f"{target},{self.labels}"
            yield f"libvirt_domain_openstack_info{{{where},{self.about}}}", 1, 0
            yield f"libvirt_domain_info_cpu_time_seconds_total{{{where}}}", 7, 0.5
            yield from ((f"libvirt_domain_openstack_flavor_{name}{{{where}}}", value, 0) for name, value in self.given.items())


INSTANCES = [
    Instance("shop", "a", "east", "h1", (0, 10), vcpus=2),
    Instance("shop", "a", "east", "h2", (10, 20), vcpus=2),  # it migrated, and was deleted on the 20th
    Instance("physics", "b", "east", "h3", (2.5, 30), vcpus=8),
    Instance("shop", "c", "west", "h1", (5, 30), vcpus=4),
]
KNOWN = {
    "vCPU-hours": {("east", "shop"): 2 * 20 * 24, ("east", "physics"): 8 * 27.5 * 24, ("west", "shop"): 4 * 25 * 24},
    "GiB-hours of memory": {("east", "shop"): 4 * 20 * 24, ("east", "physics"): 4 * 27.5 * 24, ("west", "shop"): 4 * 25 * 24},
    "GiB-hours of disk": {("east", "shop"): 20 * 20 * 24, ("east", "physics"): 20 * 27.5 * 24, ("west", "shop"): 20 * 25 * 24},
    "CPU-hours used": {("east", "shop"): 0.5 * 20 * 24, ("east", "physics"): 0.5 * 27.5 * 24, ("west", "shop"): 0.5 * 25 * 24},
}


def promtool(*command):
    """Makes few blocks, as it reads everything again for each; a query gives at most 11,000 minutes."""
    flags = ["--max-block-duration=168h"]
    command = ["promtool", "tsdb", "create-blocks-from", *flags, *command]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr


def write(path, start):
    with path.open("w") as out:
        for instance in INSTANCES:
            for series, value, growth in instance.series():
                moments = range(instance.first, instance.last, STEP)
                out.writelines(f"{series} {value + growth * (moment - instance.first)} {start + moment}\n" for moment in moments)
        out.write("# EOF\n")


def rules_of_usage(path, first):
    """The rules of usage, that which the others need or the others."""
    (group,) = [found for found in yaml.safe_load((RULES / "recording.yml").read_text())["groups"] if "project" in found["name"]]
    group["rules"] = [rule for rule in group["rules"] if (rule["record"] == NEEDED) == first]
    path.write_text(yaml.safe_dump({"groups": [group]}))
    return path


@contextlib.contextmanager
def prometheus(data):
    with Prometheus({"scrape_configs": []}, "--storage.tsdb.retention.time=60d", storage=f"--storage.tsdb.path={data}") as running:
        yield running


@pytest.fixture(scope="module")
def month(tmp_path_factory):
    """A Prometheus after that month, and when it ended."""
    folder = tmp_path_factory.mktemp("month")
    end = (int(time.time()) - 4 * HOUR) // STEP * STEP
    write(folder / "samples", end - MONTH)
    promtool("openmetrics", "--quiet", folder / "samples", folder / "data")
    for first in (True, False):
        rules = rules_of_usage(folder / "rules.yml", first)
        with prometheus(folder / "data") as running:
            promtool("rules", f"--start={end - MONTH}", f"--end={end}", "--eval-interval=60s", f"--url=http://{running.address}",
                     f"--output-dir={folder / 'data'}", rules)  # fmt: skip
    with prometheus(folder / "data") as running:
        yield running, end


@pytest.mark.parametrize("total", KNOWN)
def test_total_of_the_month_is_what_was_given(month, total):
    running, end = month
    answer = running.get("v1/query", query=QUERIES[total], time=end)["data"]["result"]
    found = {(item["metric"]["cluster"], item["metric"]["project_name"]): float(item["value"][1]) for item in answer}
    # An instance that is gone is still seen for five minutes, and a rate begins and ends with its window.
    assert found == {whose: pytest.approx(hours, rel=0.002) for whose, hours in KNOWN[total].items()}


def test_every_total_of_the_readme_is_known():
    assert QUERIES.keys() == KNOWN.keys()
