# SPDX-License-Identifier: Apache-2.0
"""Every query of every dashboard finds data on a real host; those of faults find it on a broken one."""

import re
import time

import pytest

import grafana
import guests
import host
import lab

# Empty on a healthy host, each with what fills it.
ON_A_BROKEN_HOST = {
    ("fleet", "Problem domains", "A"): "a guest without space",
    ("fleet", "Problem domains", "B"): "a frozen guest",
    ("fleet", "Problem domains", "C"): "a frozen guest of a project",
    ("fleet", "Firing alerts", "A"): "a frozen guest",
    **{("hypervisor", "Jobs", ref): "a job" for ref in "ABC"},
    **{("domain", "Job: data", ref): "a job" for ref in "ABC"},
    ("domain", "Job: time", "A"): "a job",
    ("hypervisor", "Events", "A"): "a guest that starts",
}
HEALTHY = [target for target in grafana.targets() if target not in ON_A_BROKEN_HOST]


@pytest.fixture(scope="module")
def settled(fleet):
    """The fleet after a minute of scrapes, with an event in it."""
    lab.wait_until("a minute of scrapes", lambda: time.time() - fleet.start > 60, timeout=90)
    return fleet


def chosen(fleet, **more):
    """What somebody has chosen on top of the dashboards."""
    instance = re.escape(fleet.instance).replace("\\", "\\\\")
    jobs = grafana.everything(fleet.prometheus, grafana.find_variable("fleet", "job"), {})
    return {"job": jobs, "instance": instance, "project": ".*", "domain": "web", "find": "web", **more}


def test_list_of_exceptions_names_targets_that_are_there():
    assert ON_A_BROKEN_HOST.keys() <= set(grafana.targets())


def test_panel_that_is_empty_on_a_healthy_host_says_so():
    for name, dashboard in grafana.DASHBOARDS.items():
        for panel in dashboard["panels"]:
            targets = {(name, panel["title"], target["refId"]) for target in panel.get("targets", ())}
            if targets and targets <= ON_A_BROKEN_HOST.keys():
                assert panel["fieldConfig"]["defaults"]["noValue"].startswith("No "), panel["title"]


@pytest.mark.parametrize("dashboard, variable", grafana.variables())
def test_variable_has_values(settled, dashboard, variable):
    found = grafana.values_of(settled.prometheus, grafana.find_variable(dashboard, variable), chosen(settled))
    assert found and all(found)


def test_variables_have_the_values_of_this_host(settled):
    def offered(name, **more):
        return set(
            grafana.values_of(settled.prometheus, grafana.find_variable("domain", name), chosen(settled, **more))
        )

    assert offered("job") == {"virt-exporter"} and offered("instance") == {settled.instance}
    assert offered("project") == {"physics", "shop"}
    assert offered("domain") >= {"web", "idle", "stopped"}
    assert offered("domain", project="shop") >= {"stopped"} and "web" not in offered("domain", project="shop")


def test_other_jobs_are_not_shown(settled):
    choice = chosen(settled, instance=".*")
    assert settled.prometheus.query('up{job="alertmanager"} == 1'), "there is another"
    hosts = grafana.find_variable("fleet", "instance")
    assert grafana.values_of(settled.prometheus, hosts, choice) == [settled.instance]
    for dashboard, panel in (("fleet", "Hosts"), ("projects", "Memory of the exporter")):
        query = grafana.filled(grafana.find_target(dashboard, panel, "A")["expr"], choice)
        assert [labels["instance"] for labels, _ in settled.prometheus.query(query)] == [settled.instance]


@pytest.mark.parametrize("dashboard, panel, reference", HEALTHY)
def test_target_finds_data(settled, dashboard, panel, reference):
    target = grafana.find_target(dashboard, panel, reference)
    wait_for_data(settled, target, chosen(settled))


def wait_for_data(fleet, target, choice, timeout=20):
    lab.wait_until(target["expr"], lambda: grafana.samples(fleet.prometheus, target, choice), timeout=timeout)


def test_sick_guests_are_on_the_fleet_s_table(settled):
    with host.guest_without_space("no-space"):
        wait_for_data(settled, grafana.find_target("fleet", "Problem domains", "A"), chosen(settled), timeout=60)
    with lab.frozen("idle"):
        for panel, reference in (("Problem domains", "B"), ("Problem domains", "C"), ("Firing alerts", "A")):
            wait_for_data(settled, grafana.find_target("fleet", panel, reference), chosen(settled), timeout=60)
        state, whose = (table_of(settled, reference) for reference in "BC")
        assert [(row["domain"], row["state"], row["reason"]) for row in state] == [("idle", "running", "booted")]
        assert [(row["domain"], row["project_name"]) for row in whose] == [("idle", "physics")]


def table_of(settled, reference):
    """The labels of what the table of sick domains has from a target."""
    target = grafana.find_target("fleet", "Problem domains", reference)
    return [labels for labels, _ in settled.prometheus.query(grafana.filled(target["expr"], chosen(settled)))]


def test_job_is_on_its_panels(settled):
    with guests.stuck_job("being-saved") as name:
        for target in [target for target, reason in ON_A_BROKEN_HOST.items() if reason == "a job"]:
            wait_for_data(settled, grafana.find_target(*target), chosen(settled, domain=name), timeout=60)


def test_start_of_a_guest_is_among_the_events(settled):
    """More than once, since the first of its kind is a new series, which has no increase yet."""

    def seen():
        guests.create(guests.domain_xml("mayfly"), "--paused")
        lab.virsh("destroy", "mayfly")
        target = grafana.find_target("hypervisor", "Events", "A")
        return any(value > 0 for value in grafana.samples(settled.prometheus, target, chosen(settled)))

    lab.wait_until("an event", seen, timeout=60)


def test_choice_of_a_project_hides_the_guests_of_others(settled):
    steal = grafana.find_target("fleet", "Steal: top 10", "A")

    def domains(project):
        query = grafana.filled(steal["expr"], chosen(settled, project=project))
        return {labels["domain"] for labels, _ in settled.prometheus.query(query)}

    assert {"web", "idle"} <= domains("physics")
    assert not {"web", "idle"} & domains("shop")
