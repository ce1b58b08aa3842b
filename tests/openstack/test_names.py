# SPDX-License-Identifier: Apache-2.0
"""Names are what their owners like, and what broken databases have: the exposition stays well-formed, and all else is
said."""

import pytest

import api_faults
from watch import failures, without, without_usage

NAMES = {
    "10 KB": "n" * 10240,
    "10 KB of four bytes each": "🦖" * 2560,
    "control characters": "a\x00b\x01c\x07d\x1b[31me\x7ff",
    "lines": "one\ntwo\r\nthree\u2028four\x85five",
    "quotes": 'a"b\\c\\"d\\',
    "metric": 'x"} 1\nopenstack_neutron_networks 99\n# HELP',
    "directions": "\u202eright to left\u200b\ufeff",
    "markup": "<script>alert(1)</script>",
    "empty": "",
}


@pytest.mark.parametrize("name", NAMES.values(), ids=NAMES.keys())
def test_networks_servers_and_projects_may_have_any_name(plane, truth, watch, name):
    changes = [
        ("neutron", "UPDATE networks SET name = ? WHERE name = 'full-net'"),
        ("nova", "UPDATE instances SET display_name = ? WHERE display_name = 'shop-web-1'"),
        ("keystone", "UPDATE project SET description = ? WHERE name = 'empty'"),
    ]
    with plane.reverted("neutron", "nova", "keystone"):
        for database, statement in changes:
            with plane.database(database) as connection:
                assert connection.execute(statement, [name]).rowcount == 1
        scrape = watch().settled()
    assert failures(scrape) == {}
    said = without_usage(scrape)
    assert unnamed(said) == unnamed(truth)
    assert_is_shown(name, {label for _, labels in said for _, label in labels})


def unnamed(series):
    """The series without the labels that were changed, as sorted text."""
    changed = ("name", "network_name", "description")
    return sorted(f"{family} {sorted(label for label in labels if label[0] not in changed)} {value}"
                  for (family, labels), value in series.items())  # fmt: skip


def assert_is_shown(name, labels):
    """As it is, or as its beginning, if it is long."""
    begin = name[:40] if len(name) > 256 else name
    assert any(label.startswith(begin) for label in labels)
    assert max(len(label.encode()) for label in labels) < 400


@pytest.mark.parametrize("raw", [b"\xff\xfe\x00", b"\xc3\x28", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\\ud800"],
                         ids=["no UTF-8", "half a letter", "surrogate", "beyond", "escaped surrogate"])  # fmt: skip
def test_bytes_that_are_not_utf_8_spoil_at_most_their_list(truth, proxies, watch, raw):
    with proxies["neutron"].breaking(api_faults.rewritten(b'"shop-router"', b'"shop-' + raw + b'router"'), "/routers"):
        scrape = watch().settled()  # a strict reader, which takes UTF-8 only
    assert failures(scrape).keys() <= {"neutron/routers"}
    assert without(truth, "openstack_neutron_router").items() - without_usage(scrape).items() == set()


def test_secrets_in_payloads_are_not_said(proxies, watch):
    """What the exporter was not looking for is not in its answers, whatever it is called."""
    hidden = b'"psk": "hidden-secret", "password": "hidden-secret", "name": '
    with (
        proxies["neutron"].breaking(api_faults.rewritten(b'"name": ', hidden)),
        proxies["nova"].breaking(api_faults.rewritten(b'"name": ', b'"adminPass": "hidden-secret", "name": ')),
    ):
        exporter = watch("proxied", "--log_level=debug")
        exporter.settled()
        assert b"hidden-secret" not in exporter.scrape_bytes() + exporter.log().encode()


def test_numbers_beyond_64_bits_are_numbers(watch):
    """An IPv6 subnet has more addresses than 64 bits count."""
    scrape = watch("admin").settled()
    totals = [value for labels, value in scrape.matching("openstack_neutron_network_ip_availabilities_total")
              if labels["cidr"] == "2001:db8::/64"]  # fmt: skip
    assert totals == [pytest.approx(2.0**64, rel=1e-9)]
