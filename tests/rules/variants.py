# SPDX-License-Identifier: Apache-2.0
"""The cases for promtool, which are written for one scrape a minute of one Prometheus, as they are elsewhere: at other scrape
intervals, and with the labels of a fleet."""

import copy
import re

INTERVALS = {15: "15s", 60: "1m", 180: "3m"}
JOB = "virt-exporter"
# A host of each of two clusters; two servers scrape the first, and nothing removes their labels.
TARGETS = [
    {"cluster": "east", "region": "north", "rack": "a1", "replica": "a"},
    {"cluster": "east", "region": "north", "rack": "a1", "replica": "b"},
    {"cluster": "west", "region": "north", "rack": "b2", "replica": "a"},
]


def at_interval(tests, seconds):
    """The same minutes, scraped each so many seconds."""
    tests = copy.deepcopy(tests)
    for test in tests:
        test["interval"] = INTERVALS[seconds]
        for series in test["input_series"]:
            minutes = expanded(series["values"])
            counter = series["series"].partition("{")[0].endswith("_total")
            values = between(minutes, counter) if seconds < 60 else every_third(minutes) if seconds > 60 else minutes
            series["values"] = " ".join("_" if value is None else f"{value}" for value in values)
    return tests


def expanded(values):
    """promtool's notation as one item a minute: a number, "stale", or None."""
    items = []
    for word in values.split():
        found = re.fullmatch(r"(_|[-+\d.e]+?)(?:([-+][\d.e]+))?x(\d+)", word)
        if not found:
            items.append(None if word == "_" else word if word == "stale" else float(word))
        elif found[1] == "_":
            items += [None] * int(found[3])
        else:
            items += [float(found[1]) + i * float(found[2] or 0) for i in range(int(found[3]) + 1)]
    return items


def between(minutes, counter):
    """Four scrapes a minute: a counter grows evenly, anything else stays."""
    for now, after in zip(minutes, [*minutes[1:], None]):
        held = None if now == "stale" else now
        grows = counter and all(isinstance(item, float) for item in (now, after)) and after >= now
        yield now
        yield from ((now + i * (after - now) / 4 if grows else held) for i in (1, 2, 3))


def every_third(minutes):
    """A scrape each three minutes, which sees that a series ended since the last."""
    for start in range(0, len(minutes), 3):
        ended = "stale" in minutes[max(start - 2, 0) : start + 1] and not isinstance(minutes[start], float)
        yield "stale" if ended else minutes[start]


def in_a_fleet(tests):
    """The same hosts in two clusters, with target labels, two servers that scrape them, and a second job. A case without a
    host of ours, or with clusters of its own, stays as it is."""

    def is_one_cluster(test):
        series = [item["series"] for item in test["input_series"]]
        return any(JOB in name for name in series) and not any("cluster=" in name for name in series)

    return [fleet_case(test) if is_one_cluster(test) else test for test in tests]


def fleet_case(test):
    case = {**test, "input_series": [], "alert_rule_test": [], "promql_expr_test": []}
    for item in test["input_series"]:
        others = [with_labels(item["series"], target) for target in TARGETS]
        others.append(item["series"].replace(f'job="{JOB}"', 'job="other"'))
        case["input_series"] += [{**item, "series": series} for series in others]
    for expected in test.get("alert_rule_test", ()):
        alerts = [
            {**alert, "exp_labels": {**alert["exp_labels"], **labels}}
            for alert in expected["exp_alerts"]
            for labels in labels_kept("instance" in alert["exp_labels"])
        ]
        case["alert_rule_test"].append({**expected, "exp_alerts": alerts})
    for expected in test.get("promql_expr_test", ()):
        samples = [
            {**sample, "labels": with_labels(sample["labels"], labels)}
            for sample in expected["exp_samples"]
            for labels in labels_kept("job=" in sample["labels"] and "instance=" in sample["labels"])
        ]
        case["promql_expr_test"].append({**expected, "exp_samples": samples})
    return case


def labels_kept(of_host):
    """What is said of a host keeps all its labels, what is said of a cluster keeps that one."""
    clusters = {target["cluster"] for target in TARGETS}
    return TARGETS if of_host else [{"cluster": cluster} for cluster in sorted(clusters)]


def with_labels(series, labels):
    added = ", ".join(f'{name}="{value}"' for name, value in labels.items())
    return series.replace("{", "{" + added + ", ", 1)
