# SPDX-License-Identifier: Apache-2.0
"""What the chart makes of its values, for the oldest and the newest Kubernetes."""

import copy
import json
import re
import tarfile

import pytest
import yaml

import chart
from chart import CHART, NEWEST, OLDEST, ROOT, RULES, VARIANTS, of_kind, render


def by_name(variant):
    return variant.name.removesuffix("-values.yaml")


variants = pytest.mark.parametrize("variant", VARIANTS, ids=by_name)


def variant(name):
    return CHART / f"ci/{name}-values.yaml"


@variants
def test_lint_has_nothing_to_say(variant):
    said = chart.helm("lint", "--strict", "--quiet", "--kube-version", NEWEST, "-f", variant, CHART).stdout
    assert said.strip() == ""


@variants
@pytest.mark.parametrize("version", [OLDEST, NEWEST])
def test_objects_are_valid_safe_and_belong_together(variant, version):
    found = render(variant, version=version)
    assert of_kind(found, "DaemonSet") and chart.complaints(found, version) == []


def test_kubernetes_older_than_the_oldest_is_refused():
    assert "incompatible" in chart.render_text(version="1.24.0", check=False).stderr


# ---- Safety --------------------------------------------------------------------------------------------------------


def test_pod_security_refuses_nothing_but_the_volume():
    (daemonset,) = of_kind(render(variant("nonroot")), "DaemonSet")
    reasons = [re.sub(r"\([^()]*\)", "", verdict) for verdict in chart.pod_security(daemonset)]
    assert [reason.strip() for reason in reasons] == [
        "baseline: hostPath volumes",
        "restricted: restricted volume types",
    ]
    assert chart.pod_security(chart.without_libvirt(daemonset)) == []


def test_root_of_the_default_has_no_capability():
    (daemonset,) = of_kind(render(), "DaemonSet")
    context = daemonset["spec"]["template"]["spec"]["containers"][0]["securityContext"]
    assert context["capabilities"] == {"drop": ["ALL"]} and context["allowPrivilegeEscalation"] is False
    assert chart.pod_security(chart.without_libvirt(daemonset), "baseline") == []


def test_nothing_asks_for_a_right_in_the_cluster():
    kinds = {item["kind"] for path in VARIANTS for item in render(path)}
    assert not {kind for kind in kinds if "Role" in kind}


def test_probes_of_a_server_with_a_password_only_connect():
    (daemonset,) = of_kind(render(variant("full")), "DaemonSet")
    exporter = daemonset["spec"]["template"]["spec"]["containers"][0]
    assert exporter["livenessProbe"]["tcpSocket"] == exporter["readinessProbe"]["tcpSocket"] == {"port": "metrics"}


HOSTS = ["", "0.0.0.0", "[::]", "[fe80::1%eth0]", "$(POD_IP)", "[$(POD_IP)]", "pod.example.org"]


@pytest.mark.parametrize("host", HOSTS)
def test_listen_host_is_put_before_the_port(host):
    (daemonset,) = of_kind(render(None, "--set-string", f"listenHost={host}", "--set", "port=9200"), "DaemonSet")
    exporter = daemonset["spec"]["template"]["spec"]["containers"][0]
    assert exporter["args"][0] == f"--listen_address={host}:9200"
    assert exporter["ports"][0]["containerPort"] == 9200


def test_other_labels_never_change_what_is_selected():
    assert chart.complaints(render(None, "--set", "podLabels.app\\.kubernetes\\.io/name=other")) == []


# ---- Where it runs, and who scrapes it ----------------------------------------------------------------------------


def daemonset_of(*arguments):
    found = render(None, *arguments)
    (daemonset,) = of_kind(found, "DaemonSet")
    assert chart.schemas(found, NEWEST) == []
    return daemonset["spec"]["template"]["spec"]


def test_registry_of_a_parent_chart_takes_precedence():
    assert daemonset_of()["containers"][0]["image"].startswith("registry.example.org/virt_exporter:")
    pod = daemonset_of("--set", "global.imageRegistry=mirror.example.org,global.imagePullSecrets={a},imagePullSecrets[0].name=b")
    assert pod["containers"][0]["image"].startswith("mirror.example.org/virt_exporter:")
    assert pod["imagePullSecrets"] == [{"name": "b"}, {"name": "a"}]


