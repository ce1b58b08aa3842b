# SPDX-License-Identifier: Apache-2.0
"""Control groups, as each real host has them: the lab has none. LXC starts nothing without them, and libvirt knows the CPU
time of a guest of QEMU from them, to the nanosecond and without its monitor."""

import contextlib
import os
import pathlib
import re

import lab

GROUPS = pathlib.Path("/sys/fs/cgroup")


@contextlib.contextmanager
def mounted():
    """Mounts control groups for guests that start meanwhile, and leaves none behind: they would outlive the lab."""
    hierarchies = re.findall(r"^[0-9]+:([a-z_,]+):", pathlib.Path("/proc/self/cgroup").read_text(), re.MULTILINE)
    GROUPS.mkdir(exist_ok=True)  # the lab hides what is in /sys/fs once it has resctrl
    mounts = [GROUPS / hierarchy for hierarchy in hierarchies]
    if mounts:  # version 1: one file system for each
        lab.run("mount", "-t", "tmpfs", "lab", str(GROUPS))
        for mount in mounts:
            mount.mkdir()
            lab.run("mount", "-t", "cgroup", "-o", mount.name, "cgroup", str(mount))
    else:
        lab.run("mount", "-t", "cgroup2", "cgroup2", str(GROUPS))
    try:
        yield
    finally:
        for mount in mounts or [GROUPS]:
            with contextlib.suppress(OSError):
                os.rmdir(mount / "machine")
        lab.run("umount", "--recursive", "--lazy", str(GROUPS))
