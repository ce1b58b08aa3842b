# SPDX-License-Identifier: Apache-2.0
"""A real Prometheus that scrapes exporters each second."""

import json
import pathlib
import subprocess
import tempfile
import urllib.parse
import urllib.request

import lab
from exporter import free_port

CONFIG = """
global: {{scrape_interval: 1s, scrape_timeout: 1s}}
scrape_configs:
  - job_name: virt_exporter
    static_configs: [{{targets: {targets}}}]
"""


class Prometheus:
    def __init__(self, *target_ports):
        self._folder = pathlib.Path(tempfile.mkdtemp())
        (self._folder / "prometheus.yml").write_text(CONFIG.format(targets=[f"127.0.0.1:{port}" for port in target_ports]))
        self._port = free_port()
        self._process = subprocess.Popen(
            [
                "prometheus",
                f"--config.file={self._folder}/prometheus.yml",
                f"--storage.tsdb.path={self._folder}/data",
                f"--web.listen-address=127.0.0.1:{self._port}",
            ],
            stdout=subprocess.DEVNULL,
            stderr=(self._folder / "log").open("w"),
        )

    def __enter__(self):
        lab.wait_until("Prometheus has scraped", lambda: self.query("up") or self._ended(), timeout=60)
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()

    def _ended(self):
        if self._process.poll() is not None:
            raise RuntimeError((self._folder / "log").read_text()[-2000:])

    def query(self, expression):
        """Gives [(labels, value)]; nothing as long as Prometheus does not answer."""
        return [(found["metric"], float(found["value"][1])) for found in self._get("query", query=expression)["result"]]

    def targets(self):
        return self._get("targets")["activeTargets"]

    def _get(self, what, **query):
        url = f"http://127.0.0.1:{self._port}/api/v1/{what}?{urllib.parse.urlencode(query)}"
        try:
            with urllib.request.urlopen(url, timeout=10) as response:
                return json.load(response)["data"]
        except OSError:
            return {"result": [], "activeTargets": []}
