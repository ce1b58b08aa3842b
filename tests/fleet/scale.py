#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What dashboards and rules cost a Prometheus with many hosts: fills one with every family that they name, and asks it what
Grafana and the rules ask. Prints CPU seconds and samples of each query, and the sum of each dashboard's first screen.

tests/fleet/scale.py [HOSTS [DOMAINS]]      1,000 hosts with 40 domains take ten minutes and 6 GB of memory"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))

import yaml  # noqa: E402

import grafana  # noqa: E402
from exporter import REPOSITORY  # noqa: E402
from servers import Prometheus  # noqa: E402

STEP, SCRAPES = 60, 15
FAMILY = re.compile(r"\b(?:(?:libvirt|virt|openstack|process|scrape)_\w+|(?:\w+:)+\w+|up)\b(?=\{|\[| |\)|$)")
RULES = [
    rule
    for file in ("recording", "alerts")
    for group in yaml.safe_load((REPOSITORY / f"deploy/rules/{file}.yml").read_text())["groups"]
    for rule in group["rules"]
]
CHOSEN = {"job": "virt-exporter", "instance": ".*", "project": ".*", "find": "uuid-7-3", "domain": "instance-7-3"}
WINDOWS = {"__rate_interval": "4m", "__range": f"{SCRAPES}m"}
ONE_HOST = {"hypervisor", "domain"}  # dashboards that show one
FIRST_SCREEN = 20  # rows of Grafana's grid that a big monitor shows


# ---- What is stored ------------------------------------------------------------------------------------------------


def families():
    """Every family and recorded series that a dashboard or a rule names."""
    texts = [target["expr"] for dashboard in grafana.DASHBOARDS.values() for panel in dashboard["panels"]
             for target in panel.get("targets", ())]  # fmt: skip
    texts += [rule["expr"] for rule in RULES]
    return sorted({name for text in texts for name in FAMILY.findall(text)})


def of_domain(family, host, number):
    """The labels that a family's series of a domain have, beside host and domain."""
    if "vcpu_" in family and "flavor" not in family and ":" not in family:
        return [f'vcpu="{vcpu}"' for vcpu in range(4)]
    if "_block_" in family or "device:block" in family:
        return ['target_device="vda"', 'target_device="vdb"']
    if "_interface_" in family or "device:net" in family:
        return [f'target_device="vnet{number}",mac_address="52:54:00:{host:04x}:{number:02x}"']
    if family == "libvirt_domain_state":
        return ['state="paused",reason="ioerror"' if number == 0 and host % 50 == 0 else 'state="running",reason="booted"']
    if family == "libvirt_domain_info":
        return [f'uuid="uuid-{host}-{number}"']
    if "openstack_info" in family:
        project = f'project_id="p{number}",project_name="project-{number}"'
        return [f'instance_id="uuid-{host}-{number}",instance_name="name-{host}-{number}",{project}']
    if "port_info" in family:
        return [f'port_id="port-{host}-{number}",address="10.{host // 250}.{host % 250}.{number}"']
    return [""]


def of_host(family):
    if "storage_pool" in family:
        return ['storage_pool="images",type="dir"']
    if "pollster" in family:
        return [f'pollster="compute.{name}"' for name in ("cpu", "disk", "domain", "memory", "network")]
    if family == "instance:domains:count":
        return ['state="running"', 'state="shutoff"']
    if "part_" in family:
        return ['part="domains"', 'part="pools"']
    if family == "openstack_neutron_network":
        return ['id="n1",is_external="true"']
    if "ip_availabilities" in family:
        return ['network_id="n1",ip_version="4"']
    if family.endswith("_ips_by_status"):
        return ['status="ERROR"']
    return [""]


def series(family, hosts, domains):
    """Labels of all series of a family."""
    if family.startswith("project:"):
        yield from (f'project_id="p{number}",project_name="project-{number}"' for number in range(domains))
        return
    is_of_domain = family.startswith(("libvirt_domain_", "domain:", "domain_device:"))
    for host in range(hosts):
        base = f'job="virt-exporter",instance="host-{host}"'
        if is_of_domain:
            for number in range(domains):
                for more in of_domain(family, host, number):
                    yield f'{base},domain="instance-{host}-{number}"' + (more and f",{more}")
        else:
            yield from (base + (more and f",{more}") for more in of_host(family))


