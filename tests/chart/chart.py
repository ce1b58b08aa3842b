# SPDX-License-Identifier: Apache-2.0
"""Renders the chart, and finds what is wrong with what came out, without a cluster."""

import functools
import json
import os
import pathlib
import subprocess
import tempfile

import yaml

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
CHART = ROOT / "deploy/helm/virt-exporter"
RULES = ROOT / "deploy/rules"
TOOLS = pathlib.Path(os.environ.get("CHART_TOOLS", ROOT / "build/chart"))
VARIANTS = sorted((CHART / "ci").glob("*-values.yaml"))
OLDEST, NEWEST = "1.25.0", "1.37.0"
RELEASE, NAMESPACE = "virt-exporter", "monitoring"


def run(*command, stdin=None, check=True):
    """Runs a command and gives what it did; what it said is in the failure."""
    done = subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=300)
    if check and done.returncode != 0:
        raise RuntimeError(f"{command[:4]} ended with {done.returncode}: {done.stderr[-2000:]}{done.stdout[-2000:]}")
    return done


def helm(*arguments, **options):
    return run(TOOLS / "helm", *arguments, **options)


@functools.cache
def render_text(*arguments, version=NEWEST, check=True):
    """Gives what helm makes of the chart, in a cluster that knows the operator."""
    cluster = ("--kube-version", version, "--api-versions", "monitoring.coreos.com/v1")
    values = ("-f", CHART / "ci/default-values.yaml")
    return helm("template", RELEASE, CHART, "--namespace", NAMESPACE, *cluster, *values, *arguments, check=check)


def render(variant=None, *arguments, version=NEWEST):
    """Gives the objects that the chart makes of a values file."""
    values = ("-f", variant) if variant else ()
    return objects(render_text(*values, *arguments, version=version).stdout)


def objects(text):
    return [found for found in yaml.load_all(text, Loader=yaml.CSafeLoader) if found]


def of_kind(found, kind):
    return [item for item in found if item["kind"] == kind]


# ---- What is wrong -----------------------------------------------------------------------------------------------


def complaints(found, version=NEWEST):
    """All that is wrong with these objects, as lines."""
    return [
        *schemas(found, version),
        *(line for rule in of_kind(found, "PrometheusRule") for line in rules(rule)),
        *(line for item in of_kind(found, "DaemonSet") for line in (*references(item, found), *security(item))),
        *twice(found),
    ]


def schemas(found, version):
    """What Kubernetes' and the operator's schemas say."""
    files = [
        f"{HERE}/schemas/{folder}/{{{{.ResourceKind}}}}{{{{.KindSuffix}}}}.json" for folder in (f"v{version}", "crd")
    ]
    locations = [argument for file in files for argument in ("-schema-location", file)]
    command = [TOOLS / "kubeconform", "-strict", "-output", "json", "-kubernetes-version", version, *locations]
    done = run(*command, stdin=yaml.dump_all(found, Dumper=yaml.CSafeDumper), check=False)
    resources = json.loads(done.stdout).get("resources") or []
    return [f"{bad['kind']} {bad['name']}: {bad['msg']}" for bad in resources] or (
        [done.stderr] if done.returncode else []
    )


def rules(rule):
    """What promtool says; no schema knows PromQL."""
    with tempfile.NamedTemporaryFile("w", suffix=".yml") as file:
        yaml.safe_dump(rule["spec"], file)
        file.flush()
        done = run("promtool", "check", "rules", file.name, check=False)
    return [done.stderr + done.stdout] if done.returncode else []


def references(daemonset, found):
    """What refers to nothing: a server sees some of it, a kubelet or Prometheus the rest."""
    template = daemonset["spec"]["template"]
    labels, pod = template["metadata"]["labels"], template["spec"]
    ports = {port["name"] for container in pod["containers"] for port in container.get("ports", [])}
    volumes = {volume["name"] for volume in pod["volumes"]}
    for container in pod["containers"]:
        mounts = container.get("volumeMounts", [])
        yield from (f"no volume {mount['name']}" for mount in mounts if mount["name"] not in volumes)
        if len({mount["mountPath"] for mount in mounts}) != len(mounts):
            yield "two mounts at one place"
        for probe in (container[name] for name in ("livenessProbe", "readinessProbe") if name in container):
            port = (probe.get("httpGet") or probe.get("tcpSocket"))["port"]
            if port not in ports:
                yield f"a probe of the port {port}, which is none"
    for item in (daemonset, *found):
        selector = item["spec"].get("selector", {}) if item["kind"] != "PrometheusRule" and "spec" in item else {}
        selector = selector.get("matchLabels", selector) or {}
        if not selector.items() <= labels.items():
            yield f"{item['kind']} selects {selector}, and the pods have {labels}"
        endpoints = item.get("spec", {}).get("podMetricsEndpoints", [])
        yield from (f"no port {endpoint['port']}" for endpoint in endpoints if endpoint["port"] not in ports)


def security(daemonset):
    """What this exporter must never have, and what the Pod Security Standards refuse beside its hostPath volume."""
    pod = daemonset["spec"]["template"]["spec"]
    if pod.get("hostNetwork") or pod.get("hostPID") or pod.get("hostIPC"):
        yield "shares a namespace with the host"
    if pod.get("automountServiceAccountToken", True):
        yield "has a token for the API server"
    exporter = pod["containers"][0]
    writable = [mount for mount in exporter["volumeMounts"] if not mount.get("readOnly")]
    yield from (f"may write to {mount['mountPath']}" for mount in writable)
    yield from (
        f"sees {volume['hostPath']} of the host"
        for volume in pod["volumes"]
        if "hostPath" in volume and volume["hostPath"] != {"path": "/run/libvirt", "type": "Directory"}
    )
    for probe in ("livenessProbe", "readinessProbe"):
        if exporter[probe].get("httpGet", {}).get("path", "/-/") not in ("/-/", "/-/healthy", "/-/ready"):
            yield f"its {probe} asks for more than the process"
    if not exporter["securityContext"].get("readOnlyRootFilesystem"):
        yield "may write to its own files"
    yield from (f"Pod Security: {line}" for line in pod_security(without_libvirt(daemonset), baseline_only(pod)))


def baseline_only(pod):
    return "baseline" if pod["securityContext"].get("runAsUser") == 0 else ""


def pod_security(daemonset, levels=""):
    """The lines in which the Pod Security Standards refuse the pod, of all levels or of one."""
    template = daemonset["spec"]["template"]
    pod = {"apiVersion": "v1", "kind": "Pod", "metadata": template["metadata"], "spec": template["spec"]}
    done = run(TOOLS / "podsecurity", stdin=json.dumps(pod), check=False)
    refused = [verdict for verdict in done.stdout.splitlines() if verdict.startswith(levels)]
    return [done.stderr] if done.returncode else refused


def without_libvirt(daemonset):
    """The same without the one volume that no standard allows, and without which there is nothing to watch."""
    copy = json.loads(json.dumps(daemonset))
    pod = copy["spec"]["template"]["spec"]
    pod["volumes"] = [volume for volume in pod["volumes"] if volume["name"] != "libvirt"]
    for container in pod["containers"]:
        mounts = container.get("volumeMounts", [])
        container["volumeMounts"] = [mount for mount in mounts if mount["name"] != "libvirt"]
    pod["initContainers"], pod["containers"] = [], pod["containers"][:1]  # those of the operator are the operator's
    return copy


def twice(found):
    names = [(item["kind"], item["metadata"].get("namespace", NAMESPACE), item["metadata"]["name"]) for item in found]
    yield from (f"{name} is there twice" for name in set(names) if names.count(name) > 1)
