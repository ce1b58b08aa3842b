# SPDX-License-Identifier: Apache-2.0
"""The status page of an exporter that reads a cloud and no libvirt, in a real browser."""

import pytest

import api_faults
import browser
import control_plane
import lab
from watch import failures

LISTS = """return Object.fromEntries([...document.querySelectorAll('#lists tr')].map(
    (row) => [...row.cells].map((cell) => cell.textContent)).map(([name, ...more]) => [name, more]))"""
TEXT = """const part = document.querySelector(arguments[0]);
    return part.checkVisibility() ? part.innerText : ''"""


@pytest.fixture(scope="module")
def chromium():
    with browser.chromium() as driver:
        yield driver


@pytest.fixture
def look(chromium):
    """Opens the page and gives the text of parts of it, "" for what is not shown."""

    def look(exporter):
        chromium.get(exporter.url)
        lab.wait_until(
            "the page has read",
            lambda: chromium.execute_script("return 'interval' in document.documentElement.dataset"),
        )
        return lambda part: chromium.execute_script(TEXT, part)

    return look


def test_page_has_each_list_with_its_items_and_age_and_nothing_of_libvirt(watch, chromium, look):
    exporter = watch()
    scrape = exporter.settled()
    text = look(exporter)
    lists = chromium.execute_script(LISTS)
    items = {
        f"{has['service']} {has['list']}": f"{value:,.0f}"
        for has, value in scrape.matching("virt_openstack_list_items")
    }
    assert {name: row[0] for name, row in lists.items()} == items
    assert {row[-1] for row in lists.values()} == {"ok"}
    assert all(row[1].endswith(" s") for row in lists.values())
    assert text("#services").split() == ["Keystone", "Neutron", "Nova"]
    assert "User admin, project admin, role" in text("#scope") and "sees all projects." in text("#scope")
    assert text("#openstack") == "OpenStack connected"
    assert text("#notice") == text("#libvirt") == text("#domains") == ""


def test_page_says_what_could_not_be_read_and_shows_no_secret(proxies, watch, chromium, look):
    exporter = watch()
    with proxies["neutron"].breaking(api_faults.status(500), "/floatingips"):
        lab.wait_until("it has failed", lambda: failures(exporter.scrape()) == {"neutron/floatingips": "status"})
        text = look(exporter)
        assert chromium.execute_script(LISTS)["neutron floatingips"][-1] == "status"
        assert text("#openstack") == "Neutron failing"
        assert text("#notice") == "Incomplete data: 1 list of OpenStack not read; pollster central.floatingip failed."
        assert control_plane.SECRET not in chromium.page_source
        assert not [token for token in proxies["keystone"].tokens if token in chromium.page_source]


def test_page_of_a_reader_says_that_lists_are_left_out(watch, look):
    exporter = watch("reader")
    exporter.settled()
    assert "does not see all projects, so incomplete lists are left out." in look(exporter)("#scope")
