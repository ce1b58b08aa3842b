# SPDX-License-Identifier: Apache-2.0
"""What deploy/release makes of packages: each is installed and used, here with the packages that test_package.py built."""

import hashlib
import io
import json
import platform
import re
import subprocess
import tarfile

import pytest

import debian
from debian import BUILD, NAME, RELEASE, REPOSITORY, Debian, run


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    if not list(BUILD.glob("*.deb")):
        run(REPOSITORY / "tests/package/build")
    out = tmp_path_factory.mktemp("release")
    run(REPOSITORY / "deploy/release", ".", out, "--packages", BUILD, "--debian", RELEASE)
    return out


@pytest.fixture(scope="module")
def image(made, tmp_path_factory):
    """The image's configuration and the folder with its files, read as a container engine does."""
    (archive,) = made.glob("*.oci.tar")
    layout = tarfile.open(archive)

    def blob(entry):
        content = layout.extractfile("blobs/sha256/" + entry["digest"].partition(":")[2]).read()
        assert entry["digest"] == "sha256:" + hashlib.sha256(content).hexdigest() and entry["size"] == len(content)
        return content

    (entry,) = json.load(layout.extractfile("index.json"))["manifests"]
    manifest = json.loads(blob(entry))
    (layer,) = map(blob, manifest["layers"])
    files = tmp_path_factory.mktemp("image") / "files"
    tarfile.open(fileobj=io.BytesIO(layer)).extractall(files)
    return json.loads(blob(manifest["config"])), files


def test_release_has_packages_image_bill_and_notes(made):
    run("sha256sum", "--check", "--strict", "SHA256SUMS", cwd=made)
    kinds = {re.sub(r"[_-][0-9].*", "", path.name) for path in made.glob("*.deb")}
    assert kinds == {NAME, f"{NAME}-dev"}
    assert len(list(made.glob("*.oci.tar"))) == len(list(made.glob("*.spdx.json"))) == 1
    missing = (made / "RELEASE_NOTES.md").read_text().partition("## Not in this release")[2]
    here, other = ("amd64", "arm64") if platform.machine() == "x86_64" else ("arm64", "amd64")
    assert f"image for {other}" in missing and here not in missing.replace(f"for {other}", "")


def test_package_brings_rules_dashboards_and_a_preset(made):
    system = Debian()
    try:
        system.install(*made.glob(f"{NAME}_*.deb"))
        rules = system.path(f"usr/share/{NAME}/rules")
        run("promtool", "check", "rules", rules / "recording.yml", rules / "alerts.yml")
        assert (rules / "RUNBOOK.md").exists()
        dashboards = [json.loads(path.read_text()) for path in system.path(f"usr/share/{NAME}/dashboards").glob("*.json")]
        assert "virt-fleet" in {dashboard["uid"] for dashboard in dashboards}
        run("systemctl", f"--root={system.root}", "disable", NAME)
        run("systemctl", f"--root={system.root}", "preset", NAME)
        assert run("systemctl", f"--root={system.root}", "is-enabled", NAME).strip() == "enabled"
    finally:
        system.close()


def test_image_runs_with_its_files_alone(image):
    config, files = image
    assert config["os"] == "linux" and config["config"]["User"] == "65534:65534"
    user, group = config["config"]["User"].split(":")
    port = debian.free_port()
    command = ["unshare", "--root", files, "--wd", "/", "--setuid", user, "--setgid", group, *config["config"]["Entrypoint"],
               "--libvirt_uri=test:///default", f"--listen_address=127.0.0.1:{port}"]  # fmt: skip
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        text = debian.scrape(process, port)
    finally:
        process.kill()
        process.wait()
    assert "\nlibvirt_up 1\n" in text


def test_image_holds_one_program_and_nothing_that_may_be_written(image):
    files = [path for path in image[1].rglob("*") if path.is_file() and not path.is_symlink()]
    programs = {str(path.relative_to(image[1])) for path in files if path.stat().st_mode & 0o111 and ".so" not in path.name}
    assert programs == {"usr/bin/virt_exporter"}
    assert not [path for path in files if path.stat().st_mode & 0o6022]


def test_bill_names_what_the_program_loads(made, image):
    (path,) = made.glob("*.spdx.json")
    bill = json.loads(path.read_text())
    assert bill["spdxVersion"] == "SPDX-2.3"
    of_image = {file.name for file in (image[1] / "var/lib/dpkg/status.d").iterdir()}
    loaded = {
        relation["relatedSpdxElement"].removeprefix("SPDXRef-deb-")
        for relation in bill["relationships"]
        if relation["relationshipType"] == "DEPENDS_ON"
    }
    assert loaded == {re.sub("[^A-Za-z0-9.-]", "-", name) for name in of_image} and "libvirt0" in loaded
    known = {package["SPDXID"] for package in bill["packages"]} | {"SPDXRef-DOCUMENT"}
    ends = {relation[end] for relation in bill["relationships"] for end in ("spdxElementId", "relatedSpdxElement")}
    assert ends == known
    assert all("@" in reference["referenceLocator"] for package in bill["packages"][1:] for reference in package["externalRefs"])
