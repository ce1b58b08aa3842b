# SPDX-License-Identifier: Apache-2.0
"""The configurations of deploy/prometheus, by the word of Debian's promtool and of Prometheus 3's."""

import os
import re
import subprocess

import pytest
import yaml

import chart

FOLDER = chart.ROOT / "deploy/prometheus"
CONFIGS = sorted(FOLDER.glob("*.yml"))
NEW = chart.TOOLS / "promtool"


def by_name(path):
    return path.stem


def check(promtool, path):
    agent = ("--agent",) if path.stem == "agent" else ()
    return chart.run(promtool, "check", "config", *agent, path, check=False)


@pytest.mark.parametrize("path", CONFIGS, ids=by_name)
def test_prometheus_3_takes_it(path):
    done = check(NEW, path)
    assert done.returncode == 0, done.stderr


# Debian builds its own without Kubernetes.
@pytest.mark.parametrize("path", [path for path in CONFIGS if path.stem != "kubernetes"], ids=by_name)
def test_debian_s_prometheus_takes_it(path):
    done = check("promtool", path)
    assert done.returncode == 0, done.stderr


def test_prometheus_3_takes_the_rules_and_agrees_with_their_tests():
    done = subprocess.run(
        [chart.ROOT / "tests/checks/rules"],
        env={**os.environ, "PROMTOOLS": str(NEW)},
        capture_output=True,
        text=True,
        timeout=1800,
    )
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("path", CONFIGS, ids=by_name)
def test_job_and_instance_are_what_the_rules_ask_for(path):
    (job,) = yaml.safe_load(path.read_text())["scrape_configs"]
    assert job["job_name"] == "virt-exporter"
    assert "instance" in [rule.get("target_label") for rule in job["relabel_configs"]]
    assert "honor_labels" not in job and job["sample_limit"] > 50000


@pytest.mark.parametrize("path", CONFIGS, ids=by_name)
def test_no_label_changes_while_a_host_stays_the_same(path):
    (job,) = yaml.safe_load(path.read_text())["scrape_configs"]
    sources = {label for rule in job["relabel_configs"] if "target_label" in rule for label in rule["source_labels"]}
    assert not {label for label in sources if re.search("status|state|pod_name|pod_ip|uid", label)}


def test_wrong_configuration_is_refused(tmp_path):
    wrong = tmp_path / "prometheus.yml"
    wrong.write_text((FOLDER / "kubernetes.yml").read_text().replace("role: pod", "role: pods", 1))
    assert check(NEW, wrong).returncode != 0
