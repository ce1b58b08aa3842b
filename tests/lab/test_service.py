# SPDX-License-Identifier: Apache-2.0
"""The systemd unit's own command line, as another user, with a service manager that is this test."""

import ctypes
import os
import pathlib
import re
import shlex
import shutil
import signal
import socket
import subprocess

import pytest

import lab
from exporter import REPOSITORY, free_port, readable_copy

UNIT = REPOSITORY / "deploy/systemd/prometheus-virt-exporter.service"
TLS = REPOSITORY / "deploy/systemd/tls.conf"
CREDENTIALS = pathlib.Path("/run/credentials/prometheus-virt-exporter.service")
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

    def __init__(self, tmp_path, flags=""):
        tmp_path.mkdir(exist_ok=True)
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self._socket.bind(str(tmp_path / "notify"))
        os.chmod(tmp_path / "notify", 0o777)
        for folder in (tmp_path, *tmp_path.parents[:3]):
            os.chmod(folder, 0o755)
        self.port = free_port()
        unprivileged = ["--no-new-privs", "--bounding-set=-all", "--inh-caps=-all", "--clear-groups"]
        command = command_line(f"--listen_address=127.0.0.1:{self.port} {flags}")
        self.process = subprocess.Popen(
            ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", *unprivileged, "--",
             *command],
            env={"LD_LIBRARY_PATH": str(command[0].parent), "NOTIFY_SOCKET": str(tmp_path / "notify"), "WATCHDOG_USEC": str(int(PERIOD * 1e6))},
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

    def curl(self, *options, scheme="http"):
        command = ["curl", "-sSf", "--max-time", "30", *options, f"{scheme}://localhost:{self.port}/metrics"]
        return subprocess.run(command, capture_output=True, text=True)

    def end(self):
        self.process.kill()
        self.process.wait()

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
    running.end()


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


# ---- TLS by the drop-in ------------------------------------------------------------------------------------------


def make_certificate(folder, name):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", f"/CN={name}", "-addext", "subjectAltName=DNS:localhost",
         "-keyout", folder / "tls.key", "-out", folder / "tls.crt"],
        check=True, capture_output=True,
    )


def load_credentials(folder):
    """What systemd makes of LoadCredential=: copies that the service's user alone can read, in a directory of its own.

    `folder` is where the drop-in's /etc/prometheus-virt-exporter lies here.
    """
    loaded = re.findall(r"^LoadCredential=(.*):(.*)$", TLS.read_text(), re.MULTILINE)
    shutil.rmtree(CREDENTIALS, ignore_errors=True)
    CREDENTIALS.mkdir(parents=True)
    for name, path in loaded:
        (CREDENTIALS / name).write_bytes((folder / pathlib.Path(path).name).read_bytes())
        os.chmod(CREDENTIALS / name, 0o400)
        os.chown(CREDENTIALS / name, NOBODY, NOBODY)
    os.chmod(CREDENTIALS, 0o500)
    os.chown(CREDENTIALS, NOBODY, NOBODY)


@pytest.fixture
def secrets(tmp_path):
    """The files of an administrator, which root alone can read."""
    folder = tmp_path / "etc"
    folder.mkdir(mode=0o700)
    make_certificate(folder, "first")
    (folder / "web.yml").write_text("tls_server_config: {cert_file: tls.crt, key_file: tls.key}\n")
    for file in folder.iterdir():
        file.chmod(0o600)
    load_credentials(folder)
    return folder


def test_service_has_its_tls_key_from_systemd(host, tmp_path, secrets):
    (flags,) = re.findall(r"--web_config_file=\S+", TLS.read_text())
    for file in ("web.yml", "tls.crt", "tls.key"):  # so the service reads systemd's copies or nothing
        read = subprocess.run(["cat", secrets / file], user=NOBODY, group=NOBODY, extra_groups=[], capture_output=True)
        assert b"Permission denied" in read.stderr
    service = Service(tmp_path, flags)
    try:
        assert service.message(20) == "READY=1"
        trusted = ["--cacert", secrets / "tls.crt"]
        assert "\nlibvirt_up 1\n" in service.curl(*trusted, scheme="https").stdout
        assert service.curl(scheme="https").returncode == 60  # nobody has vouched for it
        assert service.curl().returncode != 0
        assert service.petted() and service.petted()
        make_certificate(secrets, "second")
        assert "\nlibvirt_up 1\n" not in service.curl(*trusted, scheme="https").stdout  # until a restart
    finally:
        service.end()
    load_credentials(secrets)
    service = Service(tmp_path / "again", flags)
    try:
        assert service.message(20) == "READY=1"
        assert "\nlibvirt_up 1\n" in service.curl(*trusted, scheme="https").stdout
    finally:
        service.end()
