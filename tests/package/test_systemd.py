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
CENTRAL = f"{NAME}@central"
SECRET = "secret-of-the-cloud"
CLOUDS = f"""clouds:
  admin:
    auth: {{auth_url: "http://127.0.0.1:5000/v3", username: admin, password: {SECRET}, project_name: admin,
           user_domain_name: Default, project_domain_name: Default}}
"""


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

    def show(self, key, unit=NAME):
        return self.run("systemctl", "show", "--property", key, "--value", unit).strip()

    def process_status(self, unit=NAME):
        return self.run("cat", f"/proc/{self.show('MainPID', unit)}/status")

    def warnings(self):
        log = self.run("journalctl", "--unit", NAME, "--priority", "4..4", "--output", "json", "--no-pager")
        return [json.loads(line)["MESSAGE"] for line in log.splitlines()]

    def log(self):
        return self.run("journalctl", "--unit", NAME, "--output", "cat", "--no-pager", "--lines", "50")

    def release(self):
        """Debian's number; one that has none yet is later than all."""
        found = re.search(r'^VERSION_ID="(\d+)"', self.run("cat", "/etc/os-release"), re.MULTILINE)
        return int(found[1]) if found else 99

    def metrics(self, *options, scheme="http", host="localhost", port=9177):
        return self.run("curl", "-sSf", "--max-time", "30", *options, f"{scheme}://{host}:{port}/metrics")


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


def is_unprivileged(status):
    user = re.search(r"^Uid:\s+(\d+)", status, re.MULTILINE)[1]
    facts = (f"Groups:\t{user} \n", "CapBnd:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2")
    return 61184 <= int(user) <= 65519 and all(fact in status for fact in facts)  # systemd's range of dynamic users


def test_it_has_no_privilege_and_misses_none(machine):
    machine.restart()
    assert "\nlibvirt_up 1\n" in machine.metrics()  # polkit lets every user read whom libvirtd can resolve
    assert is_unprivileged(machine.process_status())
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


@pytest.mark.parametrize("unit", [NAME, CENTRAL])
def test_it_is_little_exposed(machine, unit):
    shown = machine.run("systemd-analyze", "security", "--no-pager", f"{unit}.service")
    assert float(re.search(r"exposure level .*: ([\d.]+)", shown)[1]) <= 2.0


# ---- The role of a control plane -------------------------------------------------------------------------------


@pytest.fixture
def cloud(machine):
    (machine.shared / "small_cloud.py").write_bytes((REPOSITORY / "tests/package/small_cloud.py").read_bytes())
    machine.run("systemd-run", "--unit=cloud", "python3", "/shared/small_cloud.py", "5000", SECRET)
    machine.write("/etc/openstack/clouds.yaml", CLOUDS)
    machine.run("chmod", "700", "/etc/openstack")
    yield machine
    machine.run("systemctl", "stop", "cloud")
    for command in ("stop", "reset-failed"):
        machine.try_run("systemctl", command, CENTRAL)  # systemd refuses more than five starts within ten seconds


def test_control_plane_is_watched_as_the_package_comes_beside_libvirt_or_without_it(cloud):
    assert cloud.try_run("systemctl", "is-active", CENTRAL) == ""  # until somebody wants it
    cloud.restart()
    cloud.run("systemctl", "enable", "--now", CENTRAL)
    text = cloud.metrics(port=9180)
    assert "\nopenstack_neutron_floating_ips 1\n" in text and 'floating_ip_address="203.0.113.7"' in text
    assert "libvirt_up" not in text and "\nlibvirt_up 1\n" in cloud.metrics()
    cloud.run("systemctl", "disable", "--now", NAME)
    try:
        assert "\nopenstack_neutron_floating_ips 1\n" in cloud.metrics(port=9180)
    finally:
        cloud.run("systemctl", "enable", "--now", NAME)


def test_role_of_a_control_plane_has_no_privilege_and_no_libvirt(cloud):
    cloud.run("systemctl", "start", CENTRAL)
    assert is_unprivileged(cloud.process_status(CENTRAL))
    root = f"/proc/{cloud.show('MainPID', CENTRAL)}/root"
    assert "libvirt-sock" in cloud.run("ls", "/run/libvirt")
    for hidden in ("/run/libvirt", "/etc/libvirt", "/var/lib/libvirt"):
        assert cloud.run("stat", "--format=%a", f"{root}{hidden}") == "0\n" and cloud.run("ls", f"{root}{hidden}") == ""


def test_secret_of_the_cloud_is_roots_and_only_the_exporter_gets_it(cloud):
    cloud.run("systemctl", "start", CENTRAL)
    page = cloud.metrics(port=9180) + cloud.run("curl", "-sSf", "http://localhost:9180/")
    process = cloud.show("MainPID", CENTRAL)
    known = [cloud.run("sh", "-c", f"tr '\\0' '\\n' </proc/{process}/{file}") for file in ("environ", "cmdline")]
    log = cloud.run("journalctl", "--unit", CENTRAL, "--output", "cat", "--no-pager")
    assert not [text for text in (page, log, *known, cloud.run("systemctl", "show", CENTRAL)) if SECRET in text]
    (copy,) = re.findall(r"^OS_CLIENT_CONFIG_FILE=(.*)$", known[0], re.MULTILINE)
    assert cloud.run("stat", "--format=%a", copy) in ("400\n", "440\n")
    with pytest.raises(RuntimeError, match="Permission denied"):
        cloud.run("setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", "cat", copy)


def test_new_password_is_used_after_a_restart_and_a_wrong_one_leaves_a_page_that_says_so(cloud):
    cloud.write("/etc/openstack/clouds.yaml", CLOUDS.replace(SECRET, "wrong"))
    cloud.run("systemctl", "restart", CENTRAL)
    assert 'reason="login"' in cloud.metrics(port=9180)
    cloud.write("/etc/openstack/clouds.yaml", CLOUDS)
    cloud.run("systemctl", "restart", CENTRAL)
    assert "\nopenstack_neutron_floating_ips 1\n" in cloud.metrics(port=9180)


def test_without_clouds_yaml_the_role_does_not_start_and_systemd_says_why(cloud):
    cloud.run("rm", "/etc/openstack/clouds.yaml")
    with pytest.raises(RuntimeError):
        cloud.run("systemctl", "start", CENTRAL)
    assert "CREDENTIALS" in cloud.run("journalctl", "--unit", CENTRAL, "--no-pager")


def test_removed_it_runs_no_more(cloud):
    cloud.restart()
    cloud.run("systemctl", "start", CENTRAL)
    cloud.run("dpkg", "--remove", NAME)
    for unit in (NAME, CENTRAL):
        assert cloud.try_run("systemctl", "is-active", unit) == "" and cloud.show("MainPID", unit) == "0"
