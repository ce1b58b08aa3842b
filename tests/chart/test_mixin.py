# SPDX-License-Identifier: Apache-2.0
"""The mixin gives the files of deploy/rules and dashboards, and changes in them what its _config says and nothing else."""

import json
import re

import pytest
import yaml

import chart
from chart import ROOT, RULES

MIXIN = ROOT / "deploy/mixin"
PARTS = ("prometheusRules", "prometheusAlerts", "grafanaDashboards")
EVERYTHING = """{
  selector: 'job=~"virt-.+"',
  clusterLabel: 'k8s_cluster',
  showMultiCluster: true,
  severities+: { critical: 'page' },
  infoAlerts: false,
  alerts+: {
    LibvirtDomainStealHigh: { enabled: true, threshold: 0.2, 'for': '30m', severity: 'warning' },
    LibvirtMemoryOvercommitHigh: { enabled: false },
    VirtTooManySeries: { threshold: 2000000 },
  },
  runbookBase: 'https://wiki.example.org/virt-exporter/',
  dashboardBase: 'https://grafana.example.org/',
  dashboardTitlePrefix: 'Cloud / ',
  dashboardTags: ['cloud'],
}"""


def made(config="{}", check=True):
    """What the mixin gives with this _config, by its parts; or what jsonnet said."""
    parts = ", ".join(f"{part}: mixin.{part}" for part in PARTS)
    program = f"local mixin = (import 'mixin.libsonnet') + {{ _config+:: {config} }}; {{ {parts} }}"
    done = chart.run("jsonnet", "-J", MIXIN, "-e", program, check=check)
    return json.loads(done.stdout) if done.returncode == 0 else done.stderr


@pytest.fixture(scope="module")
def changed():
    return made(EVERYTHING)


def alerts(mixin):
    return {rule["alert"]: rule for group in mixin["prometheusAlerts"]["groups"] for rule in group["rules"]}


def expressions(mixin):
    groups = mixin["prometheusRules"]["groups"] + mixin["prometheusAlerts"]["groups"]
    return [rule["expr"] for group in groups for rule in group["rules"]]


def queries(dashboard):
    """Everything of a dashboard that is asked of Prometheus."""
    yield from (target["expr"] for panel in dashboard["panels"] for target in panel.get("targets", []))
    asked = [variable["query"] for variable in dashboard["templating"]["list"] if variable["type"] == "query"]
    yield from (query["query"] for query in asked)


def test_defaults_are_the_files():
    shipped = made()
    assert shipped["prometheusRules"] == yaml.safe_load((RULES / "recording.yml").read_text())
    assert shipped["prometheusAlerts"] == yaml.safe_load((RULES / "alerts.yml").read_text())
    files = {f"virt-{path.name}": json.loads(path.read_text()) for path in (ROOT / "dashboards").glob("*.json")}
    assert shipped["grafanaDashboards"] == files


def test_rules_json_is_what_the_rules_are(tmp_path):
    chart.run(MIXIN / "generate", tmp_path / "rules.json")
    assert (tmp_path / "rules.json").read_text() == (MIXIN / "rules.json").read_text(), "run deploy/mixin/generate"


def test_sources_are_formatted():
    for path in MIXIN.glob("*.libsonnet"):
        chart.run("jsonnetfmt", "--test", "--string-style", "s", path)


@pytest.mark.parametrize("promtool", ["promtool", chart.TOOLS / "promtool"], ids=["2", "3"])
def test_prometheus_takes_the_changed_rules(changed, tmp_path, promtool):
    for part in PARTS[:2]:
        (tmp_path / part).write_text(yaml.safe_dump(changed[part]))
        chart.run(promtool, "check", "rules", tmp_path / part)


def test_every_rule_has_the_selector_and_the_cluster_label(changed):
    for expression in expressions(changed):
        assert 'job="virt-exporter"' not in expression and 'job=~"virt-.+"' in expression
        assert not re.search(r"\bcluster\b", expression)
    assert "by (k8s_cluster, job)" in alerts(changed)["VirtExportersDownMany"]["expr"]
    assert ".cluster" not in alerts(changed)["VirtExporterAbsent"]["annotations"]["description"]


def test_alerts_are_as_they_are_set(changed):
    found = alerts(changed)
    steal = found["LibvirtDomainStealHigh"]
    assert "> 0.2 # threshold" in steal["expr"] and "(threshold 0.2)" in steal["annotations"]["description"]
    assert steal["for"] == "30m" and steal["labels"] == {"severity": "warning"}
    assert "> 2000000 #" in found["VirtTooManySeries"]["expr"]
    assert "LibvirtMemoryOvercommitHigh" not in found
    assert {rule["labels"]["severity"] for rule in found.values()} == {"warning", "page"}


def test_links_are_absolute(changed):
    for rule in alerts(changed).values():
        texts = rule["annotations"]
        assert texts["runbook_url"].startswith("https://wiki.example.org/virt-exporter/RUNBOOK.md#")
        links = re.findall(r"\S*d/virt-\S*", texts["dashboard_url"])
        assert links and all("https://grafana.example.org/d/virt-" in link for link in links)
        assert "var-cluster={{ $labels.k8s_cluster | urlquery }}&var-job=" in texts["dashboard_url"]


def test_dashboards_keep_to_the_chosen_cluster(changed):
    for name, dashboard in changed["grafanaDashboards"].items():
        variables = [variable["name"] for variable in dashboard["templating"]["list"]]
        assert variables[:3] == ["datasource", "cluster", "job"]
        assert dashboard["title"].startswith("Cloud / ") and dashboard["tags"] == ["cloud"]
        for query in queries(dashboard):
            selectors = re.findall(r"\{[^{}]*\}", query)
            assert all('k8s_cluster=~"$cluster"' in found for found in selectors), (name, query)
            assert selectors or "label_values(virt_exporter_build_info, k8s_cluster)" == query
        links = re.findall(r'/d/virt-[^"]*', json.dumps(dashboard))
        assert links and all("var-cluster=${cluster}" in link for link in links)


@pytest.mark.parametrize(
    "config",
    [
        "{ alerts: { LibvirtDomainSlow: { enabled: false } } }",
        "{ alerts: { LibvirtDown: { treshold: 1 } } }",
        "{ alerts: { LibvirtDown: { threshold: 1 } } }",
        "{ severities: { warning: 'ticket' } }",
    ],
)
def test_setting_of_nothing_is_refused(config):
    assert "ERROR" in made(config, check=False)
