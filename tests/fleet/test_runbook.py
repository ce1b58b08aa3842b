# SPDX-License-Identifier: Apache-2.0
"""The runbook's commands that only look are ones that libvirt's read-only connection knows and allows."""

import re
import shlex

import pytest

import lab
from exporter import REPOSITORY

RUNBOOK = (REPOSITORY / "deploy/rules/RUNBOOK.md").read_text()
LOOKS = sorted({found.strip() for found in re.findall(r"virsh -r ([a-z][^|;)`#>\n]*)", RUNBOOK) if "$" not in found})
LOOKS.remove("schedinfo DOMAIN")  # asks a cgroup, and the lab has none
KNOWN = sorted(set(re.findall(r"virsh (?:-r )?([a-z][a-z-]+)", RUNBOOK)))
ADMINISTERS = sorted(set(re.findall(r"virt-admin ([a-z][a-z-]+)", RUNBOOK)))


@pytest.mark.parametrize("command", LOOKS)
def test_command_that_looks_may_look(fleet, command):
    (card,) = [word for word in lab.virsh("domiflist", "web").split() if word.startswith("vnet")]
    names = {"DOMAIN": "web", "POOL": "images", "vnet0": card, "{}": "web"}
    words = [names.get(word, word) for word in shlex.split(command)]
    lab.virsh("--readonly", *words)


@pytest.mark.parametrize("command", KNOWN)
def test_command_is_known(command):
    assert lab.run("virsh", "help", command)


@pytest.mark.parametrize("command", ADMINISTERS)
def test_command_of_the_administrator_is_known(command):
    assert lab.run("virt-admin", "help", command)
