# SPDX-License-Identifier: Apache-2.0
"""A host with 100 real guests, and an exporter that watches it.

    tests/lab/enter /usr/bin/python3 -m pytest tests/crowd
"""

import os
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))

import guests  # noqa: E402
import lab  # noqa: E402
from exporter import Exporter  # noqa: E402

BRIDGE = "crowdbr0"


@pytest.fixture(scope="session")
def names():
    assert os.environ.get("LAB_INSIDE") == "yes", "these tests freeze guests: run them with tests/lab/enter"
    lab.make_bridge(BRIDGE, "192.168.78.1/24")
    return guests.many(int(os.environ.get("CROWD", "100")), prefix="crowd", bridge=BRIDGE)


@pytest.fixture
def exporter(names):
    with Exporter() as running:
        yield running
