# SPDX-License-Identifier: Apache-2.0
"""Nova's metadata as libvirt keeps it, in both versions, and what remains of it when it is not what we expect."""

import time

import pytest

from exporter import Exporter

FAMILY = "libvirt_domain_openstack_"


@pytest.mark.parametrize("domain, name", [("nova-1.0", "db 1"), ("nova-1.1", "web 1")])
def test_both_versions_of_the_metadata_are_read(exporter, domain, name):
    scrape = exporter.scrape()
    ((labels, value),) = scrape.matching(FAMILY + "info", domain=domain)
    wanted = {
        "instance_name": name,
        "flavor_name": "m1.small",
        "user_name": "alice",
        "user_id": "user-id",
        "project_name": "physics",
        "project_id": "project-id",
        "image_id": "image-id",
        "nova_version": "25.1.1",
    }
    assert value == 1
    assert wanted.items() <= labels.items()
    assert labels["instance_id"] == scrape.matching("libvirt_domain_info", domain=domain)[0][0]["uuid"]


def test_flavor_is_in_base_units(exporter):
    flavor = {
        family.removeprefix(FAMILY + "flavor_"): value
        for (family, labels), value in exporter.scrape().samples.items()
        if family.startswith(FAMILY + "flavor_") and ("domain", "nova-1.1") in labels
    }
    assert flavor == {
        "vcpus": 2,
        "memory_bytes": 2048 << 20,
        "root_disk_bytes": 20 << 30,
        "ephemeral_disk_bytes": 5 << 30,
        "swap_bytes": 512 << 20,
    }


def test_port_and_time_of_the_metadata_are_there(exporter):
    scrape = exporter.scrape()
    ((port, _),) = scrape.matching(FAMILY + "port_info", domain="nova-1.1")
    wanted = {"port_id": "port-id", "address": "10.0.0.5", "ip_version": "4", "address_type": "fixed"}
    assert wanted.items() <= port.items()
    assert scrape.value(FAMILY + "metadata_timestamp_seconds", domain="nova-1.1") == 1709210096


def test_newline_in_nova_s_name_is_escaped_and_kept(exporter):
    ((labels, _),) = exporter.scrape().matching(FAMILY + "info", domain="nova-hostile")
    assert labels["instance_name"] == 'a"b\\c\nd 🦖'


def test_broken_metadata_costs_itself_only(exporter):
    scrape = exporter.scrape()
    assert scrape.value("libvirt_domain_state_code", domain="nova-broken") == 5
    assert scrape.value("virt_scrape_pollster_success", pollster="compute.openstack") == 1
    numbers = [series for series in scrape.of_domain("nova-broken") if series[0].startswith(FAMILY + "flavor_")]
    assert numbers == []


def test_broken_metadata_is_logged_once_and_not_each_time_that_the_xml_is_read(host):
    with Exporter("--xml_refresh=1") as exporter:
        exporter.scrape()
        log = exporter.log()
        assert "nova-broken" in log
        for _ in range(5):
            time.sleep(0.5)
            exporter.scrape()
        assert exporter.log() == log


def test_domain_without_metadata_gives_nothing(exporter):
    found = {dict(labels)["domain"] for family, labels in exporter.scrape().samples if family.startswith(FAMILY)}
    assert found <= {"nova-1.0", "nova-1.1", "nova-hostile", "nova-broken", "nova-ceph", "nova-odd", "linux"}


def test_domain_labels_are_on_every_value_of_the_domain(host):
    with Exporter("--domain_labels=project_id,uuid") as exporter:
        series = exporter.scrape("compute.cpu", "compute.memory").of_domain("nova-1.1")
    assert series
    assert all(dict(labels).get("project_id") == "project-id" and "uuid" in dict(labels) for _, labels in series)
