# SPDX-License-Identifier: Apache-2.0
"""What a real Kubernetes API server says of the chart: it refuses much that schemas let through, and warns of more."""

import json

import pytest

import chart
from chart import CHART, NAMESPACE, RELEASE, VARIANTS, of_kind, render, render_text
from cluster import Cluster
from test_chart import MISTAKES, by_name

# These are in nobody's API: kubelets and Prometheus see them, and the fast tests.
UNSEEN = {
    "broken PromQL",
    "port of the PodMonitor",
    "selector of the PodMonitor",
    "mount to write to",
    "all of /run",
    "privileged",
    "capability",
    "host network",
    "token",
    "liveness that depends on libvirt",
    "object that is there twice",
}


@pytest.fixture(scope="module")
def cluster():
    with Cluster() as running:
        running.kubectl("create", "namespace", NAMESPACE)
        running.add_operator_kinds()
        yield running


@pytest.fixture(autouse=True)
def without_a_warning(cluster):
    cluster.warnings.clear()
    yield
    assert cluster.warnings == []


def dry_run(cluster, text, check=True):
    return cluster.kubectl("apply", "--dry-run=server", "--validate=strict", "-f", "-", stdin=text, check=check)


variants = pytest.mark.parametrize("variant", VARIANTS, ids=by_name)


@variants
def test_strict_dry_run_is_accepted(cluster, variant):
    said = dry_run(cluster, render_text("-f", variant).stdout).stdout
    assert said.count("created") == len(render(variant))


def test_plain_manifests_are_accepted(cluster):
    for path in (chart.ROOT / "deploy/kubernetes").glob("*.yml"):
        dry_run(cluster, path.read_text())


@variants
def test_install_upgrade_uninstall(cluster, variant):
    options = ["--namespace", NAMESPACE, "-f", variant]
    cluster.helm("install", RELEASE, CHART, *options)
    notes = cluster.helm("get", "notes", RELEASE, "--namespace", NAMESPACE).stdout
    assert "libvirt_up" in notes
    kinds = sorted({item["kind"] for item in render(variant)})
    assert cluster.kubectl("-n", NAMESPACE, "get", ",".join(kinds), "-o", "name").stdout
    cluster.helm("upgrade", RELEASE, CHART, *options, "--set", "logLevel=warning", "--set", "image.tag=next")
    (daemonset,) = installed(cluster, "daemonset")
    assert "--log_level=warning" in daemonset["spec"]["template"]["spec"]["containers"][0]["args"]
    cluster.helm("rollback", RELEASE, "1", "--namespace", NAMESPACE)
    cluster.helm("uninstall", RELEASE, "--namespace", NAMESPACE)
    assert [installed(cluster, kind) for kind in kinds] == [[] for _ in kinds]


def installed(cluster, kind):
    selector = f"app.kubernetes.io/instance={RELEASE}"
    found = cluster.kubectl("-n", NAMESPACE, "get", kind, "-l", selector, "-o", "json")
    return json.loads(found.stdout)["items"]


def test_account_may_do_nothing(cluster):
    account = f"system:serviceaccount:{NAMESPACE}:{RELEASE}"
    for verb, resource in (("get", "pods"), ("list", "secrets"), ("get", "nodes"), ("create", "pods")):
        may = cluster.kubectl("auth", "can-i", verb, resource, f"--as={account}", "-n", NAMESPACE, check=False)
        assert may.stdout.strip() == "no"
    cluster.warnings.clear()  # `can-i` warns that nodes have no namespace


@pytest.mark.parametrize("mistake", sorted(MISTAKES.keys() - UNSEEN))
def test_server_refuses_the_deliberate_mistake(cluster, mistake):
    found = render()
    MISTAKES[mistake](found)
    done = dry_run(cluster, chart.yaml.dump_all(found), check=False)
    assert done.returncode != 0, done.stdout


def test_restricted_namespace_refuses_the_volume_and_nothing_else(cluster):
    namespace = {"kind": "Namespace", "apiVersion": "v1", "metadata": {"name": "restricted"}}
    namespace["metadata"]["labels"] = {"pod-security.kubernetes.io/enforce": "restricted"}
    cluster.kubectl("create", "-f", "-", stdin=json.dumps(namespace))
    cluster.kubectl("-n", "restricted", "create", "serviceaccount", RELEASE)
    (daemonset,) = of_kind(render(CHART / "ci/nonroot-values.yaml"), "DaemonSet")
    refused = create_pod(cluster, daemonset)
    assert refused.returncode != 0 and "hostPath" in refused.stderr
    assert "securityContext" not in refused.stderr and "runAsNonRoot" not in refused.stderr
    cluster.warnings.clear()
    assert create_pod(cluster, chart.without_libvirt(daemonset)).returncode == 0


def create_pod(cluster, daemonset):
    template = daemonset["spec"]["template"]
    pod = {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {**template["metadata"], "name": "p"},
        "spec": template["spec"],
    }
    return cluster.kubectl(
        "-n", "restricted", "create", "--dry-run=server", "-f", "-", stdin=json.dumps(pod), check=False
    )
