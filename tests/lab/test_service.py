# SPDX-License-Identifier: Apache-2.0
"""The systemd unit's own command line, as another user, with a service manager that is this test."""

import ctypes
import os
import pathlib
import re
import shlex
import signal
import socket
import subprocess

import pytest

import lab
from exporter import REPOSITORY, free_port, readable_copy

UNIT = REPOSITORY / "deploy/systemd/prometheus-virt-exporter.service"
NOBODY = 65534
PERIOD = 0.9  # seconds that this service manager waits for a sign of life

SEIZE, INTERRUPT, DETACH = 0x4206, 0x4207, 17
libc = ctypes.CDLL(None, use_errno=True)


def command_line(arguments):
    """ExecStart of the unit, as systemd would run it with these ARGS."""
    (command,) = re.findall(r"^ExecStart=(.*)$", UNIT.read_text(), re.MULTILINE)
    program, *words = shlex.split(command.replace("$ARGS", arguments))
    assert program == "/usr/bin/virt_exporter"
    return [readable_copy(), *words]


class Service:
    """The service under a manager that listens to it."""

    def __init__(self, tmp_path):
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(tmp_path / "notify"))
        os.chmod(tmp_path / "notify", 0o777)
        for folder in (tmp_path, *tmp_path.parents[:3]):
            os.chmod(folder, 0o755)
        self.port = free_port()
        unprivileged = ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--clear-groups"]
        self.process = subprocess.Popen(
            ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", *unprivileged, "--",
             *command_line(f"--listen_address=127.0.0.1:{self.port}")],
            env={"NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": str(int(PERIOD * 1e6))},
            stderr=subprocess.DEVNULL,
        )

    def message(self, patience):
        """The next message, or None if none comes for so long."""
        self._socket.settimeout(patience)
        try:
            return self._socket.recv(1000).decode()
        except TimeoutError:
            return None

    def petted(self, patience=20):
        """Whether a sign of life is given from now on."""
        while self.message(0.001):
            pass
        return self.message(patience) == "WATCHDOG=1"

    def threads(self, name):
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task").iterdir()
        return [int(task.name) for task in tasks if (task / "comm").read_text().strip() == name]


class Stopped:
    """Threads of another process that stand still as long as this lasts."""

    def __init__(self, threads):
        self._threads = threads

    def __enter__(self):
        for thread in self._threads:
            assert libc.ptrace(SEIZE, thread, 0, 0) == 0, os.strerror(ctypes.get_errno())
            assert libc.ptrace(INTERRUPT, thread, 0, 0) == 0
            os.waitpid(thread, 0x40000000)  # __WALL: also of threads

    def __exit__(self, *_):
        for thread in self._threads:
            assert libc.ptrace(DETACH, thread, 0, 0) == 0


@pytest.fixture
def service(host, tmp_path):
    running = Service(tmp_path)
    yield running
    running.process.kill()
    running.process.wait()


def test_service_says_when_it_serves_and_when_it_ends(service):
    assert service.message(20) == "READY=1"
    subprocess.run(["curl", "-sSf", f"http://127.0.0.1:{service.port}/metrics"], check=True, stdout=subprocess.DEVNULL)
    service.process.send_signal(signal.SIGTERM)
    messages = iter(lambda: service.message(20), "STOPPING=1")
    assert set(messages) <= {"WATCHDOG=1"}
    assert service.process.wait(20) == 0


def test_service_runs_as_the_other_user_with_no_privilege_and_reads_libvirt(service):
    assert service.message(20) == "READY=1"
    status = pathlib.Path(f"/proc/{service.process.pid}/status").read_text()
    assert f"Uid:\t{NOBODY}\t" in status and "CapBnd:\t0000000000000000" in status and "Groups:\t \n" in status
    metrics = subprocess.run(
        ["curl", "-sSf", f"http://127.0.0.1:{service.port}/metrics"], check=True, capture_output=True, text=True
    )
    assert "\nlibvirt_up 1\n" in metrics.stdout


def test_libvirtd_that_hangs_costs_the_service_no_sign_of_life(service):
    assert service.message(20) == "READY=1"
    libvirtd = lab.libvirtd_pid()
    os.kill(libvirtd, signal.SIGSTOP)
    try:
        curl = ["curl", "-sSf", "--max-time", "30", f"http://127.0.0.1:{service.port}/metrics"]
        scrape = subprocess.Popen(curl, stdout=subprocess.PIPE, text=True)
        signs = 0
        while scrape.poll() is None:
            signs += service.petted()
        assert "\nlibvirt_up 0\n" in scrape.stdout.read() and signs > 5
    finally:
        os.kill(libvirtd, signal.SIGCONT)


@pytest.mark.parametrize("name", ["civetweb-master", "civetweb-worker", "reader"])
def test_service_whose_thread_is_blocked_is_no_longer_petted(service, name):
    assert service.message(20) == "READY=1" and service.petted()
    threads = service.threads(name)
    assert threads
    with Stopped(threads):
        lab.wait_until("no sign of life for two periods", lambda: not service.message(2 * PERIOD))
    assert service.petted()
    assert service.process.poll() is None
