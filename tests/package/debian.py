# SPDX-License-Identifier: Apache-2.0
"""A Debian of its own for a test, of this machine's release: a bare one, and what the test does to it, which goes with it.

Runs in a mount namespace of its own: unshare --mount /usr/bin/python3 -m pytest tests/package
"""

import contextlib
import os
import pathlib
import platform
import re
import shutil
import socket
import subprocess
import tempfile
import time
import urllib.request

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BUILD = REPOSITORY / "build/package"
RELEASE = platform.freedesktop_os_release()["VERSION_CODENAME"]
NAME = "prometheus-virt-exporter"
NOBODY = 65534


def run(*command, timeout=600, **options):
    """Runs a command and gives its standard output; both outputs are in the failure."""
    done = subprocess.run(command, capture_output=True, text=True, stdin=subprocess.DEVNULL, timeout=timeout, **options)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(map(str, command))[:300]} ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return done.stdout


def package(name):
    (found,) = BUILD.glob(f"{name}_*.deb")
    return found


def bare(release=RELEASE):
    """Makes a Debian with nothing but apt, once, and gives its root directory, which tests only read."""
    root = BUILD / release
    run(REPOSITORY / "tests/debian/make_root", release, root)
    return root


class Debian:
    """A root over those below it, the lowest of which is a bare one. What is written stays in memory."""

    def __init__(self, below=()):
        self._memory = pathlib.Path(tempfile.mkdtemp())
        run("mount", "-t", "tmpfs", "-o", "mode=755", NAME, self._memory)
        self.layers = [self._memory / "upper", *below]
        self.root = self._memory / "root"
        for folder in ("upper", "work", "root"):
            (self._memory / folder).mkdir()
        lower = ":".join(map(str, [*below, bare()]))
        run("mount", "-t", "overlay", "-o", f"lowerdir={lower},upperdir={self.layers[0]},workdir={self._memory}/work",
            NAME, self.root)
        run("mount", "--rbind", "/proc", self.root / "proc")
        run("mount", "--rbind", "/dev", self.root / "dev")
        shutil.copy("/etc/resolv.conf", self.path("etc/resolv.conf"))

    def close(self):
        run("umount", "--recursive", "--lazy", self._memory)

    def path(self, name):
        return self.root / name

    def run(self, *command):
        environment = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C.UTF-8"}
        return run("chroot", self.root, *command, env=environment)

    def install(self, *debs):
        """Installs packages as an administrator does, with what they depend on and no more."""
        for deb in debs:
            shutil.copy(deb, self.path("tmp"))
        files = [f"/tmp/{pathlib.Path(deb).name}" for deb in debs]
        return self.run("apt-get", "--quiet", "--yes", "--no-install-recommends", "install", *files)

    def status(self, name=NAME):
        """dpkg's word for a package, "" if it knows none of that name."""
        with contextlib.suppress(RuntimeError):
            return self.run("dpkg-query", "--show", "--showformat=${db:Status-Status}", name)
        return ""

    def files_of(self, pattern):
        """All files whose path has this pattern, but for the kernel's and /tmp's."""
        return set(self.run("find", "/", "-xdev", "-not", "-path", "/tmp/*", "-regex", f".*{pattern}.*").split())

    def set_flags(self, flags):
        defaults = self.path(f"etc/default/{NAME}")
        defaults.write_text(re.sub("^ARGS=.*$", f'ARGS="{flags}"', defaults.read_text(), flags=re.MULTILINE))

    @contextlib.contextmanager
    def service(self):
        """The service as its unit starts it, as a user without privileges; gives the text of a scrape by port."""
        unit = self.path(f"lib/systemd/system/{NAME}.service").read_text()
        environment, command = (re.findall(f"^{key}=-?(.*)$", unit, re.MULTILINE)[0] for key in
                                ("EnvironmentFile", "ExecStart"))
        unprivileged = f"setpriv --reuid={NOBODY} --regid={NOBODY} --clear-groups --no-new-privs --bounding-set=-all"
        process = subprocess.Popen(
            ["chroot", self.root, "sh", "-c", f". {environment}; exec {unprivileged} -- {command}"],
            stderr=subprocess.PIPE, text=True,
        )
        try:
            yield lambda port: scrape(process, port)
        finally:
            process.kill()
            process.wait()


def scrape(process, port, patience=30):
    end = time.monotonic() + patience
    while True:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=patience) as reply:
                return reply.read().decode()
        except OSError:
            if process.poll() is not None or time.monotonic() > end:
                process.kill()
                raise RuntimeError(process.stderr.read()) from None
            time.sleep(0.05)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def older(deb, folder):
    """The same package as version 0.0.1 would have been: with another ARGS, and a file that is no longer in it."""
    tree = pathlib.Path(folder, "tree")
    run("dpkg-deb", "--raw-extract", deb, tree)
    control = tree / "DEBIAN/control"
    control.write_text(re.sub("^Version: .*$", "Version: 0.0.1", control.read_text(), flags=re.MULTILINE))
    defaults = tree / f"etc/default/{NAME}"
    defaults.write_text("# of version 0.0.1\nARGS=\"\"\n")
    (tree / "usr/bin/virt_exporter_old").write_text("#!/bin/sh\n")
    (tree / "DEBIAN/md5sums").unlink()
    result = pathlib.Path(folder, f"{NAME}_0.0.1_{os.uname().machine}.deb")
    run("dpkg-deb", "--root-owner-group", "--build", tree, result)
    return result