def test_repository_may_name_its_registry():
    pod = daemonset_of("--set", "image.registry=,image.repository=quay.example.org/cloud/virt")
    assert pod["containers"][0]["image"].startswith("quay.example.org/cloud/virt:")


def test_node_answers_a_prometheus_outside_the_cluster():
    assert "hostPort" not in daemonset_of()["containers"][0]["ports"][0] and "hostNetwork" not in daemonset_of()
    assert daemonset_of("--set", "hostPort=9200")["containers"][0]["ports"][0]["hostPort"] == 9200
    pod = daemonset_of("--set", "hostNetwork=true,port=9300")
    assert pod["hostNetwork"] and pod["dnsPolicy"] == "ClusterFirstWithHostNet"
    assert pod["containers"][0]["ports"][0]["hostPort"] == 9300


def test_operator_s_objects_are_made_where_the_operator_is():
    def kinds(*arguments):
        values = ("-f", CHART / "ci/default-values.yaml")
        text = chart.helm("template", "a", CHART, "--kube-version", NEWEST, *values, *arguments).stdout
        return {item["kind"] for item in chart.objects(text)} & {"PodMonitor", "PrometheusRule"}

    assert kinds() == set()
    assert kinds("--api-versions", "monitoring.coreos.com/v1") == {"PodMonitor", "PrometheusRule"}
    assert kinds("--set", "podMonitor.enabled=true") == {"PodMonitor"}
    never = ("--set", "podMonitor.enabled=false,prometheusRule.enabled=false")
    assert kinds("--api-versions", "monitoring.coreos.com/v1", *never) == set()


def test_everything_is_in_the_namespace_that_is_named():
    found = render(None, "--set", "namespaceOverride=elsewhere")
    assert {item["metadata"]["namespace"] for item in found} == {"elsewhere"}
    (monitor,) = of_kind(found, "PodMonitor")
    assert monitor["spec"]["namespaceSelector"]["matchNames"] == ["elsewhere"]


def test_job_is_the_rules_unless_a_label_names_it():
    def jobs(*arguments):
        (monitor,) = of_kind(render(None, *arguments), "PodMonitor")
        rules = monitor["spec"]["podMetricsEndpoints"][0]["relabelings"]
        return [rule["replacement"] for rule in rules if rule.get("targetLabel") == "job"]

    assert jobs() == ["virt-exporter"] and jobs("--set", "podMonitor.jobLabel=tier") == []


# ---- One source of truth -------------------------------------------------------------------------------------------


def rules_of(found):
    (rule,) = of_kind(found, "PrometheusRule")
    return rule["spec"]["groups"]


def file_groups(name):
    return yaml.safe_load((RULES / name).read_text())["groups"]


def test_rules_are_those_of_the_files():
    assert rules_of(render()) == file_groups("recording.yml") + file_groups("alerts.yml")


def test_dashboards_are_those_of_the_files():
    made = {
        name: json.loads(text)
        for item in of_kind(render(), "ConfigMap")
        if item["metadata"]["labels"]["grafana_dashboard"] == "1"
        for name, text in item["data"].items()
    }
    assert made == {f"virt-{path.name}": json.loads(path.read_text()) for path in (ROOT / "dashboards").glob("*.json")}


def test_package_carries_what_the_links_lead_to(tmp_path):
    chart.helm("package", CHART, "--destination", tmp_path)
    (package,) = tmp_path.glob("*.tgz")
    names = {name.removeprefix("virt-exporter/") for name in tarfile.open(package).getnames()}
    assert {"rules/alerts.yml", "rules/recording.yml", "dashboards/fleet.json", "values.schema.json"} <= names
    assert not {name for name in names if name.startswith("ci/") or name.endswith("RUNBOOK.md")}


def test_manifests_are_what_the_chart_makes(tmp_path):
    chart.run(ROOT / "deploy/kubernetes/generate", tmp_path)
    made = {path.name: path.read_text() for path in tmp_path.iterdir()}
    kept = {path.name: path.read_text() for path in (ROOT / "deploy/kubernetes").glob("*.yml")}
    assert made == kept, "run deploy/kubernetes/generate"
    for text in kept.values():
        assert chart.complaints(chart.objects(text)) == []


def test_version_is_that_of_the_program():
    version = re.search(r"project\(virt_exporter VERSION ([0-9.]+)", (ROOT / "CMakeLists.txt").read_text())[1]
    about = yaml.safe_load((CHART / "Chart.yaml").read_text())
    assert about["appVersion"] == version


