# SPDX-License-Identifier: Apache-2.0
"""Dashboards and rules stay cheap where there are many hosts. Budgets are in samples that Prometheus reads for each domain, which do
not depend on the machine; scale.py prints what that is in CPU seconds, for any number of hosts."""

import pytest

import grafana
import scale

HOSTS, DOMAINS = 20, 40
ALL = HOSTS * DOMAINS
# Samples for each domain, of one query: an instant query of some families, and a rate over ten minutes of all vCPUs.
PANEL, RULE = 16, 80
# The first screen of a dashboard that shows all hosts, in all.
SCREEN = 40
ROWS = 200
# They ask for what a healthy fleet does not have: a state, an event, an answer.
RARE = {
    *("Alerts", "Firing alerts", "Failed requests", "Log messages", "OpenStackTokenNotCloudWide"),
    *("LibvirtDomainCrashed", "LibvirtDomainPausedUnexpectedly", "LibvirtIoErrors", "LibvirtMemoryFailures"),
}
# 5 seconds for 40,000 domains, and what as many queries cost of nothing.
CPU_SECONDS = 5 * ALL / 40_000 + 1


@pytest.fixture(scope="module")
def filled():
    with scale.Filled(HOSTS, DOMAINS) as filled:
        yield filled


@pytest.fixture(scope="module")
def costs(filled):
    return scale.measured(filled)


def of_all_hosts(costs):
    return {where: cost for where, cost in costs.items() if where[0] in ("fleet", "projects")}


def test_every_query_is_measured(costs):
    asked = {where for where, *_ in scale.asked()}
    rules = {rule.get("record") or rule["alert"] for rule in scale.RULES}
    assert asked == costs.keys() and {where[1] for where in asked if where[0] == "rule"} == rules
    assert {where[1] for where, cost in costs.items() if cost[1] == 0} <= RARE, "a family that is not filled"


def test_panels_of_all_hosts_read_few_samples_and_show_few_rows(costs):
    dear = {where: cost for where, cost in of_all_hosts(costs).items() if cost[1] > PANEL * ALL or cost[2] > ROWS}
    assert dear == {}


def test_first_screen_of_the_fleet_fits_its_budget(costs):
    screen = [cost for where, cost in costs.items() if where[0] == "fleet" and cost[3]]
    assert sum(samples for _, samples, *_ in screen) <= SCREEN * ALL
    assert sum(cpu for cpu, *_ in screen) <= CPU_SECONDS


def test_dashboards_of_one_host_read_one_host(costs):
    for where, (_, samples, *_) in costs.items():
        if where[0] in scale.ONE_HOST:
            assert samples <= 30 * scale.SCRAPES * DOMAINS, where


def test_rules_read_few_samples(costs):
    dear = {where: cost for where, cost in costs.items() if where[0] == "rule" and cost[1] > RULE * ALL}
    assert dear == {}


def test_top_of_all_guests_at_each_step_would_be_too_dear(filled):
    """The check itself: what the panel cost when it was a graph."""
    steal = grafana.find_target("fleet", "Steal: top 10", "A")["expr"]
    once, at_each_step = (filled.cost(steal, scale.CHOSEN, step)[1] for step in (None, scale.STEP))
    assert once <= PANEL * ALL and at_each_step > 10 * once


@pytest.mark.parametrize("text", ["uuid-3-4", "name-3-4", "instance-3-4", r"10\\.0\\.3\\.4", "port-3-4", "52:54:00:0003:04"])
def test_guest_is_found_by_what_a_ticket_names(filled, text):
    target = grafana.find_target("fleet", "Find a guest", "A")
    query = grafana.filled(target["expr"], {**scale.CHOSEN, "find": text})
    assert [labels["domain"] for labels, _ in filled.prometheus.query(query)] == ["instance-3-4"]


def test_empty_text_finds_nobody(filled):
    target = grafana.find_target("fleet", "Find a guest", "A")
    assert filled.prometheus.query(grafana.filled(target["expr"], {**scale.CHOSEN, "find": ""})) == []
