# SPDX-License-Identifier: Apache-2.0
"""Prometheus and Alertmanager, as an operator runs them, with the rules of this tree; only faster."""

import json
import pathlib
import re
import subprocess
import tempfile
import urllib.parse
import urllib.request

import yaml

import lab
from exporter import REPOSITORY, free_port

RULES = REPOSITORY / "deploy/rules"
INTERVAL = "2s"


class Server:
    """A process with an HTTP API on a loopback port; use it in a `with` statement."""

    def __init__(self, program, flags, port):
        self.folder = pathlib.Path(tempfile.mkdtemp())
        self.port, self.address = port, f"127.0.0.1:{port}"
        self._program, self._flags = program, flags
        self._process = None

    def __enter__(self):
        log = (self.folder / "log").open("w")
        self._process = subprocess.Popen([self._program, *self._flags], cwd=self.folder, stdout=log, stderr=log)
        lab.wait_until(f"{self._program} is ready", self._ready_or_ended, timeout=60)
        return self

    @property
    def pid(self):
        return self._process.pid

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()

    def _ready_or_ended(self):
        if self._process.poll() is not None:
            raise RuntimeError((self.folder / "log").read_text()[-2000:])
        try:
            return urllib.request.urlopen(f"http://{self.address}/-/ready", timeout=10).status == 200
        except OSError:
            return False

    def get(self, path, **query):
        url = f"http://{self.address}/api/{path}?{urllib.parse.urlencode(query, doseq=True)}"
        with urllib.request.urlopen(url, timeout=30) as response:
            return json.load(response)

    def post(self, path, content):
        body, headers = json.dumps(content).encode(), {"Content-Type": "application/json"}
        urllib.request.urlopen(urllib.request.Request(f"http://{self.address}/api/{path}", body, headers), timeout=30)


class Prometheus(Server):
    def __init__(self, config, *flags, storage="--storage.tsdb.path=data"):
        port = free_port()
        flags = ["--config.file=prometheus.yml", f"--web.listen-address=127.0.0.1:{port}", storage, *flags]
        super().__init__("prometheus", flags, port)
        (self.folder / "prometheus.yml").write_text(yaml.safe_dump(config))

    def query(self, expression):
        """Gives [(labels, value)] of an instant query."""
        found = self.get("v1/query", query=expression)["data"]
        assert found["resultType"] == "vector", f"{found['resultType']}: {expression}"
        return [(item["metric"], float(item["value"][1])) for item in found["result"]]

    def firing(self):
        """The labels of all alerts that fire."""
        return [alert["labels"] for alert in self.get("v1/alerts")["data"]["alerts"] if alert["state"] == "firing"]


class Alertmanager(Server):
    """With the very configuration of deploy/rules."""

    def __init__(self):
        port = free_port()
        flags = [
            f"--config.file={RULES / 'alertmanager.yml'}",
            f"--web.listen-address=127.0.0.1:{port}",
            "--storage.path=data",
            "--cluster.listen-address=",
        ]
        super().__init__("prometheus-alertmanager", flags, port)

    def alerts(self):
        return self.get("v2/alerts")


def quick_rules(folder):
    """The rules of this tree, with seconds for the minutes that an alert waits, and minutes for the hours."""
    for name in ("recording.yml", "alerts.yml"):
        text = (RULES / name).read_text()
        text = text.replace("interval: 1m\n", f"interval: {INTERVAL}\n")
        text = re.sub(r"^( +for: \d+)m$", r"\1s", text, flags=re.MULTILINE)
        (folder / name).write_text(re.sub(r"^( +for: \d+)h$", r"\1m", text, flags=re.MULTILINE))
    return [str(folder / "*.yml")]


def scraping(address, rules=(), alertmanager=None):
    """The configuration of a Prometheus that scrapes one exporter, and what is no exporter."""
    config = {
        "global": {"scrape_interval": INTERVAL, "scrape_timeout": INTERVAL, "evaluation_interval": INTERVAL},
        "scrape_configs": [{"job_name": "virt-exporter", "static_configs": [{"targets": [address]}]}],
        "rule_files": list(rules),
    }
    if alertmanager:
        other = {"job_name": "alertmanager", "static_configs": [{"targets": [alertmanager.address]}]}
        config["scrape_configs"].append(other)
        config["alerting"] = {"alertmanagers": [{"static_configs": [{"targets": [alertmanager.address]}]}]}
    return config
