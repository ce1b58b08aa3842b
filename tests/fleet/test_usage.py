# SPDX-License-Identifier: Apache-2.0
"""What the rules and the dashboard say that a project used, beside what its guests were given and really used."""

import os
import pathlib
import time

import pytest

import grafana
import host
import lab

MIB, GIB = 1 << 20, 1 << 30


@pytest.fixture(scope="module")
def settled(fleet):
    lab.wait_until("a minute of scrapes", lambda: time.time() - fleet.start > 60, timeout=90)
    return fleet


def by_project(fleet, expression):
    return {labels["project_name"]: value for labels, value in fleet.prometheus.query(expression)}


def given(what):
    """What the instances of each project were given, stopped ones too."""
    projects = {}
    for instance in host.INSTANCES.values():
        projects[instance["project"]] = projects.get(instance["project"], 0) + what(instance)
    return projects


@pytest.mark.parametrize(
    "rule, what",
    {
        "project:instances:count": lambda flavor: 1,
        "project:vcpus:sum": lambda flavor: flavor["vcpus"],
        "project:memory_bytes:sum": lambda flavor: flavor["mib"] * MIB,
        "project:disk_bytes:sum": lambda flavor: (flavor["disk"] + flavor["ephemeral"]) * GIB,
    }.items(),
)
def test_rule_says_what_was_given(settled, rule, what):
    assert by_project(settled, rule) == given(what)


@pytest.mark.parametrize(
    "reference, what",
    {
        "A": lambda flavor: flavor["vcpus"],
        "B": lambda flavor: flavor["mib"] / 1024,
        "C": lambda flavor: flavor["disk"] + flavor["ephemeral"],
    }.items(),
)
def test_dashboard_s_hours_are_what_was_given_times_the_time(settled, reference, what):
    """Of the last minute; the dashboard counts one sample a minute, this query 30."""
    target = grafana.find_target("projects", "Usage in the selected time range", reference)
    choice = {"job": "virt-exporter", "instance": ".*", "project": ".*"}
    samples_in_hours = 30 / 60
    found = by_project(settled, grafana.filled(target["expr"], choice))
    assert found == {name: pytest.approx(value * samples_in_hours, rel=0.07) for name, value in given(what).items()}


def cpu_seconds(domain):
    fields = pathlib.Path(f"/proc/{lab.qemu_pid(domain)}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def test_cpu_used_is_that_of_the_processes(settled):
    """Over the same minute: what the kernel says of the guests' processes, and the rule, whose window is ten."""
    expression = (
        "sum by (project_name) (increase(libvirt_domain_info_cpu_time_seconds_total[40s])"
        " * on (instance, domain) group_left (project_name) domain:openstack_info:max)"
    )
    before, start = cpu_seconds("web") + cpu_seconds("idle"), time.time()
    lab.wait_until("forty seconds", lambda: time.time() - start > 40, timeout=60)
    used = cpu_seconds("web") + cpu_seconds("idle") - before
    assert used > 1, "the guests have something to do"
    assert by_project(settled, expression) == {"physics": pytest.approx(used, rel=0.15)}
    rate = by_project(settled, "project:cpu_seconds:rate10m")
    # The guests have not run for these ten minutes yet: in the window is all that they have used.
    so_far = cpu_seconds("web") + cpu_seconds("idle")
    assert rate.keys() == {"physics"} and rate["physics"] == pytest.approx(so_far / 600, rel=0.6)
