# SPDX-License-Identifier: Apache-2.0
"""A hypervisor, an exporter, a Prometheus with all rules and an Alertmanager, for tests of what an operator sees.

tests/lab/enter /usr/bin/python3 -m pytest tests/fleet
"""

import os
import time

import pytest

import host
import lab
from exporter import Exporter, free_port
from servers import Alertmanager, Prometheus, quick_rules, scraping


def pytest_collection_modifyitems(items):
    items.sort(key=lambda item: item.get_closest_marker("kills") is not None)


class Fleet:
    """Everything that runs. `exporter` may be another one in the course of time, always at the same address."""

    def __init__(self, exporter, prometheus, alertmanager, start):
        self.exporter, self.prometheus, self.alertmanager, self.start = exporter, prometheus, alertmanager, start
        self.instance = f"127.0.0.1:{exporter.port}"


@pytest.fixture(scope="session")
def fleet(tmp_path_factory):
    assert os.environ.get("LAB_INSIDE") == "yes", "these tests make and kill guests: run them with tests/lab/enter"
    host.make()
    rules = quick_rules(tmp_path_factory.mktemp("rules"))
    with Exporter("--xml_refresh=2", port=free_port()) as exporter, Alertmanager() as alertmanager:
        exporter.scrape()  # the first reading, of all XML, takes longer than the lab's timeout when the machine is busy
        with Prometheus(scraping(f"127.0.0.1:{exporter.port}", rules, alertmanager)) as prometheus:
            running = Fleet(exporter, prometheus, alertmanager, time.time())
            lab.wait_until("a scrape", lambda: prometheus.query("libvirt_up == 1"), timeout=60)
            yield running
            running.exporter.__exit__()