def test_every_alert_can_be_set_and_only_alerts_can():
    schema = json.loads((CHART / "values.schema.json").read_text())
    known = schema["properties"]["prometheusRule"]["properties"]["alerts"]["properties"]
    alerts = {rule["alert"]: rule for group in file_groups("alerts.yml") for rule in group["rules"]}
    assert list(known) == list(alerts)
    assert {name for name in known if "threshold" in known[name]["properties"]} == {
        name for name in alerts if "# threshold" in alerts[name]["expr"]
    }


def test_every_value_has_a_default_and_a_schema():
    schema = json.loads((CHART / "values.schema.json").read_text())["properties"]
    values = yaml.safe_load((CHART / "values.yaml").read_text())
    assert set(schema) == set(values)
    for name in (
        "global",
        "image",
        "libvirt",
        "webConfig",
        "service",
        "podMonitor",
        "serviceMonitor",
        "prometheusRule",
        "dashboards",
    ):
        assert set(schema[name]["properties"]) == set(values[name]), name


# ---- Alerts by values ----------------------------------------------------------------------------------------------


def alert(found, name):
    """The rule of this name, or None."""
    rules = [rule for group in rules_of(found) for rule in group["rules"] if rule.get("alert") == name]
    return rules[0] if rules else None


def test_values_change_an_alert():
    found = render(variant("operator"))
    steal = alert(found, "LibvirtDomainStealHigh")
    assert steal["expr"].strip() == 'domain:vcpu_delay:ratio_rate10m{job="virt-exporter"} > 0.2 # threshold'
    assert "(threshold 0.2)" in steal["annotations"]["description"] and steal["for"] == "30m"
    assert (
        steal["annotations"]["runbook_url"]
        == "https://wiki.example.org/virt-exporter/RUNBOOK.md#libvirtdomainstealhigh"
    )
    assert steal["annotations"]["dashboard_url"].startswith("https://grafana.example.org/d/virt-domain?var-job=")
    pool = alert(found, "LibvirtStoragePoolFull")["annotations"]["dashboard_url"]
    assert pool.count("d/virt-") == pool.count("https://grafana.example.org/d/virt-") == 2
    assert alert(found, "LibvirtDomainPausedIoError")["labels"]["severity"] == "critical"
    overcommit = alert(found, "LibvirtCpuOvercommitHigh")["expr"].strip()
    assert overcommit == 'instance:cpu_overcommit:ratio{job="virt-exporter"} > 16 # threshold'


def test_severity_is_whatever_alertmanager_routes():
    found = render(None, "--set", "prometheusRule.alerts.LibvirtStoragePoolFull.severity=page")
    assert alert(found, "LibvirtStoragePoolFull")["labels"]["severity"] == "page"


def test_values_switch_alerts_off():
    found = render(variant("operator"))
    assert alert(found, "LibvirtMemoryOvercommitHigh") is None
    left = [rule["labels"]["severity"] for group in rules_of(found) for rule in group["rules"] if "alert" in rule]
    assert left.count("info") == 1, "the one that was switched on by name"


@pytest.mark.parametrize("threshold", ["2000000", '"2000000"'])
def test_threshold_of_millions_is_written_out(tmp_path, threshold):
    values = tmp_path / "values.yaml"
    values.write_text("prometheusRule: {alerts: {VirtTooManySeries: {threshold: %s}}}" % threshold)
    many = alert(render(values), "VirtTooManySeries")
    assert "> 2000000 #" in many["expr"] and "(threshold 2000000)" in many["annotations"]["description"]


def test_threshold_that_is_written_several_times_changes_everywhere():
    found = render(None, "--set", "prometheusRule.alerts.LibvirtDomainDiskLatencyHigh.threshold=0.5")
    assert alert(found, "LibvirtDomainDiskLatencyHigh")["expr"].count("> 0.5 # threshold") == 2


# ---- What is refused -----------------------------------------------------------------------------------------------

