# SPDX-License-Identifier: Apache-2.0
"""Each key that libvirt prints is exported with the same value, or there is a reason why not; and no more than that."""

import contract
import lab
import truth


def test_each_key_is_in_the_contract_or_has_a_reason(host):
    unknown = {
        contract.general(key)[0]
        for domain, stats in lab.domstats_raw().items()
        for key in contract.expected(domain, stats)[1]
    }
    assert not unknown, f"neither in contract.MAPPED nor in contract.NOT_EXPORTED: {sorted(unknown)}"


def test_the_lab_shows_each_key_of_the_contract(host):
    """Else a row of the table would check nothing."""
    seen = {contract.general(key)[0] for stats in lab.domstats_raw().values() for key in stats}
    assert seen == contract.keys()


def test_each_value_equals_that_of_virsh_in_base_units(compute):
    assert truth.disagreements(compute) == []


def test_no_series_is_made_up(compute):
    """What libvirt does not say is absent: a made-up 0 looks like a counter's reset."""
    scrape, stats = compute.scrape(), lab.domstats_raw()
    said = {series for domain in stats for _, series, _ in contract.expected(domain, stats[domain])[0]}
    families = contract.families()
    assert {series for series in scrape.samples if series[0] in families} - said == set()


def test_each_value_carries_domain_and_device_and_nothing_else(compute):
    families = contract.families()
    series = [labels for family, labels in compute.scrape().samples if family in families]
    allowed = [{"domain"}, {"domain", "vcpu"}, {"domain", "target_device"}, {"domain", "iothread"}]
    allowed += [{"domain", "monitor", "vcpus", part} for part in ("bank", "node")]
    if lab.libvirt_version() >= (12, 1):
        allowed.append({"domain", "target_device", "interval_seconds"})
    if lab.libvirt_version() >= (12, 4):
        allowed.append({"domain", "monitor", "vcpus", "package"})
    assert {frozenset(dict(labels)) for labels in series} == set(map(frozenset, allowed))
