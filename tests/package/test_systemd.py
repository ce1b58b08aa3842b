# SPDX-License-Identifier: Apache-2.0
"""The package under systemd itself: process 1 of a machine with polkit and libvirtd as Debian installs them."""

import json
import pathlib
import re
import subprocess
import time

import pytest

from debian import NAME, REPOSITORY, package, run

DROP_INS = f"/etc/systemd/system/{NAME}.service.d"
LISTEN = "--listen_address=127.0.0.1:9177"


class Machine:
    def __init__(self, shared):
        self.shared = shared
        with open(shared / "boot.log", "w", encoding="utf-8") as log:
            self.process = subprocess.Popen(
                [REPOSITORY / "tests/package/boot", shared], stdin=subprocess.DEVNULL, stdout=log, stderr=log
            )
        self.wait_until("systemd is up", lambda: self.try_run("systemctl", "is-active", "basic.target") == "active\n")

    def enter(self):
        unshare = self.process.pid
        (systemd,) = pathlib.Path(f"/proc/{unshare}/task/{unshare}/children").read_text().split()
        return ["nsenter", "--target", systemd, "--all", "--", "env", "-i", "LC_ALL=C.UTF-8",
                "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND=noninteractive"]

    def run(self, *command):
        return run(*self.enter(), *command, timeout=60)

    def try_run(self, *command):
        try:
            return self.run(*command)
        except (RuntimeError, OSError, ValueError):
            return ""

    def wait_until(self, what, condition, patience=60):
        end = time.monotonic() + patience
        while not condition():
            if self.process.poll() is not None or time.monotonic() > end:
                raise TimeoutError(f"{what}: {(self.shared / 'boot.log').read_text()[-2000:]}")
            time.sleep(0.1)

    def end(self):
        self.process.kill()  # and with it all that runs in it
        self.process.wait()
        for top in pathlib.Path("/sys/fs/cgroup").glob("**/virt-exporter-test"):
            for group in (*sorted(filter(pathlib.Path.is_dir, top.rglob("*")), reverse=True), top):
                remove(group)

    def write(self, path, text):
        (self.shared / "file").write_text(text)
        self.run("install", "-D", "-m", "600", "/shared/file", path)

    def drop_in(self, name, text=None):
        text = text or (REPOSITORY / "deploy/systemd" / name).read_text()
        self.write(f"{DROP_INS}/{name}", text)

    def restart(self, *flags):
        self.write(f"/etc/default/{NAME}", f'ARGS="{" ".join([LISTEN, *flags])}"\n')
        self.run("systemctl", "daemon-reload")
        self.run("systemctl", "reset-failed", NAME)  # systemd refuses more than five starts within ten seconds
        self.run("systemctl", "restart", NAME)  # returns when it serves, or fails

    def show(self, key):
        return self.run("systemctl", "show", "--property", key, "--value", NAME).strip()

    def process_status(self):
        return self.run("cat", f"/proc/{self.show('MainPID')}/status")

    def warnings(self):
        log = self.run("journalctl", "--unit", NAME, "--priority", "4..4", "--output", "json", "--no-pager")
        return [json.loads(line)["MESSAGE"] for line in log.splitlines()]

    def log(self):
        return self.run("journalctl", "--unit", NAME, "--output", "cat", "--no-pager", "--lines", "50")

    def release(self):
        """Debian's number; one that has none yet is later than all."""
        found = re.search(r'^VERSION_ID="(\d+)"', self.run("cat", "/etc/os-release"), re.MULTILINE)
        return int(found[1]) if found else 99

    def metrics(self, *options, scheme="http", host="localhost"):
        return self.run("curl", "-sSf", "--max-time", "30", *options, f"{scheme}://{host}:9177/metrics")


def remove(group, patience=20):
    """Removes a control group once its last process is gone."""
    end = time.monotonic() + patience
    while True:
        try:
            return group.rmdir()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


@pytest.fixture(scope="module")
def machine(tmp_path_factory):
    run(REPOSITORY / "tests/package/build")
    shared = tmp_path_factory.mktemp("shared")
    (shared / "exporter.deb").write_bytes(package(NAME).read_bytes())
    booted = Machine(shared)
    try:
        booted.run("systemctl", "start", "dbus", "polkit", "libvirtd")
        booted.run("dpkg", "--install", "/shared/exporter.deb")
        yield booted
    finally:
        booted.end()


@pytest.fixture(autouse=True)
def no_drop_ins(machine):
    yield
    machine.run("rm", "-rf", DROP_INS)


def families(text):
    return set(re.findall("^# TYPE (\\S+)", text, re.MULTILINE))


def test_installed_package_serves_and_is_enabled(machine):
    assert machine.run("systemctl", "is-enabled", NAME) == "enabled\n" and machine.show("ActiveState") == "active"
    assert "\nlibvirt_up 1\n" in machine.metrics()