REFUSED = {
    "unknown value": "--set nodeselector.a=b",
    "unknown value inside": "--set image.tagg=1",
    "privileged": "--set securityContext.privileged=true",
    "capability": "--set securityContext.capabilities.add={SYS_ADMIN}",
    "escalation": "--set securityContext.allowPrivilegeEscalation=true",
    "image without a registry": "--set image.registry=",
    "host network that is none": "--set hostNetwork=yes",
    "hostPath that may be a file": "--set libvirt.hostPathType=FileOrCreate",
    "proxy without a scheme": "--set podMonitor.proxyUrl=proxy:3128",
    "metadata of what is no node": "--set podMonitor.attachMetadata.pod=true",
    "switch that is neither": "--set podMonitor.enabled=maybe",
    "all of /run": "--set libvirt.socketDirectory=/run",
    "port out of range": "--set port=70000",
    "port as text": "--set-string port=9177",
    "listen host with a port": "--set listenHost=0.0.0.0:9178",
    "IPv6 listen host without brackets": "--set listenHost=::1",
    "two listen hosts": "--set listenHost=0.0.0.0\\,[::1]",
    "label that is a number": "--set podLabels.a=1",
    "unknown domain label": "--set domainLabels={flavor}",
    "no image": "--set image.repository=",
    "digest that is none": "--set image.digest=latest",
    "log level": "--set logLevel=verbose",
    "interval without a unit": "--set-string podMonitor.interval=60",
    "unknown alert": "--set prometheusRule.alerts.LibvirtDomainSlow.enabled=false",
    "severity that is no label": "--set prometheusRule.alerts.LibvirtDown.severity=Page!",
    "threshold of an alert without one": "--set prometheusRule.alerts.LibvirtDown.threshold=3",
    "threshold that is none": "--set prometheusRule.alerts.LibvirtDomainStealHigh.threshold=high",
    "two web configurations": "--set webConfig.content=a --set webConfig.existingSecret=b",
    "flag without dashes": "--set extraArgs={verbose}",
}


@pytest.mark.parametrize("arguments", REFUSED.values(), ids=REFUSED)
def test_bad_value_is_refused(arguments):
    done = chart.render_text(*arguments.split(), check=False)
    assert done.returncode != 0 and "Error" in done.stderr


# ---- The check itself ----------------------------------------------------------------------------------------------


def pod(found):
    return of_kind(found, "DaemonSet")[0]["spec"]["template"]["spec"]


def container(found):
    return pod(found)["containers"][0]


def monitor(found):
    return of_kind(found, "PodMonitor")[0]["spec"]


def endpoint(found):
    return monitor(found)["podMetricsEndpoints"][0]


MISTAKES = {
    "unknown field": lambda o: container(o).update(imagePolicy="Always"),
    "label that is a number": lambda o: o[0]["metadata"]["labels"].update(a=1),
    "environment that is a number": lambda o: container(o).update(env=[{"name": "A", "value": 1}]),
    "interval of the PodMonitor": lambda o: endpoint(o).update(interval="1 minute"),
    "scheme of the PodMonitor": lambda o: endpoint(o).update(scheme="ftp"),
    "port of the PodMonitor": lambda o: endpoint(o).update(port="http"),
    "selector of the PodMonitor": lambda o: monitor(o)["selector"].update(matchLabels={"a": "b"}),
    "selector of the DaemonSet": lambda o: of_kind(o, "DaemonSet")[0]["spec"]["selector"].update(
        matchLabels={"a": "b"}
    ),
    "broken PromQL": lambda o: rules_of(o)[0]["rules"][0].update(expr="rate(up[5m]"),
    "group that is there twice": lambda o: rules_of(o).append(copy.deepcopy(rules_of(o)[0])),
    "mount without a volume": lambda o: pod(o)["volumes"].clear(),
    "two mounts at one place": lambda o: container(o)["volumeMounts"].append(container(o)["volumeMounts"][0]),
    "mount to write to": lambda o: container(o)["volumeMounts"][0].pop("readOnly"),
    "all of /run": lambda o: pod(o)["volumes"][0]["hostPath"].update(path="/run"),
    "privileged": lambda o: container(o)["securityContext"].update(privileged=True),
    "capability": lambda o: container(o)["securityContext"].update(capabilities={"add": ["SYS_ADMIN"]}),
    "host network": lambda o: pod(o).update(hostNetwork=True),
    "token": lambda o: pod(o).update(automountServiceAccountToken=True),
    "liveness that depends on libvirt": lambda o: container(o)["livenessProbe"]["httpGet"].update(path="/metrics"),
    "object that is there twice": lambda o: o.append(copy.deepcopy(o[0])),
}


@pytest.mark.parametrize("mistake", MISTAKES.values(), ids=MISTAKES)
def test_deliberate_mistake_is_caught(mistake):
    found = render()
    mistake(found)
    assert chart.complaints(found)
