# SPDX-License-Identifier: Apache-2.0
"""The images below a disk's, which come with --backing_chain alone."""

import pytest

import lab
from exporter import Exporter

BACKING, BLOCK = "libvirt_domain_block_backing_", "libvirt_domain_block_stats_"


@pytest.fixture(scope="module")
def scrape(host):
    with Exporter("--backing_chain") as exporter:
        yield exporter.scrape()


def test_image_below_is_told_as_virsh_tells_it(scrape):
    stats = lab.parse_domstats(lab.virsh("domstats", "--raw", "--block", "--backing", "chain"))["chain"]
    assert (stats["block.count"], stats["block.1.name"]) == ("2", "vda")
    where = {"domain": "chain", "target_device": "vda", "backing_index": stats["block.1.backingIndex"]}
    for size in ("allocation", "capacity", "physical"):
        assert scrape.value(f"{BACKING}{size}_bytes", **where) == float(stats[f"block.1.{size}"]), size
    ((labels, _),) = scrape.matching(BACKING + "info", domain="chain")
    assert labels["source_file"] == stats["block.1.path"] == "/var/lib/libvirt/images/chain-base.img"


@pytest.mark.since(11, 10)
def test_image_below_has_limits_of_its_own(scrape):
    stats = lab.parse_domstats(lab.virsh("domstats", "--raw", "--block", "--backing", "chain"))["chain"]
    where = {"domain": "chain", "target_device": "vda", "backing_index": stats["block.1.backingIndex"]}
    limit = stats["block.1.limits.request_alignment"]
    assert scrape.value(BACKING + "limits_request_alignment_bytes", **where) == float(limit)


def test_disk_itself_is_there_once_and_is_the_image_on_top(scrape, exporter):
    ((labels, value),) = scrape.matching(BLOCK + "capacity_bytes", domain="chain")
    assert labels == {"domain": "chain", "target_device": "vda"}
    assert value == exporter.scrape().value(BLOCK + "capacity_bytes", **labels)


def test_without_the_flag_there_is_none(exporter):
    assert not [series for series in exporter.scrape().samples if series[0].startswith(BACKING)]