def write(path, hosts, domains, end):
    """All samples as OpenMetrics, and how many series they are."""
    count = 0
    times = [end - (SCRAPES - 1 - scrape) * STEP for scrape in range(SCRAPES)]
    with path.open("w") as out:
        for family in families():
            grows = family.endswith(("_total", "_count", "_sum", "_bucket"))
            for number, labels in enumerate(series(family, hosts, domains)):
                count += 1
                slope = number * 7 % 60
                out.writelines(
                    f"{family}{{{labels}}} {slope * scrape + 1 if grows else 1 / (1 + slope)} {moment}\n"
                    for scrape, moment in enumerate(times)
                )
        out.write("# EOF\n")
    return count


# ---- What is asked -------------------------------------------------------------------------------------------------


class Filled:
    """A Prometheus with these samples; use it in a `with` statement."""

    def __init__(self, hosts, domains):
        self._folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(self._folder.name)
        self.end = int(time.time()) // STEP * STEP
        self.series = write(folder / "samples", hosts, domains, self.end)
        command = ["promtool", "tsdb", "create-blocks-from", "openmetrics", "--quiet", folder / "samples", folder / "data"]
        subprocess.run(command, check=True, capture_output=True)
        (folder / "samples").unlink()
        storage = f"--storage.tsdb.path={folder / 'data'}"
        self.prometheus = Prometheus({"scrape_configs": []}, "--query.timeout=2m", storage=storage)

    def __enter__(self):
        self.prometheus.__enter__()
        return self

    def __exit__(self, *_):
        self.prometheus.__exit__()
        self._folder.cleanup()

    def cost(self, expression, choice, step=None):
        """(CPU seconds, samples, rows) of a query: at the end, or at each step of the time stored."""
        query = grafana.filled(expression, {**WINDOWS, **choice})
        before = self._cpu()
        if step:
            start = self.end - (SCRAPES - 1) * STEP
            answer = self._get("query_range", query=query, start=start, end=self.end, step=step)
        else:
            answer = self._get("query", query=query, time=self.end)
        return self._cpu() - before, answer["stats"]["samples"]["totalQueryableSamples"], len(answer["result"])

    def _get(self, path, **arguments):
        return self.prometheus.get(f"v1/{path}", stats="all", **arguments)["data"]

    def _cpu(self):
        fields = pathlib.Path(f"/proc/{self.prometheus.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def asked():
    """(where, expression, choice, step, whether it is on the first screen) of everything that is asked."""
    for name, dashboard in grafana.DASHBOARDS.items():
        choice = {**CHOSEN, "instance": "host-7"} if name in ONE_HOST else CHOSEN
        for panel in dashboard["panels"]:
            for target in panel.get("targets", ()):
                where = (name, panel["title"], target["refId"])
                yield where, target["expr"], choice, None if target["instant"] else STEP, panel["gridPos"]["y"] < FIRST_SCREEN
        for variable in dashboard["templating"]["list"]:
            if variable["type"] == "query" and variable["query"]["query"].startswith("query_result("):
                yield (name, "variable", variable["name"]), variable["query"]["query"][13:-1], choice, None, True
    for rule in RULES:
        yield ("rule", rule.get("record") or rule["alert"], ""), rule["expr"], CHOSEN, None, False


def measured(filled):
    """{where: (CPU seconds, samples, rows, whether it is on the first screen)}"""
    return {where: (*filled.cost(text, choice, step), first) for where, text, choice, step, first in asked()}


def main(hosts=50, domains=40):
    with Filled(int(hosts), int(domains)) as filled:
        print(f"{hosts} hosts with {domains} domains: {filled.series} series, {SCRAPES} samples each")
        costs = measured(filled)
    for where, (cpu, samples, rows, _) in sorted(costs.items(), key=lambda item: -item[1][0]):
        print(f"{cpu:7.2f} s {samples:9} samples {rows:6} rows  {' / '.join(where)}")
    for name in grafana.DASHBOARDS:
        total = sum(cost[0] for where, cost in costs.items() if where[0] == name and cost[3])
        print(f"{total:7.2f} s  first screen of {name}")


if __name__ == "__main__":
    main(*sys.argv[1:])
