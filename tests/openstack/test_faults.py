# SPDX-License-Identifier: Apache-2.0
"""Whatever the services do, a scrape is answered in time, has everything else, and says what is missing and why: in a
metric and on one line of the log."""

import contextlib
import time

import pytest

import api_faults
import lab
from watch import ALL_UP, age, failures, of_the_cloud, only, successes, up, without, without_usage

TIMEOUT = 6  # of the Prometheus server of these tests, in seconds


CAPACITY = ("openstack_placement_flavor_capacity", "openstack_placement_aggregate_flavor_capacity")  # of many lists
# The path of a list, and the families that are missing, by how they begin, where it cannot be read.
LISTS = {
    "neutron/floatingips": ("/floatingips", "openstack_neutron_floating_ip"),
    "neutron/ports": ("/ports", "openstack_neutron_ports"),
    "nova/servers": ("/servers/detail", ("openstack_nova_server", "openstack_nova_total_vms")),
    "nova/os-services": ("/os-services", ("openstack_nova_agent_state", *CAPACITY)),
    "glance/images": ("/images", "openstack_glance_image"),
    "cinder/pools": ("/get_pools", "openstack_cinder_pool"),
    "placement/resource_providers": ("/resource_providers", ("openstack_placement_resource", *CAPACITY)),
}

FAULTS = {
    "500": (api_faults.status(500), "status"),
    "503": (api_faults.status(503, **{"Retry-After": "1"}), "status"),
    "429": (api_faults.status(429, **{"Retry-After": "1"}), "status"),
    "html": (api_faults.html, "content"),
    "cut JSON": (api_faults.cut_json, "content"),
    "broken off": (api_faults.broken_off, "no_answer"),
    "403": (api_faults.status(403), "forbidden"),
    "404": (api_faults.status(404), "absent"),
    "401": (api_faults.without_token, "unauthorized"),
}


@pytest.mark.parametrize("fault, reason", FAULTS.values(), ids=FAULTS.keys())
@pytest.mark.parametrize("name", LISTS)
def test_a_list_that_cannot_be_read_is_absent_and_all_else_is_complete(truth, proxies, watch, name, fault, reason):
    service, path = name.split("/")[0], LISTS[name][0]
    exporter = watch()
    with proxies[service].breaking(fault, path):
        exporter.scrape_within(TIMEOUT)
        scrape = exporter.settled()
    assert failures(scrape) == {name: reason}
    assert name not in successes(scrape)
    assert without_usage(scrape) == without(truth, LISTS[name][1])
    assert up(scrape) == {**ALL_UP, **({service: 0} if is_hard(reason) else {})}
    assert len(exporter.log_lines(f"openstack {service}")) == 1


def is_hard(reason):
    """Whether it is the service's failure, rather than that of what was asked for."""
    return reason not in ("forbidden", "absent")


@pytest.mark.parametrize(
    "fault", [api_faults.status(500), api_faults.html, api_faults.broken_off], ids=["500", "html", "broken off"]
)
def test_a_failure_leaves_what_was_known_with_its_age_and_is_over_with_its_cause(truth, proxies, watch, fault):
    exporter = watch()
    before = of_the_cloud(exporter.settled())
    with proxies["neutron"].breaking(fault, "/floatingips"):
        scrape = lab.wait_until(
            "it has failed", lambda: failures(exporter.scrape()) and exporter.scrape_within(TIMEOUT)
        )
        assert failures(scrape).keys() == {"neutron/floatingips"}
        assert only(before, LISTS["neutron/floatingips"][1]).items() - of_the_cloud(scrape).items() == set()
        assert age(scrape, "neutron", "floatingips") > 1
    scrape = exporter.good()
    assert truth.items() - of_the_cloud(scrape).items() == set()
    assert up(scrape)["neutron"] == 1


def test_a_failure_that_lasts_is_on_one_line_of_the_log(proxies, watch):
    exporter = watch()
    exporter.settled()
    with proxies["neutron"].breaking(api_faults.status(500), "/floatingips"):
        for _ in range(5):
            exporter.scrape()
            time.sleep(1.1)  # longer than a floating IP is believed
    assert len(exporter.log_lines("500")) == 1


# ---- In the middle of pages ------------------------------------------------------------------------------------


@pytest.mark.parametrize("service, path", [("neutron", "/ports"), ("nova", "/servers/detail")])
def test_a_401_in_the_middle_of_pages_renews_the_token_once_and_asks_for_that_page_again(
    truth, proxies, watch, service, path
):
    logins = len(token_requests(proxies))
    with proxies[service].breaking(api_faults.without_token, path, on=2, times=1):
        scrape = watch().settled()
    assert failures(scrape) == {}
    assert truth.items() - of_the_cloud(scrape).items() == set()
    pages = [page for _, page, status in proxies[service].passed if path in page and status == 200]
    assert len(set(pages)) > 2
    assert len(token_requests(proxies)) - logins == scrape.value("virt_openstack_logins_total") == 2


def token_requests(proxies):
    return [request for request in proxies["keystone"].passed if request[:2] == ("POST", "/v3/auth/tokens")]


@pytest.mark.parametrize("service, path", [("neutron", "/ports"), ("nova", "/servers/detail")])
def test_a_marker_that_is_gone_begins_the_list_again(truth, proxies, watch, service, path):
    with proxies[service].breaking(api_faults.marker_gone, path, on=2, times=1):
        scrape = watch().settled()
    assert failures(scrape) == {}
    assert truth.items() - of_the_cloud(scrape).items() == set()


