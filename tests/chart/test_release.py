# SPDX-License-Identifier: Apache-2.0
"""What deploy/release makes without a compiler: each archive is whole and can be used, and a second run makes the same bytes."""

import hashlib
import json
import re
import shutil
import tarfile

import pytest
import yaml

import chart
from chart import CHART, ROOT, RULES

VERSION = yaml.safe_load((CHART / "Chart.yaml").read_text())["version"]


def release(tag, out, tree=ROOT, check=True):
    return chart.run(tree / "deploy/release", tag, out, "--debian", check=check)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    out = tmp_path_factory.mktemp("release")
    release(".", out)
    return out


def unpacked(made, name, folder):
    tarfile.open(made / name).extractall(folder)
    return folder


def test_second_run_makes_the_same_bytes(made, tmp_path):
    release(".", tmp_path)
    assert {path.name: path.read_bytes() for path in made.iterdir()} == {
        path.name: path.read_bytes() for path in tmp_path.iterdir()
    }


def test_checksums_are_of_all_files(made):
    lines = (made / "SHA256SUMS").read_text().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    assert sums.keys() == {path.name for path in made.iterdir()} - {"SHA256SUMS"}
    assert all(hashlib.sha256((made / name).read_bytes()).hexdigest() == digest for name, digest in sums.items())


def test_chart_is_what_helm_packages_and_installs(made, tmp_path):
    chart.helm("package", CHART, "--destination", tmp_path)
    (by_helm,) = tmp_path.glob("*.tgz")
    package = made / f"virt-exporter-{VERSION}.tgz"
    assert {member.name for member in tarfile.open(package)} == {member.name for member in tarfile.open(by_helm)}
    rendered = chart.helm("template", chart.RELEASE, package, "--namespace", chart.NAMESPACE, "--kube-version", chart.NEWEST,
                          "--api-versions", "monitoring.coreos.com/v1", "--set", "image.registry=registry.example.org")  # fmt: skip
    assert chart.objects(rendered.stdout) == chart.render()


def test_rules_are_taken_by_prometheus_and_alertmanager(made, tmp_path):
    rules = unpacked(made, f"virt_exporter-rules-{VERSION}.tar.gz", tmp_path) / "virt_exporter-rules"
    chart.run("promtool", "check", "rules", rules / "recording.yml", rules / "alerts.yml")
    chart.run("amtool", "check-config", rules / "alertmanager.yml")
    assert (rules / "RUNBOOK.md").read_text() == (RULES / "RUNBOOK.md").read_text()


def test_dashboards_are_those_of_the_tree(made, tmp_path):
    folder = unpacked(made, f"virt_exporter-dashboards-{VERSION}.tar.gz", tmp_path) / "virt_exporter-dashboards"
    found = {path.name: json.loads(path.read_text()) for path in folder.glob("*.json")}
    assert found == {path.name: json.loads(path.read_text()) for path in (ROOT / "dashboards").glob("*.json")}


def test_mixin_is_whole_without_the_tree(made, tmp_path):
    mixin = unpacked(made, f"virt_exporter-mixin-{VERSION}.tar.gz", tmp_path) / "virt_exporter-mixin"
    assert not [path for path in mixin.rglob("*") if path.is_symlink()]
    done = chart.run("jsonnet", "-e", f"std.objectFields((import '{mixin}/mixin.libsonnet').grafanaDashboards)")
    assert "virt-fleet.json" in json.loads(done.stdout)


def test_source_is_a_tree_with_its_links(made, tmp_path):
    tree = unpacked(made, f"virt_exporter-{VERSION}.tar.gz", tmp_path) / f"virt_exporter-{VERSION}"
    assert (tree / "deploy/helm/virt-exporter/rules/alerts.yml").exists()
    assert (tree / "deploy/release").stat().st_mode & 0o111


def test_notes_say_what_changed_and_what_is_missing(made):
    notes = (made / "RELEASE_NOTES.md").read_text()
    assert "### Added" in notes and f"`virt_exporter-mixin-{VERSION}.tar.gz`" in notes
    assert "Debian packages for arm64" in notes and "image for amd64" in notes


@pytest.fixture
def repository(tmp_path):
    """A repository with this tree as its only commit."""
    tree = tmp_path / "tree"
    out = tmp_path / "first"
    release(".", out)
    unpacked(out, f"virt_exporter-{VERSION}.tar.gz", tmp_path)
    shutil.move(tmp_path / f"virt_exporter-{VERSION}", tree)
    for command in (("init", "--quiet"), ("add", "--all"), ("commit", "--quiet", "-m", "all")):
        chart.run("git", "-C", tree, "-c", "user.name=a", "-c", "user.email=a@example.org", *command)
    return tree


def tagged(tree, tag):
    chart.run("git", "-C", tree, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qam", "release", "--allow-empty")
    chart.run("git", "-C", tree, "tag", tag)


def test_tag_is_released_once_its_version_has_a_date(repository, tmp_path):
    changes = repository / "CHANGELOG.md"
    changes.write_text(re.sub(rf"## {VERSION}, .*", f"## {VERSION}, 2026-12-01", changes.read_text()))
    tagged(repository, f"v{VERSION}")
    (repository / "README.md").write_text("written after the tag")
    release(f"v{VERSION}", tmp_path / "out", repository)
    source = tarfile.open(tmp_path / f"out/virt_exporter-{VERSION}.tar.gz")
    assert b"written after" not in source.extractfile(f"virt_exporter-{VERSION}/README.md").read()


def test_tag_of_another_version_or_without_a_date_is_refused(repository, tmp_path):
    changes = repository / "CHANGELOG.md"
    changes.write_text(re.sub(rf"## {VERSION}, .*", f"## {VERSION}, unreleased", changes.read_text()))
    tagged(repository, "v9.9.9")
    done = release("v9.9.9", tmp_path / "out", repository, check=False)
    assert done.returncode == 1 and "the tag v9.9.9" in done.stderr and "with a date" in done.stderr
