# SPDX-License-Identifier: Apache-2.0
"""deploy/prometheus/agent.yml for real: an agent scrapes and keeps nothing, a second Prometheus has the rules."""

import pytest
import yaml

import lab
from exporter import REPOSITORY
from servers import INTERVAL, Prometheus, quick_rules


@pytest.fixture(scope="module")
def receiver(fleet, tmp_path_factory):
    """A Prometheus that scrapes nothing."""
    config = {
        "global": {"evaluation_interval": INTERVAL},
        "rule_files": quick_rules(tmp_path_factory.mktemp("rules")),
    }
    with Prometheus(config, "--web.enable-remote-write-receiver") as running:
        yield running


@pytest.fixture(scope="module")
def agent(fleet, receiver, tmp_path_factory):
    """The configuration of the tree, with the addresses and the pace of the lab."""
    config = yaml.safe_load((REPOSITORY / "deploy/prometheus/agent.yml").read_text())
    targets = tmp_path_factory.mktemp("targets") / "hypervisors.yml"
    targets.write_text(yaml.safe_dump([{"targets": [fleet.instance], "labels": {"rack": "a1"}}]))
    config["global"]["scrape_interval"] = INTERVAL
    config["scrape_configs"][0]["scrape_timeout"] = INTERVAL
    config["scrape_configs"][0]["file_sd_configs"][0]["files"] = [str(targets)]
    config["remote_write"][0]["url"] = f"http://{receiver.address}/api/v1/write"
    with Prometheus(config, "--enable-feature=agent", storage="--storage.agent.path=data") as running:
        yield running


def test_samples_arrive_with_the_labels_of_the_agent(fleet, agent, receiver):
    lab.wait_until("samples arrive", lambda: receiver.query("libvirt_domain_state_code"), timeout=60)
    found = {labels["domain"]: labels for labels, _ in receiver.query("libvirt_domain_state_code")}
    assert {"web", "idle", "stopped"} <= found.keys()
    wanted = {"job": "virt-exporter", "instance": "127.0.0.1", "rack": "a1", "region": "north"}
    assert wanted.items() <= found["web"].items()


def test_nothing_is_lost_on_the_way(fleet, agent, receiver):
    def all_there():
        scraped = receiver.query("max_over_time(scrape_samples_post_metric_relabeling[20s])")
        stored = receiver.query('count({job="virt-exporter", __name__=~"(libvirt|virt|process|promhttp)_.+"})')
        return scraped and stored and stored[0][1] == scraped[0][1]

    lab.wait_until("as many series as samples", all_there, timeout=60)


def test_rules_work_at_the_receiver(agent, receiver):
    def usage():
        return {labels["project_name"]: value for labels, value in receiver.query("project:vcpus:sum")}

    lab.wait_until("usage by project", lambda: usage() == {"physics": 3, "shop": 4}, timeout=60)


def test_agent_answers_no_queries(agent):
    with pytest.raises(OSError):
        agent.query("up")