@pytest.mark.parametrize("service, path", [("neutron", "/ports"), ("nova", "/servers/detail")])
@pytest.mark.parametrize("fault", [api_faults.status(500), api_faults.cut_json], ids=["500", "cut JSON"])
def test_a_list_without_one_of_its_pages_is_not_counted(truth, proxies, watch, service, path, fault):
    with proxies[service].breaking(fault, path, on=2):
        scrape = watch().settled()
    name = {"/ports": "neutron/ports", "/servers/detail": "nova/servers"}[path]
    assert failures(scrape).keys() == {name}
    assert without_usage(scrape) == without(truth, LISTS[name][1])


def test_a_link_to_another_host_gets_no_token(truth, proxies, watch):
    with api_faults.Proxy("http://127.0.0.1:1") as stranger:
        address = stranger.address.encode()
        own = proxies["neutron"].target.encode()
        with proxies["neutron"].breaking(api_faults.rewritten(b"http://" + own, address), "/ports"):
            scrape = watch().settled()
        assert stranger.passed == stranger.tokens == []
    assert truth.items() - of_the_cloud(scrape).items() == set()


# ---- Slow, frozen, stopped -------------------------------------------------------------------------------------


def test_slow_pages_of_a_big_list_keep_no_scrape_waiting(truth, proxies, watch):
    exporter = watch()
    with proxies["neutron"].breaking(api_faults.slow(1), "/ports"):
        exporter.scrape_within(TIMEOUT)
        known = exporter.settled()
        begun = time.monotonic()
        exporter.scrape()
        assert time.monotonic() - begun < 3
    assert of_the_cloud(known).items() >= truth.items()


def of_others(truth, service):
    """What does not need the service. Nova asks Neutron for the addresses of servers."""
    more = {"neutron": LISTS["nova/servers"][1], "nova": CAPACITY}
    return without(truth, (f"openstack_{service}_", *more.get(service, ())))


@pytest.mark.parametrize("service", ["neutron", "nova"])
def test_a_frozen_service_ages_and_all_else_is_new(plane, truth, watch, service):
    exporter = watch()
    before = of_the_cloud(exporter.settled())
    with plane.frozen(service):
        time.sleep(10)  # all that is read in each scrape is due
        exporter.scrape_within(TIMEOUT)
        scrape = exporter.scrape_within(TIMEOUT)
        assert of_the_cloud(scrape).keys() == before.keys()
        assert age(scrape, service, {"neutron": "floatingips", "nova": "os-services"}[service]) > 10
    exporter.good()


@pytest.mark.parametrize("service", ["neutron", "nova", "cinder", "glance"])
def test_of_a_service_that_was_always_frozen_only_its_own_is_missing(plane, truth, watch, service):
    with plane.frozen(service):
        exporter = watch()
        exporter.scrape_within(TIMEOUT)
        scrape = exporter.scrape_within(TIMEOUT)
        said = of_the_cloud(scrape)
        assert of_others(truth, service).items() - said.items() == set()
        assert said == without(said, f"openstack_{service}_")
        assert up(scrape)[service] == 0
        assert {name.split("/")[0] for name in failures(scrape)} >= {service}
    exporter.good()


@pytest.mark.parametrize("service", ["neutron", "nova", "cinder", "glance"])
def test_a_stopped_service_is_down_and_all_else_is_complete(plane, truth, watch, service):
    exporter = watch()
    with plane.stopped(service):
        exporter.scrape_within(TIMEOUT)
        scrape = exporter.settled()
        assert of_others(truth, service).items() - of_the_cloud(scrape).items() == set()
        assert up(scrape)[service] == 0 and up(scrape)["identity"] == 1
    plane.wait_until_warm()
    scrape = exporter.good()
    assert truth.items() - of_the_cloud(scrape).items() == set()


def test_an_empty_list_that_a_service_gives_by_mistake_is_not_believed(truth, proxies, watch):
    exporter = watch()
    with proxies["neutron"].breaking(api_faults.nothing("floatingips"), "/floatingips", times=1):
        scrape = exporter.settled()
    assert truth.items() - of_the_cloud(scrape).items() == set()


# ---- Keystone --------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def nothing_known(exporter):
    """Scrapes that find nothing, and say why."""
    exporter.scrape_within(TIMEOUT)
    scrape = exporter.scrape_within(TIMEOUT)
    assert of_the_cloud(scrape) == {}
    assert up(scrape)["identity"] == 0
    assert successes(scrape) == set()
    yield scrape


def test_keystone_that_is_down_at_the_start_and_comes_later(plane, truth, watch):
    with plane.stopped("keystone"):
        exporter = watch("admin")
        with nothing_known(exporter) as scrape:
            assert set(failures(scrape).values()) == {"login"}
    scrape = exporter.good()
    assert truth.items() - of_the_cloud(scrape).items() == set()


def test_keystone_that_is_frozen_at_the_start_and_comes_later(plane, truth, watch):
    with plane.frozen("keystone"):
        exporter = watch("admin")
        with nothing_known(exporter):
            pass
    exporter.good()


def test_keystone_that_goes_down_leaves_the_others_to_the_token_that_there_is(plane, watch):
    exporter = watch("admin")
    before = of_the_cloud(exporter.settled())
    with plane.stopped("keystone"):
        time.sleep(1.1)
        scrape = exporter.scrape_within(TIMEOUT)
        assert of_the_cloud(scrape).keys() == before.keys()
        assert age(scrape, "neutron", "floatingips") < 1
        assert exporter.running()
    plane.wait_until_warm()


def test_a_catalog_without_nova_has_all_but_nova(plane, truth, proxies, watch):
    with proxies["keystone"].breaking(api_faults.rewritten(b'"compute"', b'"computer"'), "/auth/tokens"):
        scrape = watch().settled()
    assert {name.split("/")[0] for name in failures(scrape)} == {"nova"}
    assert set(failures(scrape).values()) == {"no_service"}
    assert up(scrape) == {**ALL_UP, "nova": None}
