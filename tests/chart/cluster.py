# SPDX-License-Identifier: Apache-2.0
"""A real Kubernetes API server on loopback, with etcd and the Prometheus operator's kinds, and without any node."""

import json
import os
import pathlib
import secrets
import socket
import subprocess
import tempfile
import time

import chart

BINARIES = chart.TOOLS / "v1.37.2"
OPERATOR = "github.com/prometheus-operator/prometheus-operator@v0.85.0"


class Cluster:
    """Use it in a `with` statement. What kubectl and helm say on standard error is gathered in `warnings`."""

    def __init__(self):
        self._folder = pathlib.Path(tempfile.mkdtemp())
        self._processes = []
        self.environment = {**os.environ, "KUBECONFIG": str(self._folder / "kubeconfig"), "HOME": str(self._folder)}
        self.warnings = []

    def __enter__(self):
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        # The last one first: an API server whose etcd has gone hangs at its end.
        for process in reversed(self._processes):
            process.terminate()
            try:
                process.wait(30)
            except subprocess.TimeoutExpired:
                process.kill()

    def _start(self):
        clients, peers, server = free_ports(3)
        chart.run("openssl", "genrsa", "-out", self._folder / "sa.key", "2048")
        token = secrets.token_hex(16)
        (self._folder / "tokens.csv").touch(mode=0o600)
        (self._folder / "tokens.csv").write_text(f"{token},admin,admin,system:masters\n")
        self._run("etcd", *etcd_flags(clients, peers))
        self._run("kube-apiserver", *server_flags(clients, server))
        self._write_kubeconfig(server, token)
        self._wait(lambda: self.kubectl("get", "--raw", "/readyz", check=False).returncode == 0)
        self.warnings.clear()

    def _run(self, program, *flags):
        log = (self._folder / f"{program}.log").open("w")
        command = [BINARIES / program, *flags]
        self._processes.append(subprocess.Popen(command, cwd=self._folder, stdout=log, stderr=log))

    def _write_kubeconfig(self, port, token):
        server = {
            "server": f"https://127.0.0.1:{port}",
            "certificate-authority": str(self._folder / "pki/apiserver.crt"),
        }
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": "lab",
            "contexts": [{"name": "lab", "context": {"cluster": "lab", "user": "admin"}}],
            "clusters": [{"name": "lab", "cluster": server}],
            "users": [{"name": "admin", "user": {"token": token}}],
        }
        (self._folder / "kubeconfig").write_text(json.dumps(config))

    def _wait(self, condition, timeout=120):
        end = time.monotonic() + timeout
        while not condition():
            logs = "".join(path.read_text()[-2000:] for path in self._folder.glob("*.log"))
            assert all(process.poll() is None for process in self._processes), logs
            assert time.monotonic() < end, logs
            time.sleep(0.25)

    def kubectl(self, *arguments, **options):
        return self._command(BINARIES / "kubectl", *arguments, **options)

    def helm(self, *arguments, **options):
        return self._command(chart.TOOLS / "helm", *arguments, **options)

    def _command(self, *command, stdin=None, check=True):
        done = subprocess.run(command, input=stdin, capture_output=True, text=True, env=self.environment, timeout=120)
        self.warnings += [line for line in done.stderr.splitlines() if "warning" in line.lower()]
        assert not check or done.returncode == 0, done.stderr
        return done

    def add_operator_kinds(self):
        go = chart.run(chart.HERE / "find_go", chart.TOOLS / "go").stdout.strip()
        module = json.loads(chart.run(go, "mod", "download", "-json", OPERATOR).stdout)["Dir"]
        for kind in ("podmonitors", "servicemonitors", "prometheusrules"):
            crd = f"{module}/example/prometheus-operator-crd/monitoring.coreos.com_{kind}.yaml"
            self.kubectl("create", "-f", crd)
        self.kubectl("wait", "--for", "condition=established", "crd", "--all", "--timeout=60s")


def etcd_flags(clients, peers):
    client, peer = f"http://127.0.0.1:{clients}", f"http://127.0.0.1:{peers}"
    return (
        "--data-dir=etcd",
        f"--listen-client-urls={client}",
        f"--advertise-client-urls={client}",
        f"--listen-peer-urls={peer}",
        f"--initial-advertise-peer-urls={peer}",
        f"--initial-cluster=default={peer}",
    )


def server_flags(clients, port):
    return (
        f"--etcd-servers=http://127.0.0.1:{clients}",
        "--bind-address=127.0.0.1",
        "--advertise-address=127.0.0.1",
        f"--secure-port={port}",
        "--cert-dir=pki",
        "--token-auth-file=tokens.csv",
        "--authorization-mode=RBAC",
        "--allow-privileged",
        "--service-account-issuer=https://lab.invalid",
        "--service-account-key-file=sa.key",
        "--service-account-signing-key-file=sa.key",
        "--service-cluster-ip-range=10.96.0.0/24",
        "--endpoint-reconciler-type=none",
    )


def free_ports(count):
    sockets = [socket.socket() for _ in range(count)]
    for probe in sockets:
        probe.bind(("127.0.0.1", 0))
    ports = [probe.getsockname()[1] for probe in sockets]
    for probe in sockets:
        probe.close()
    return ports
