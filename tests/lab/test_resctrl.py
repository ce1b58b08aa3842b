# SPDX-License-Identifier: Apache-2.0
"""Cache, memory traffic and energy of monitored vCPUs, against the files in which the kernel would count them."""

import pytest

import exposition
import lab
import resctrl
from exporter import once

since_12_4 = pytest.mark.since(12, 4)


@pytest.mark.parametrize(
    "family, label, resource, event",
    [
        ("libvirt_domain_cpu_cache_occupancy_bytes", "bank", "L3", "llc_occupancy"),
        ("libvirt_domain_memory_bandwidth_bytes_total", "node", "L3", "mbm_total_bytes"),
        ("libvirt_domain_memory_bandwidth_local_bytes_total", "node", "L3", "mbm_local_bytes"),
        pytest.param("libvirt_domain_cpu_core_energy_joules_total", "package", "PERF_PKG", "core_energy", marks=since_12_4),
        pytest.param("libvirt_domain_cpu_activity_farads_total", "package", "PERF_PKG", "activity", marks=since_12_4),
    ],
)
def test_each_monitor_has_the_value_of_the_kernel_s_file(exporter, family, label, resource, event):
    found = {
        (labels["domain"], labels["monitor"], labels["vcpus"], labels[label]): value
        for labels, value in exporter.scrape().matching(family)
    }
    assert found == {
        (domain, f"vcpus_{vcpus}" if vcpus else "", vcpus, str(part)): resctrl.read(domain, vcpus, resource, part, event)
        for domain, sets in resctrl.monitored().items()
        for vcpus in sets
        for part in resctrl.PARTS
    }


@pytest.mark.restarts_libvirtd
def test_series_of_monitors_stay_the_same_when_the_guest_is_started_again(host):
    monitors = {"monitored": resctrl.monitored()["monitored"]}
    series, names, number = series_of("monitored"), names_of("monitored"), lab.virsh("domid", "monitored")
    lab.virsh("destroy", "monitored")
    resctrl.start_guests(monitors)
    assert lab.virsh("domid", "monitored") != number
    assert (names_of("monitored") != names) == (lab.libvirt_version() >= (12, 8))  # libvirt names them after the run
    assert series and series_of("monitored") == series


def series_of(domain):
    scrape = exposition.parse(once("--pollsters=compute.cpu,compute.memory").stdout)
    return {(family, labels) for family, labels in scrape.of_domain(domain) if "monitor" in dict(labels)}


def names_of(domain):
    """The monitors' names, as libvirt gives them."""
    stats = lab.domstats_raw("cpu-total", "memory", domains=[domain])[domain]
    return {value for key, value in stats.items() if ".monitor." in key and key.endswith(".name")}
