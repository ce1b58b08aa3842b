# SPDX-License-Identifier: Apache-2.0
"""Alerts that a fault of a real host raises: each fires, hides what follows from it, and goes when all is mended."""

import datetime
import signal

import pytest

import host
import lab
from exporter import Exporter

FAULTS = "Virt.*|Libvirt(Down|Domain(NotResponding|Paused.*|Crashed|OnTwoHosts)|Many.*|Migration.*|StoragePool.*)"


def alerts(fleet, name, **labels):
    """The alerts of this name that fire and have at least these labels."""
    wanted = {"alertname": name, **labels}.items()
    return [alert for alert in fleet.prometheus.firing() if wanted <= alert.items()]


def wait_until_fires(fleet, name, **labels):
    lab.wait_until(f"{name} fires", lambda: alerts(fleet, name, **labels), timeout=90)
    lab.wait_until(f"Alertmanager knows {name}", lambda: known(fleet, name, **labels), timeout=30)


def wait_until_resolved(fleet, name, **labels):
    lab.wait_until(f"{name} is resolved", lambda: not alerts(fleet, name, **labels), timeout=90)


def known(fleet, name, **labels):
    """What Alertmanager has of this name and these labels."""
    wanted = {"alertname": name, **labels}.items()
    return [alert for alert in fleet.alertmanager.alerts() if wanted <= alert["labels"].items()]


def is_inhibited(fleet, name, **labels):
    """Whether Alertmanager keeps quiet about an alert, which is sent to it here as Prometheus would."""
    labels = {"alertname": name, "job": "virt-exporter", "instance": fleet.instance, **labels}
    end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=30)
    fleet.alertmanager.post("v2/alerts", [{"labels": labels, "endsAt": end.isoformat()}])
    (found,) = [alert for alert in known(fleet, name) if alert["labels"] == labels]
    return bool(found["status"]["inhibitedBy"])


def test_healthy_host_raises_no_alert_about_faults(fleet):
    """Looked at for longer than any of these alerts waits here."""
    raised = f'max_over_time(ALERTS{{alertstate="firing", alertname=~"{FAULTS}"}}[15s])'
    lab.wait_until("15 seconds", lambda: fleet.prometheus.query("count_over_time(libvirt_up[30s]) > 8"), timeout=60)
    lab.wait_until("15 seconds without an alert", lambda: fleet.prometheus.query(raised) == [], timeout=60)


def test_frozen_guest(fleet):
    with lab.frozen("idle"):
        wait_until_fires(fleet, "LibvirtDomainNotResponding", domain="idle", severity="warning")
        assert is_inhibited(fleet, "LibvirtDomainBalloonStale", domain="idle", severity="info")
        assert not is_inhibited(fleet, "LibvirtDomainBalloonStale", domain="web", severity="info")
    wait_until_resolved(fleet, "LibvirtDomainNotResponding")


def test_guest_paused_on_an_io_error(fleet):
    with host.guest_without_space("no-space") as mend:
        wait_until_fires(fleet, "LibvirtDomainPausedIoError", domain="no-space", severity="warning")
        assert is_inhibited(fleet, "LibvirtDomainDiskLatencyHigh", domain="no-space", severity="info")
        assert not is_inhibited(fleet, "LibvirtDomainDiskLatencyHigh", domain="web", severity="info")
        mend()
        wait_until_resolved(fleet, "LibvirtDomainPausedIoError")
        assert lab.virsh("domstate", "no-space").strip() == "running"


def test_crashed_guest(fleet):
    with host.crashed_guests("crash"):
        wait_until_fires(fleet, "LibvirtDomainCrashed", domain="crash", severity="info", reason="crashed")
        assert not is_inhibited(fleet, "LibvirtDomainCrashed", domain="crash-2", severity="info")
        lab.virsh("start", "crash")
        wait_until_resolved(fleet, "LibvirtDomainCrashed")


def test_many_crashed_guests_are_one_alert(fleet):
    def runs(name):
        return fleet.prometheus.query(f'libvirt_domain_state{{domain="{name}", state="running"}}')

    with host.crashed_guests("crash-a", "crash-b", "crash-c", seen=runs):
        wait_until_fires(fleet, "LibvirtManyDomainsFailed", severity="critical")
        hidden = {"domain": "crash-a", "alertname": "LibvirtDomainCrashed"}
        wait_until_fires(fleet, hidden["alertname"], domain=hidden["domain"])

        def all_hidden():
            found = known(fleet, hidden["alertname"], instance=fleet.instance)
            return len(found) >= 3 and all(alert["status"]["inhibitedBy"] for alert in found)

        lab.wait_until("the three are hidden", all_hidden)
        assert is_inhibited(fleet, "LibvirtDomainPausedIoError", domain="web", severity="warning")
    wait_until_resolved(fleet, "LibvirtManyDomainsFailed")
    wait_until_resolved(fleet, "LibvirtDomainCrashed")


def test_nearly_full_pool(fleet):
    with host.nearly_full_pool("small") as make_room:
        wait_until_fires(fleet, "LibvirtStoragePoolNearlyFull", storage_pool="small", severity="warning")
        assert is_inhibited(fleet, "LibvirtStoragePoolFillingUp", storage_pool="small", severity="warning")
        assert not is_inhibited(fleet, "LibvirtStoragePoolFillingUp", storage_pool="images", severity="warning")
        make_room()
        wait_until_resolved(fleet, "LibvirtStoragePoolNearlyFull")


def test_pool_that_should_run_and_does_not(fleet):
    lab.virsh("pool-destroy", "images")
    wait_until_fires(fleet, "LibvirtStoragePoolInactive", storage_pool="images", severity="warning")
    lab.virsh("pool-start", "images")
    wait_until_resolved(fleet, "LibvirtStoragePoolInactive")


@pytest.mark.kills
def test_libvirtd_killed(fleet):
    lab.stop_libvirtd(signal.SIGKILL)
    try:
        wait_until_fires(fleet, "LibvirtDown", instance=fleet.instance, severity="warning")
        assert is_inhibited(fleet, "VirtPollsterFailing", pollster="compute.disk", severity="warning")
        assert is_inhibited(fleet, "LibvirtDomainStealHigh", domain="web", severity="info")
        assert not is_inhibited(fleet, "LibvirtDown", instance="another-host", severity="warning")
        assert alerts(fleet, "VirtExporterDown") == []
    finally:
        lab.start_libvirtd()
    wait_until_resolved(fleet, "LibvirtDown")


@pytest.mark.kills
def test_exporter_killed(fleet):
    port = fleet.exporter.port
    fleet.exporter.signal(signal.SIGKILL)
    wait_until_fires(fleet, "VirtExporterDown", instance=fleet.instance, severity="warning")
    assert is_inhibited(fleet, "LibvirtDown", severity="warning")
    assert is_inhibited(fleet, "VirtScrapeSlow", severity="warning")
    assert not is_inhibited(fleet, "LibvirtDown", instance="another-host", severity="warning")
    fleet.exporter.wait()
    fleet.exporter = Exporter("--xml_refresh=2", port=port)
    wait_until_resolved(fleet, "VirtExporterDown")
    assert fleet.prometheus.query("libvirt_up == 1")
