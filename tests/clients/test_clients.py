# SPDX-License-Identifier: Apache-2.0
"""The exporter of one Debian, with its libvirt library, reads the libvirtd of another as its own exporter does: a
container of one release on a host of the other.

    tests/run build-release build-release@trixie clients
"""

import contextlib
import pathlib
import re
import subprocess

import pytest

import exposition

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
RELEASES = ("bookworm", "trixie")
# What an exporter whose library is older than the daemon has no call for.
UNKNOWN_TO = {"bookworm": {"libvirt_domain_autostart_once"}, "trixie": set()}
SOCKET = "/run/libvirt/libvirt-sock-ro"


def on(release, *command):
    return [REPOSITORY / "tests/debian/enter", release, *command]


def descendants(pid):
    for task in pathlib.Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text().split():
            yield child
            yield from descendants(child)


def first_of_its_namespace(pid):
    return re.search(r"^NSpid:(\t\d+)*\t1$", pathlib.Path(f"/proc/{pid}/status").read_text(), re.MULTILINE)


@contextlib.contextmanager
def host(release):
    """A host of that release with a guest. Gives the path of libvirtd's socket, as all others see it."""
    command = on(release, "tests/lab/enter", "env", "PYTHONPATH=tests/lab", "/usr/bin/python3", "tests/clients/host.py")
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout.readline() == "ready\n"
            (lab,) = filter(first_of_its_namespace, descendants(process.pid))
            yield f"/proc/{lab}/root{SOCKET}"
        finally:
            process.stdin.close()


def scrape(release, socket):
    """What the exporter of a release says of the libvirtd behind a socket."""
    uri = f"--libvirt_uri=qemu+unix:///system?socket={socket}"
    done = subprocess.run(on(release, "build/release/virt_exporter", "--once", uri), capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return exposition.parse(done.stdout)


@pytest.mark.parametrize("daemon, client", [RELEASES, RELEASES[::-1]])
def test_exporter_of_another_release_says_what_the_daemon_s_own_says(daemon, client):
    with host(daemon) as socket:
        own, other = scrape(daemon, socket), scrape(client, socket)
    assert other.value("libvirt_up") == 1
    assert versions(own)["libvirt_library"] == versions(own)["libvirtd_running"]
    assert versions(other)["libvirtd_running"] == versions(own)["libvirtd_running"]
    assert versions(other)["libvirt_library"] != versions(own)["libvirt_library"]
    assert len(own.of_domain("boot-sector")) > 30
    assert other.of_domain("boot-sector") - own.of_domain("boot-sector") == set()
    assert {name for name, _ in own.of_domain("boot-sector") - other.of_domain("boot-sector")} == UNKNOWN_TO[client]
    assert {name: kind for name, kind in own.types.items() if name not in UNKNOWN_TO[client]} == other.types


def versions(scrape):
    ((labels, _),) = scrape.matching("libvirt_versions_info")
    return labels
