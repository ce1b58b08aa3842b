# SPDX-License-Identifier: Apache-2.0
"""The program under test, as an operator sees it: flags, HTTP, standard error, signals, /proc."""

import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

import exposition
import lab

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("VIRT_EXPORTER", REPOSITORY / "build/release/virt_exporter")).resolve()


def free_port(host="127.0.0.1"):
    with socket.socket() as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def once(*flags, check=True):
    """Runs the exporter with --once. Gives its exit status, standard output and standard error."""
    done = subprocess.run([BINARY, "--once", *flags], capture_output=True, text=True, timeout=60)
    assert not check or done.returncode == 0, done.stderr
    return done


class Exporter:
    """A running exporter on a free loopback port; use it in a `with` statement, so that it ends with the test.

    `port` is for one that takes another's place. `user` runs it as another user (a number, with a group of the same
    number), from a copy that this user can read. `binary` is another build than the one under test.
    """

    def __init__(self, *flags, user=None, host="127.0.0.1", port=None, binary=BINARY):
        self.port = port or free_port(host)
        self.url = f"http://{host}:{self.port}"
        self._stderr = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [readable_copy() if user else binary, f"--listen_address={host}:{self.port}", *flags],
            stdout=self._stderr,
            stderr=self._stderr,
            **({"user": user, "group": user, "extra_groups": []} if user else {}),
        )
        self.pid = self._process.pid
        try:
            lab.wait_until("the exporter is healthy", self._healthy_or_dead)
        except BaseException:
            self._process.kill()
            raise

    def _healthy_or_dead(self):
        if self._process.poll() is not None:
            raise RuntimeError(f"the exporter ended with {self._process.returncode}: {self.log()}")
        try:
            return self.get("/-/healthy").status == 200
        except OSError:
            return False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._process.kill()
        self._process.wait()

    def get(self, path, headers=None, timeout=60):
        """Gets a page; gives urllib's response (its body with .read()), also where the status says that it failed."""
        request = urllib.request.Request(self.url + path, headers=headers or {})
        try:
            return urllib.request.urlopen(request, timeout=timeout)
        except urllib.error.HTTPError as response:
            return response

    def scrape_bytes(self, query="", headers=None):
        with self.get("/metrics" + (f"?{query}" if query else ""), headers) as response:
            body = response.read()
            assert response.status == 200, f"{response.status}: {body[:300]!r}"
            return body

    def scrape(self, *pollsters):
        """Scrapes, only the given pollsters if some are given, and reads the answer strictly."""
        query = urllib.parse.urlencode([("pollster[]", pollster) for pollster in pollsters])
        return exposition.parse(self.scrape_bytes(query))

    def log(self):
        """All that it has said on standard output and standard error so far."""
        self._stderr.flush()
        return os.pread(self._stderr.fileno(), 1 << 20, 0).decode()

    def fds(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))

    def threads(self):
        return len(os.listdir(f"/proc/{self.pid}/task"))

    def resident_bytes(self):
        pages = int(pathlib.Path(f"/proc/{self.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE")

    def signal(self, number=signal.SIGTERM):
        self._process.send_signal(number)

    def running(self):
        return self._process.poll() is None

    def stop(self, timeout=10):
        """Sends SIGTERM; gives the exit status and the seconds that it took."""
        start = time.monotonic()
        self.signal()
        return self.wait(timeout), time.monotonic() - start

    def wait(self, timeout=10):
        return self._process.wait(timeout)


def readable_copy():
    """A copy of the program where every user can run it: the build tree may lie in somebody's home. The libraries that were
    built with it are beside it, for LD_LIBRARY_PATH."""
    copy = pathlib.Path(tempfile.mkdtemp()) / "virt_exporter"
    for library in (BINARY.parent / "openssl_names").glob("*.so"):
        shutil.copy(library, copy.parent)
    copy.write_bytes(BINARY.read_bytes())
    copy.chmod(0o755)
    copy.parent.chmod(0o755)
    return copy
