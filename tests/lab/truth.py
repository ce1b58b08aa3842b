# SPDX-License-Identifier: Apache-2.0
"""Compares a scrape with what virsh says just before and just after it."""

import math

import contract
import lab


def disagreements(exporter, domains=None, attempts=5):
    """Gives the series whose value is not between virsh's before and after, as readable lines.

    A counter that grows lies between the two, and a value that stands still equals both. A gauge that goes up and down
    may be elsewhere in between: what disagrees is looked at again, and only what disagrees each time is wrong."""
    wrong = {}
    for attempt in range(attempts):
        before = _expected(lab.domstats_raw(), domains)
        scrape = exporter.scrape()
        after = _expected(lab.domstats_raw(), domains)
        found = _compare(before, scrape, after)
        wrong = found if attempt == 0 else {key: line for key, line in found.items() if key in wrong}
        if not wrong:
            break
    return sorted(wrong.values())


def _expected(stats, domains):
    """Gives {(key, series): value} of the domains, all unless some are named."""
    return {
        (key, series): value
        for domain in (domains or stats)
        for key, series, value in contract.expected(domain, stats[domain])[0]
    }


def _compare(before, scrape, after):
    wrong = {}
    for which in before.keys() & after.keys():
        key, series = which
        value, low, high = scrape.samples.get(series), *sorted((before[which], after[which]))
        rounding = 5e-7 if key.endswith("_queue_depth_avg") else 0  # virsh prints six digits
        near = (math.isclose(value, end, abs_tol=rounding) for end in (low, high)) if value is not None else ()
        if value is None or not (low < value < high or any(near)):
            wrong[which] = f"{key}: {series[0]} {dict(series[1])} is {value}, virsh says {low} … {high}"
    return wrong
