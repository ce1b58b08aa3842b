# SPDX-License-Identifier: Apache-2.0
"""The lab's libvirtd, as virsh and the process table show it: commands, raw statistics, and what can go wrong.

Everything here works on the libvirtd that tests/lab/enter started, never on the host's.
"""

import contextlib
import functools
import os
import pathlib
import re
import signal
import subprocess
import time

URI = "qemu:///system"
GROUPS = (
    "state", "cpu-total", "balloon", "vcpu", "interface", "block", "perf", "iothread", "memory", "dirtyrate", "vm",
)  # fmt: skip


def run(*command, check=True):
    """Runs a command and gives its standard output; what it said on standard error is in the failure."""
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=120)
    if check and done.returncode != 0:
        raise RuntimeError(f"{' '.join(command)[:200]} ended with {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def virsh(*args, check=True):
    return run("virsh", "-q", "-c", URI, *args, check=check)


@functools.cache
def libvirt_version():
    """The daemon's version, as (9, 0, 0)."""
    said = re.search(r"Running against daemon: (\d+)\.(\d+)\.(\d+)", virsh("version", "--daemon"))
    return tuple(int(part) for part in said.groups())


def wait_until(what, condition, timeout=30):
    """Polls until the condition holds and gives what it returned: a busy machine needs longer, never a longer sleep."""
    end = time.monotonic() + timeout
    while True:
        result = condition()
        if result:
            return result
        if time.monotonic() > end:
            raise TimeoutError(f"not within {timeout} s: {what}")
        time.sleep(0.05)


def domstats_raw(*groups, domains=()):
    """Gives `virsh domstats --raw` as {domain: {key: text}}, in libvirt's units; all groups unless some are named."""
    return parse_domstats(virsh("domstats", "--raw", *(f"--{group}" for group in groups or GROUPS), *domains))


def parse_domstats(text):
    stats, keys = {}, {}
    for line in text.splitlines():
        if domain := re.fullmatch(r"Domain: '(.*)'", line):
            keys = stats.setdefault(domain[1], {})
        elif line.startswith("  "):
            key, _, value = line.strip(" ").partition("=")
            keys[key] = value
    return stats


# ---- Guests from outside ---------------------------------------------------------------------------------------


def qemu_pid(domain):
    return int(pathlib.Path(f"/run/libvirt/qemu/{domain}.pid").read_text())


@contextlib.contextmanager
def frozen(*domains):
    """Stops the guests' QEMU processes, so that their monitors do not answer. Always thaws: libvirt cannot destroy a
    frozen guest, and calls that wait for one hold a worker of libvirtd."""
    pids = [qemu_pid(domain) for domain in domains]
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


@contextlib.contextmanager
def stopped(pid):
    """Stops a process for a while."""
    os.kill(pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


def kill_guest(domain):
    """Lets a guest's QEMU die as by a crash or the kernel's memory killer, and waits until libvirt has noticed."""
    os.kill(qemu_pid(domain), signal.SIGKILL)
    wait_until(f"{domain} is shut off", lambda: virsh("domstate", domain).startswith("shut off"))


def make_bridge(name, address):
    """A bridge for the guests' network cards, with the host at `address`. No IPv6: it would send packets of its own."""
    run("ip", "link", "add", name, "type", "bridge")
    pathlib.Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6").write_text("1")
    run("ip", "address", "add", address, "dev", name)
    run("ip", "link", "set", name, "up")


# ---- libvirtd ----------------------------------------------------------------------------------------------------


def libvirtd_pid():
    return int(pathlib.Path("/run/libvirtd.pid").read_text())


def stop_libvirtd(sign=signal.SIGTERM):
    """Ends the daemon (SIGKILL: without a last word to its clients); the guests go on."""
    pid = libvirtd_pid()
    os.kill(pid, sign)
    wait_until("libvirtd ends", lambda: not alive(pid))


def start_libvirtd():
    run("libvirtd", "-d")
    wait_until("libvirtd answers", lambda: virsh("uri", check=False))


def cpu_seconds(pid):
    """CPU time that a process, with all threads that it ever had, has used: its CPU clock, clock_getcpuclockid(3)."""
    return time.clock_gettime((~pid) << 3 | 2)


def alive(pid):
    """Whether a process is there, and be it as a zombie: of one with threads, some may still hold its sockets."""
    return os.path.exists(f"/proc/{pid}")
