# SPDX-License-Identifier: Apache-2.0
"""What the exporter says is what the APIs say, before and after something changes, and costs them little."""

import contextlib
import datetime
import time

import cloud_truth
from names import name_id
from watch import ALL_UP, age, failures, up, without_usage

SHARED = 1.1  # seconds after which a scrape does not share what another one read


@contextlib.contextmanager
def made(owner, path, kind, **what):
    thing = owner.post("neutron", path, **{kind: what})
    try:
        yield thing["id"]
    finally:
        owner.call("neutron", "DELETE", f"{path}/{thing['id']}")


def test_all_values_are_those_of_the_apis(owner, watch):
    before = cloud_truth.of(owner)
    scrape = watch().settled()
    assert failures(scrape) == {}
    assert up(scrape) == ALL_UP
    assert without_usage(scrape) == before == cloud_truth.of(owner)


def test_another_interface_and_no_proxy_give_the_same(truth, watch):
    assert without_usage(watch("admin").settled()) == truth


def test_usage_of_this_month_is_what_nova_adds_up(owner, watch):
    start = datetime.datetime.now(datetime.timezone.utc).replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    before = cloud_truth.usage(owner, f"{start:%Y-%m-%dT%H:%M:%S}")
    scrape = watch().settled()
    after = cloud_truth.usage(owner, f"{start:%Y-%m-%dT%H:%M:%S}")
    said = {
        (name, dict(labels)["project_id"]): value
        for (name, labels), value in scrape.samples.items()
        if name in cloud_truth.USAGE
    }
    assert said.keys() == after.keys() and len(after) >= 12
    assert {key: value for key, value in said.items() if not before[key] - 1e-6 <= value <= after[key] + 1e-6} == {}
    assert scrape.value("openstack_nova_usage_window_start_seconds") == start.timestamp()


def test_a_new_floating_ip_is_in_the_next_scrape_and_a_deleted_one_is_not(owner, watch):
    exporter = watch()
    before = exporter.settled().value("openstack_neutron_floating_ips")
    public = owner.get("neutron", "/networks?name=public")["networks"][0]["id"]
    with made(owner, "/floatingips", "floatingip", floating_network_id=public) as new:
        time.sleep(SHARED)
        with_it = exporter.scrape()
        ((labels, _),) = with_it.matching("openstack_neutron_floating_ip", id=new)
        assert (labels["floating_network_id"], labels["status"]) == (public, "DOWN")
        assert with_it.value("openstack_neutron_floating_ips") == before + 1
    time.sleep(SHARED)
    after = exporter.scrape()
    assert after.matching("openstack_neutron_floating_ip", id=new) == []
    assert after.value("openstack_neutron_floating_ips") == before


def test_everything_that_changed_is_in_the_first_scrape_of_a_new_exporter(owner, truth, watch):
    with (
        made(owner, "/networks", "network", name="new", admin_state_up=False) as network,
        contextlib.ExitStack() as stack,
    ):
        for path, kind, what in (
            ("/subnets", "subnet", {"network_id": network, "ip_version": 4, "cidr": "10.77.0.0/24"}),
            ("/ports", "port", {"network_id": network}),
            ("/routers", "router", {"name": "new"}),
            ("/security-groups", "security_group", {"name": "new"}),
        ):
            stack.enter_context(made(owner, path, kind, **what))
        assert without_usage(watch().settled()) == cloud_truth.of(owner)
    assert without_usage(watch().settled()) == truth


def test_states_that_change_are_seen(plane, owner, truth, watch):
    """As agents and hypervisors would write them."""
    changes = [
        ("neutron", "UPDATE agents SET heartbeat_timestamp = '2001-01-01 00:00:00' WHERE host = 'cmp01'"),
        ("neutron", "UPDATE ports SET status = 'DOWN' WHERE name = 'balancer'"),
        ("neutron", "UPDATE ml2_port_bindings SET vif_type = 'binding_failed' WHERE host = 'cmp01'"),
        ("nova", f"UPDATE instances SET vm_state = 'error' WHERE uuid = '{name_id('server', 2)}'"),
        ("nova", "UPDATE services SET disabled = 1, disabled_reason = 'moved' WHERE host = 'cmp01'"),
        ("nova", "UPDATE compute_nodes SET vcpus_used = 63 WHERE host = 'cmp01'"),
    ]
    with plane.reverted("neutron", "nova"):
        for name, statement in changes:
            with plane.database(name) as connection:
                assert connection.execute(statement).rowcount > 0
        after = cloud_truth.of(owner)
        assert len(after.items() - truth.items()) >= len(changes)
        assert without_usage(watch().settled()) == after


# ---- What it costs the services --------------------------------------------------------------------------------


def test_a_warm_scrape_asks_little_with_one_token(proxies, watch):
    exporter = watch()
    exporter.settled()
    time.sleep(SHARED)
    requests = {service: len(proxy.passed) for service, proxy in proxies.items()}
    exporter.scrape()
    asked = {service: proxy.passed[requests[service] :] for service, proxy in proxies.items()}
    assert 0 < sum(map(len, asked.values())) <= 25
    assert not [path for _, path, _ in asked["keystone"] if "tokens" in path]


def test_requests_and_logins_that_it_counts_are_those_that_came(proxies, watch):
    names = {service: service for service in ("neutron", "nova", "cinder", "glance", "placement")} | {"keystone": "identity"}
    before = {service: len(proxies[service].passed) for service in names}
    scrape = watch().settled()
    for service, name in names.items():
        came = len(proxies[service].passed) - before[service]
        assert sum(value for _, value in scrape.matching("virt_openstack_requests_total", service=name)) == came > 0
    assert scrape.value("virt_openstack_logins_total") == 1


def test_nobody_scrapes_nothing_is_asked(proxies, watch, plane):
    exporter = watch()
    exporter.settled()
    before = [len(proxy.passed) for proxy in proxies.values()]
    plane.api().get("neutron", "/ports")  # a while
    assert [len(proxy.passed) for proxy in proxies.values()] == before
    assert exporter.running()


def test_big_lists_are_older_than_a_scrape_and_say_so(watch):
    exporter = watch()
    exporter.settled()
    first = exporter.scrape()
    second = exporter.scrape()
    for service, name in (("neutron", "ports"), ("nova", "servers")):
        assert 0 < age(first, service, name) < age(second, service, name)
    assert age(second, "neutron", "floatingips") < age(second, "neutron", "ports")
