# SPDX-License-Identifier: Apache-2.0
"""Who the exporter is: what a token sees is all that is said, and tokens and passwords come and go."""

import time

import pytest
import yaml

import control_plane
import lab
from api_faults import Proxy
from control_plane import TOKENS_KNOWN_FOR
from watch import failures, of_the_cloud, successes, up, without_usage


DUE = 10  # seconds after which what is read in each scrape is read again


def scope(scrape):
    ((labels, value),) = scrape.matching("openstack_scope_info")
    assert value == 1
    return labels


# ---- What a token sees -----------------------------------------------------------------------------------------


def test_an_administrator_sees_the_whole_cloud(watch):
    said = scope(watch("admin").settled())
    assert (said["scope"], said["project_name"], said["user_name"], said["cloud_wide"]) == (
        "project",
        "admin",
        "admin",
        "true",
    )
    assert "admin" in said["roles"].split(",")


@pytest.mark.parametrize("cloud, kind", [("reader", "project"), ("system", "system")])
def test_nothing_is_said_that_a_token_sees_in_part(truth, watch, cloud, kind):
    """Neutron answers them with success, and with some of the networks or none."""
    scrape = watch(cloud).settled()
    assert (scope(scrape)["scope"], scope(scrape)["cloud_wide"]) == (kind, "false")
    assert not [name for name, _ in of_the_cloud(scrape) if "_neutron_" in name]
    neutron = {reason for name, reason in failures(scrape).items() if name.startswith("neutron/")}
    assert neutron == {"scope"}
    assert without_usage(scrape).items() - truth.items() == set()  # what it does see is the whole


def test_a_reader_is_forbidden_what_is_the_administrators_and_soon_asks_no_more(proxies, plane, clouds, watch):
    reader = {**plane.cloud("reader", "shop", keystone=proxies["keystone"].address), "interface": "admin"}
    control_plane.write_clouds(clouds, {"proxied": reader})
    exporter = watch()
    scrape = exporter.settled()
    assert {failures(scrape)[name] for name in ("nova/os-services", "nova/os-hypervisors", "nova/servers")} == {
        "forbidden"
    }
    time.sleep(6)
    exporter.scrape()
    time.sleep(3)  # a scrape does not wait for lists that were slow to be refused
    asked = [path for _, path, status in proxies["nova"].passed if status == 403]
    time.sleep(6)
    exporter.scrape()
    assert [path for _, path, status in proxies["nova"].passed if status == 403] == asked
    assert len(exporter.log_lines("openstack scope")) == 1


def test_an_application_credential_sees_what_its_user_sees(plane, owner, truth, clouds, watch):
    user = owner.get("keystone", "/users?name=admin")["users"][0]["id"]
    made = owner.post("keystone", f"/users/{user}/application_credentials", application_credential={"name": "exporter"})
    auth = {"auth_url": plane.addresses["keystone"] + "/v3", "application_credential_id": made["id"],
            "application_credential_secret": made["secret"]}  # fmt: skip
    cloud = {"auth_type": "v3applicationcredential", "region_name": "RegionOne", "auth": auth}
    control_plane.write_clouds(clouds, {"credential": cloud})
    exporter = watch("credential")
    scrape = exporter.settled()
    assert failures(scrape) == {}
    assert truth.items() - of_the_cloud(scrape).items() == set()
    owner.call("keystone", "DELETE", f"/users/{user}/application_credentials/{made['id']}")
    assert made["secret"] not in exporter.log()


# ---- Tokens ----------------------------------------------------------------------------------------------------


def test_a_token_that_expires_is_renewed_before(plane, proxies, watch):
    with plane.configured("keystone", token__expiration="20"):
        exporter = watch()
        exporter.good()
        refused = sum(status == 401 for proxy in proxies.values() for _, _, status in proxy.passed)
        begun, logins = time.monotonic(), 1
        while logins < 3:
            time.sleep(1)
            scrape = exporter.scrape()
            assert failures(scrape) == {}
            logins, elapsed = scrape.value("virt_openstack_logins_total"), time.monotonic() - begun
            assert logins <= 2 + elapsed / 15 and elapsed < 90
        assert refused == sum(status == 401 for proxy in proxies.values() for _, _, status in proxy.passed)


def test_a_token_that_is_revoked_is_replaced_at_the_first_401(owner, truth, proxies, watch):
    exporter = watch()
    proxies["keystone"].tokens.clear()
    assert exporter.settled().value("virt_openstack_logins_total") == 1
    token = proxies["keystone"].tokens[-1]
    owner.call("keystone", "DELETE", "/auth/tokens", None, **{"X-Subject-Token": token})
    time.sleep(max(DUE, TOKENS_KNOWN_FOR) + 1)
    scrape = exporter.good()
    assert truth.items() - of_the_cloud(scrape).items() == set()
    assert scrape.value("virt_openstack_logins_total") == 2


