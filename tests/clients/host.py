# SPDX-License-Identifier: Apache-2.0
"""A host with one guest, within tests/lab/enter: says "ready" on standard output and is there until standard input ends."""

import sys

import guests

guests.boot_sector_guest("boot-sector")
print("ready", flush=True)
sys.stdin.read()
