# SPDX-License-Identifier: Apache-2.0
"""What Grafana asks Prometheus for a dashboard: its variables, and the targets of its panels."""

import json
import math
import re
import time

from exporter import REPOSITORY

DASHBOARDS = {path.stem: json.loads(path.read_text()) for path in sorted((REPOSITORY / "dashboards").glob("*.json"))}


def targets():
    """Gives (dashboard, panel, refId) of every target of every panel."""
    return [
        (name, panel["title"], target["refId"])
        for name, dashboard in DASHBOARDS.items()
        for panel in dashboard["panels"]
        for target in panel.get("targets", ())
    ]


def variables():
    """Gives (dashboard, variable) of every variable that Prometheus is asked for."""
    return [
        (name, variable["name"])
        for name, dashboard in DASHBOARDS.items()
        for variable in dashboard["templating"]["list"]
        if variable["type"] == "query"
    ]


def find_target(dashboard, title, reference):
    (panel,) = [p for p in DASHBOARDS[dashboard]["panels"] if p["title"] == title and p["type"] != "row"]
    (target,) = [t for t in panel["targets"] if t["refId"] == reference]
    return target


def find_variable(dashboard, name):
    (variable,) = [v for v in DASHBOARDS[dashboard]["templating"]["list"] if v["name"] == name]
    return variable


def filled(expression, chosen):
    """The expression with what was chosen, with Grafana's own variables for a minute of a scrape each two seconds."""
    values = {"__rate_interval": "10s", "__range": "1m", **chosen}
    result = re.sub(r"\$([a-zA-Z_]\w*)", lambda variable: values[variable[1]], expression)
    return result.replace("[1m:1m]", "[1m:2s]")


def values_of(prometheus, variable, chosen):
    """The values that Grafana offers for a variable."""
    query = filled(variable["query"]["query"], chosen)
    if label := re.fullmatch(r"label_values\((.+), (\w+)\)", query):
        return prometheus.get(f"v1/label/{label[2]}/values", **{"match[]": label[1]})["data"]
    expression = re.fullmatch(r"query_result\((.+)\)", query)[1]
    pattern = variable["regex"].strip("/")
    lines = [line(labels, value) for labels, value in prometheus.query(expression)]
    return [re.search(pattern, found)[1] for found in lines]


def everything(prometheus, variable, chosen):
    """What Grafana puts for a variable of which all is chosen."""
    return variable["allValue"] or f"({'|'.join(values_of(prometheus, variable, chosen))})"


def line(labels, value):
    """A result as Grafana writes it before a variable's regex is applied."""
    pairs = ",".join(f'{name}="{text}"' for name, text in labels.items() if name != "__name__")
    return f"{labels.get('__name__', '')}{{{pairs}}} {value}"


def samples(prometheus, target, chosen, seconds=60):
    """The numbers that a panel draws for a target: of the last minute, or now."""
    query = filled(target["expr"], chosen)
    if target["instant"]:
        return [value for _, value in prometheus.query(query)]
    now = time.time()
    found = prometheus.get("v1/query_range", query=query, start=now - seconds, end=now, step=2)["data"]["result"]
    return [float(value) for series in found for _, value in series["values"] if not math.isnan(float(value))]