def test_it_has_no_privilege_and_misses_none(machine):
    machine.restart()
    assert "\nlibvirt_up 1\n" in machine.metrics()  # polkit lets every user read whom libvirtd can resolve
    status = machine.process_status()
    user = re.search(r"^Uid:\s+(\d+)", status, re.MULTILINE)[1]
    assert 61184 <= int(user) <= 65519 and f"Groups:\t{user} \n" in status  # systemd's range of dynamic users
    assert "CapBnd:\t0000000000000000" in status and "NoNewPrivs:\t1" in status and "Seccomp:\t2" in status
    free = machine.run("virt_exporter", "--once")
    assert families(machine.metrics()) >= families(free)  # one that serves counts requests as well


def test_where_libvirtd_cannot_resolve_the_user_the_log_says_so_and_the_static_user_helps(machine):
    machine.run("sed", "-i.old", "/^\\(passwd\\|group\\):/s/ systemd//", "/etc/nsswitch.conf")
    try:
        machine.run("systemctl", "restart", "libvirtd")
        machine.restart()
        assert "\nlibvirt_up 0\n" in machine.metrics()
        assert "libvirtd must be able to resolve this process's uid and gid" in machine.warnings()[-1]
        drop_in = (REPOSITORY / "deploy/systemd/static-user.conf").read_text()
        (command,) = re.findall(r"^#   (adduser .*)$", drop_in, re.MULTILINE)
        machine.run(*command.split())
        machine.drop_in("static-user.conf")
        machine.restart()
        assert "\nlibvirt_up 1\n" in machine.metrics()
        assert machine.run("id", "-nG", "virt-exporter") == "virt-exporter\n"
    finally:
        machine.run("mv", "/etc/nsswitch.conf.old", "/etc/nsswitch.conf")
        machine.run("systemctl", "restart", "libvirtd")


def test_service_listens_on_ipv6_or_says_in_one_line_what_is_missing(machine):
    addresses = "--listen_address=127.0.0.1:9177,[::1]:9177"
    if machine.release() < 13:
        with pytest.raises(RuntimeError):
            machine.restart(addresses)
        assert "'[::1]:9177' needs IPv6, but this program's CivetWeb was built without it" in machine.log()
        machine.run("systemctl", "reset-failed", NAME)
        machine.restart()
        return
    machine.drop_in("watchdog.conf", "[Service]\nWatchdogSec=2s\n")
    machine.restart(addresses)
    time.sleep(5)
    for host in ("127.0.0.1", "[::1]"):
        assert "\nlibvirt_up 1\n" in machine.metrics("-g", host=host)
    assert machine.show("NRestarts") == "0"


def test_tls_key_is_roots_and_systemd_hands_it_over(machine):
    text = (REPOSITORY / "deploy/systemd/tls.conf").read_text()
    (flag,) = re.findall(r"--web_config_file=\S+", text)
    machine.write("/etc/prometheus-virt-exporter/web.yml",
                  "tls_server_config: {cert_file: tls.crt, key_file: tls.key}\n")
    folder = "/etc/prometheus-virt-exporter"
    machine.run("chmod", "700", folder)
    machine.run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-days", "1", "-subj", "/CN=it", "-addext", "subjectAltName=DNS:localhost",
                "-keyout", f"{folder}/tls.key", "-out", f"{folder}/tls.crt")
    machine.drop_in("tls.conf")
    machine.restart(flag)
    assert "\nlibvirt_up 1\n" in machine.metrics("--cacert", f"{folder}/tls.crt", scheme="https")
    with pytest.raises(RuntimeError, match="certificate"):
        machine.metrics(scheme="https")
    with pytest.raises(RuntimeError):
        machine.metrics()


def test_watchdog_restarts_it_when_it_hangs_and_only_then(machine):
    machine.drop_in("watchdog.conf", "[Service]\nWatchdogSec=2s\n")
    machine.restart()
    process = machine.show("MainPID")
    time.sleep(5)
    assert machine.show("MainPID") == process
    machine.run("kill", "-STOP", process)
    machine.wait_until("another process serves",
                       lambda: machine.show("ActiveState") == "active" and machine.show("MainPID") not in ("0", process))
    assert "\nlibvirt_up 1\n" in machine.metrics()


def test_it_is_little_exposed(machine):
    shown = machine.run("systemd-analyze", "security", "--no-pager", f"{NAME}.service")
    assert float(re.search(r"exposure level .*: ([\d.]+)", shown)[1]) <= 2.0


def test_removed_it_runs_no_more(machine):
    machine.restart()
    machine.run("dpkg", "--remove", NAME)
    assert machine.try_run("systemctl", "is-active", NAME) == "" and machine.show("MainPID") == "0"