@pytest.fixture
def changing(owner):
    """The id of an administrator of that name, whose password is first-secret."""
    user = owner.post(
        "keystone", "/users", user={"name": "changing", "password": "first-secret", "domain_id": "default"}
    )["id"]
    role = owner.get("keystone", "/roles?name=admin")["roles"][0]["id"]
    project = owner.get("keystone", "/projects?name=admin&domain_id=default")["projects"][0]["id"]
    owner.call("keystone", "PUT", f"/projects/{project}/users/{user}/roles/{role}")
    yield user
    owner.call("keystone", "DELETE", f"/users/{user}")


def test_a_new_password_is_used_when_it_is_in_the_file_and_until_then_it_is_said(plane, owner, clouds, watch, changing):
    control_plane.write_clouds(clouds, {"changing": plane.cloud("changing", password="first-secret")})
    exporter = watch("changing")
    assert failures(exporter.settled()) == {}
    owner.call("keystone", "PATCH", f"/users/{changing}", {"user": {"password": "second-secret"}})  # revokes its tokens
    time.sleep(max(DUE, TOKENS_KNOWN_FOR) + 1)
    scrape = lab.wait_until("it has failed", lambda: failures(exporter.scrape()) and exporter.scrape())
    assert failures(scrape)["neutron/floatingips"] == "login"
    assert up(scrape)["identity"] == 0
    assert "changing" in exporter.log_lines("openstack login")[-1]
    control_plane.write_clouds(clouds, {"changing": plane.cloud("changing", password="second-secret")})
    exporter.good()
    assert "-secret" not in exporter.log()


def test_a_wrong_password_is_said_and_not_tried_in_each_scrape(plane, proxies, clouds, watch):
    wrong = plane.cloud(keystone=proxies["keystone"].address, password="wrong-secret")
    control_plane.write_clouds(clouds, {"proxied": wrong})
    exporter = watch()
    before = len(proxies["keystone"].passed)
    for _ in range(6):
        scrape = exporter.scrape_within(6)
        time.sleep(0.5)
    assert set(failures(scrape).values()) == {"login"} and successes(scrape) == set()
    assert up(scrape)["identity"] == 0
    assert of_the_cloud(scrape) == {}
    assert 1 <= len(proxies["keystone"].passed) - before <= 2
    assert len(exporter.log_lines("openstack login")) == 1
    assert "wrong-secret" not in exporter.log()


def test_no_secret_is_in_a_metric_or_in_the_log(proxies, watch):
    exporter = watch("proxied", "--log_level=debug")
    body = exporter.scrape_bytes() + exporter.scrape_bytes()
    said = body.decode() + exporter.log()
    assert control_plane.SECRET not in said
    tokens = {token for proxy in proxies.values() for token in proxy.tokens}
    assert len(tokens) > 1 and not [token for token in tokens if token in said]


# ---- Certificates ----------------------------------------------------------------------------------------------


@pytest.fixture
def certified(plane, tmp_path):
    """A cloud whose Keystone speaks TLS, and the path of its certificate, which nobody knows."""
    pem = tmp_path / "keystone.pem"
    certificate = tmp_path / "ca.pem"
    lab.run(
        "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=keystone", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(pem), "-out", str(certificate),
    )  # fmt: skip
    pem.write_text(pem.read_text() + certificate.read_text())
    with Proxy(plane.addresses["keystone"], pem) as keystone:
        yield {**plane.cloud(keystone=keystone.address), "interface": "internal"}, str(certificate)


def test_certificate_of_keystone_must_be_known(clouds, watch, certified):
    cloud, certificate = certified
    control_plane.write_clouds(clouds, {"proxied": cloud})
    unknown = watch()
    assert set(failures(unknown.scrape()).values()) == {"login"}
    assert "certificate" in unknown.log_lines("openstack login")[-1]
    control_plane.write_clouds(clouds, {"proxied": {**cloud, "cacert": certificate}})
    assert up(watch().settled())["identity"] == 1
    control_plane.write_clouds(clouds, {"proxied": {**cloud, "verify": False}})
    trusting = watch()
    assert up(trusting.settled())["identity"] == 1
    assert "certificates are not verified" in trusting.log()


# ---- Clouds that cannot be used --------------------------------------------------------------------------------


@pytest.mark.parametrize("change, word", [
    ({"name": "unknown"}, "proxied"),
    ({"region_name": "RegionTwo"}, "RegionOne"),
    ({"auth_type": "v3oidcpassword"}, "v3oidcpassword"),
])  # fmt: skip
def test_what_is_wrong_with_a_cloud_is_said(clouds, watch, change, word):
    """At the start, or, where only Keystone knows it, on a line of the log."""
    every = yaml.safe_load(clouds.read_text())["clouds"]
    every["proxied"].update(change)
    control_plane.write_clouds(clouds, every)
    try:
        exporter = watch(change.get("name", "proxied"))
        exporter.scrape()
        said = exporter.log()
    except RuntimeError as error:
        said = str(error)
    assert word in said and control_plane.SECRET not in said
