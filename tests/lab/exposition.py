# SPDX-License-Identifier: Apache-2.0
"""A strict reader of the Prometheus text format 0.0.4.

Prometheus forgives some of what this refuses, and silently loses data for it: a family in two blocks, a family
without HELP or TYPE, a series given twice (which `promtool check metrics` does not notice either).
"""

import re

NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = re.compile(r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\"n])*)"(,|$)')
SAMPLE = re.compile(rf"({NAME})(?:\{{(.*)\}})? (\S+)")
SUFFIXES = {"histogram": ("_bucket", "_sum", "_count"), "summary": ("", "_sum", "_count")}
ESCAPES = {r"\\": "\\", r"\"": '"', r"\n": "\n"}


class Exposition:
    """What one scrape said: `samples` maps (name, frozenset of (label, value)) to a number."""

    def __init__(self):
        self.types, self.helps, self.samples = {}, {}, {}

    def value(self, name, **labels):
        """Gives the value of exactly this series, or None."""
        return self.samples.get((name, frozenset(labels.items())))

    def matching(self, name, **labels):
        """Gives the family's series that have at least these labels, as a list of (labels, value)."""
        wanted = labels.items()
        return [(dict(has), value) for (family, has), value in self.samples.items() if family == name and wanted <= has]

    def of_domain(self, domain):
        return {series for series in self.samples if ("domain", domain) in series[1]}


def parse(data):
    """Reads a scrape, bytes or text; raises ValueError on the first line that a strict reader would not take."""
    text = data.decode("utf-8", "strict") if isinstance(data, bytes) else data
    if not text.endswith("\n"):
        raise ValueError("the last line does not end in a newline")
    result, family = Exposition(), None
    for number, line in enumerate(text.split("\n")[:-1], 1):
        try:
            family = _read_line(result, family, line)
        except ValueError as error:
            raise ValueError(f"line {number}: {error}: {line}") from None
    return result


def _read_line(result, family, line):
    """Reads one line into the result and gives the family whose block it belongs to."""
    if help_line := re.fullmatch(rf"# HELP ({NAME}) (.+)", line):
        if help_line[1] in result.helps:
            raise ValueError("a second block of this family")
        result.helps[help_line[1]] = help_line[2]
        return help_line[1]
    if type_line := re.fullmatch(rf"# TYPE ({NAME}) (counter|gauge|histogram|summary|untyped)", line):
        if type_line[1] != family or family in result.types:
            raise ValueError("a TYPE that does not follow its HELP")
        result.types[family] = type_line[2]
        return family
    name, series, value = _read_sample(line)
    if family not in result.types or name not in _sample_names(family, result.types[family]):
        raise ValueError("a sample outside of its family's block")
    if series in result.samples:
        raise ValueError("a series that was there before")
    result.samples[series] = value
    return family


def _sample_names(family, kind):
    return [family + suffix for suffix in SUFFIXES.get(kind, ("",))]


def _read_sample(line):
    sample = SAMPLE.fullmatch(line)
    if not sample:
        raise ValueError("not a sample")
    labels = _read_labels(sample[2] or "")
    return sample[1], (sample[1], frozenset(labels.items())), float(sample[3])


def _read_labels(text):
    labels, position = {}, 0
    while position < len(text):
        label = LABEL.match(text, position)
        if not label or label[1] in labels or (label[3] == "," and label.end() == len(text)):
            raise ValueError("labels that are not well-formed")
        labels[label[1]] = re.sub(r"\\.", lambda escape: ESCAPES[escape[0]], label[2])
        position = label.end()
    return labels
