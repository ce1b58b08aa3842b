# SPDX-License-Identifier: Apache-2.0
"""The Debian packages, from their build to their purge, in a Debian that has nothing else."""

import re

import pytest

import debian
from debian import NAME, REPOSITORY, Debian, package, run

TEST_HOST = "--libvirt_uri=test:///default --listen_address=127.0.0.1:{port}"


@pytest.fixture(scope="session", autouse=True)
def built():
    run(REPOSITORY / "tests/package/build")


@pytest.fixture(scope="session")
def installed_once(built):
    system = Debian()
    system.install(package(NAME))
    yield system
    system.close()


@pytest.fixture
def installed(installed_once):
    """A Debian with the package, for this test alone."""
    system = Debian(installed_once.layers)
    yield system
    system.close()


@pytest.fixture
def empty(built):
    system = Debian()
    yield system
    system.close()


def test_lintian_has_nothing_to_say():
    (changes,) = debian.BUILD.glob("*.changes")
    # Nobody asked Debian for it; and an override may be of a tag that only another release's lintian has.
    suppressed = ["--suppress-tags", "initial-upload-closes-no-bugs,alien-tag"]
    assert run("lintian", "--allow-root", "--fail-on", "error,warning", *suppressed, changes) == ""


def test_versions_are_the_same_everywhere():
    project = re.search(r"project\(virt_exporter VERSION (\S+)", (REPOSITORY / "CMakeLists.txt").read_text())[1]
    changelog = (REPOSITORY / "deploy/debian/changelog").read_text()
    assert changelog.startswith(f"{NAME} ({project}-")
    assert f"\n## {project}" in (REPOSITORY / "CHANGELOG.md").read_text()
    assert package(NAME).name.split("_")[1].startswith(f"{project}-")


def test_build_depends_on_all_that_a_build_needs():
    control = (REPOSITORY / "deploy/debian/control").read_text()
    listed = (REPOSITORY / "deploy/packages").read_text().splitlines()
    depends = re.search(r"Build-Depends:(.*?)\n\n", control, re.DOTALL)[1]
    assert {line for line in listed if not line.startswith("#")} <= set(re.findall(r"[a-z][\w.+-]+", depends))


def test_installed_program_runs_and_says_where_it_is_from(installed):
    assert re.match(r"virt_exporter version [\d.]+ \(debian-[\d.-]+, ", installed.run("virt_exporter", "--version"))
    assert "compute.cpu\ton" in installed.run("virt_exporter", "--list_pollsters")


def test_service_starts_with_the_flags_of_its_file_and_is_scraped(installed):
    port = debian.free_port()
    installed.set_flags(TEST_HOST.format(port=port))
    with installed.service() as scrape:
        text = scrape(port)
    assert "\nlibvirt_up 1\n" in text and 'libvirt_domain_state{domain="test",state="running"' in text


def test_package_brings_no_user_and_nobody_into_group_libvirt(installed, empty):
    for file in ("etc/passwd", "etc/group"):
        assert installed.path(file).read_text() == empty.path(file).read_text()


def test_manual_page_has_every_flag(installed):
    page = installed.path("usr/share/man/man1/virt_exporter.1.gz")
    shown = run("sh", "-c", f"zcat {page} | groff -man -Tutf8 -ww -P-cbou 2>&1")
    flags = re.findall(r"^    -(\w+) \(", installed.run("virt_exporter", "--help"), re.MULTILINE)
    assert len(flags) > 10 and "warning:" not in shown
    for flag in (*flags, "flagfile"):
        assert f"--{flag}" in shown
    assert "Default: qemu:///system." in re.sub(r"(‐\n\s+|\s+)", lambda gap: "" if "‐" in gap[0] else " ", shown)


COMPLETE = """source /usr/share/bash-completion/completions/virt_exporter
COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
_virt_exporter virt_exporter 2>/dev/null  # compopt works only where a line is edited
printf '%s\\n' "${COMPREPLY[@]}" """


@pytest.mark.parametrize(
    "words, completed",
    [
        (["--listen"], ["--listen_address="]),
        (["--list_m"], ["--list_meters"]),
        (["--fl"], ["--flagfile="]),
        (["--tab"], [""]),
        (["--pollsters", "=", "compute.cpu,compute.d"], ["compute.cpu,compute.disk", "compute.cpu,compute.domain"]),
        (["--log_level", "="], ["debug", "info", "warning", "error"]),
        (["--flagfile", "=", "/etc/default/prom"], [f"/etc/default/{NAME}", f"/etc/default/{NAME}-central"]),
    ],
)
def test_shell_completes_flags_and_their_values(installed, words, completed):
    out = installed.run("bash", "-c", COMPLETE, "bash", "virt_exporter", *words)
    assert sorted(out.splitlines()) == sorted(completed)


def test_upgrade_keeps_what_the_administrator_wrote(empty, tmp_path):
    empty.install(debian.older(package(NAME), tmp_path))
    port = debian.free_port()
    empty.set_flags(TEST_HOST.format(port=port))
    before = empty.path(f"etc/default/{NAME}").read_text()
    empty.run("apt-get", "--yes", "-o", "Dpkg::Options::=--force-confold", "install", copied(empty, package(NAME)))
    assert empty.run("dpkg-query", "--show", "--showformat=${Version}", NAME) == package(NAME).name.split("_")[1]
    assert empty.path(f"etc/default/{NAME}").read_text() == before
    assert not empty.path("usr/bin/virt_exporter_old").exists()
    with empty.service() as scrape:
        assert "\nlibvirt_up 1\n" in scrape(port)


def copied(system, deb):
    system.path(f"tmp/{deb.name}").write_bytes(deb.read_bytes())
    return f"/tmp/{deb.name}"


def test_removed_package_leaves_its_configuration_and_a_purged_one_nothing(installed):
    installed.set_flags("--log_level=debug")
    installed.run("apt-get", "--yes", "remove", NAME)
    left = {file for file in installed.files_of("virt.exporter") if not file.startswith("/var/")}
    # Debian's tools keep a link of an enabled service, so that it is enabled again with the package.
    assert left == {f"/etc/default/{NAME}", f"/etc/default/{NAME}-central", f"/etc/systemd/system/multi-user.target.wants/{NAME}.service"}
    assert installed.status() == "config-files"
    installed.run("apt-get", "--yes", "purge", NAME)
    assert installed.files_of("virt.exporter") == set() and installed.status() in ("", "not-installed")


def test_plug_in_is_built_against_the_dev_package_and_runs(installed_once, tmp_path):
    """With this machine's compiler, and so are its tests: the package has headers, CMake's files and the test kit."""
    system = Debian(installed_once.layers)
    try:
        system.install(package(f"{NAME}-dev"))
        prefix = system.path("usr")
        build = tmp_path / "build"
        run("cmake", "-G", "Ninja", "-S", REPOSITORY / "tests/plugin", "-B", build, f"-DCMAKE_PREFIX_PATH={prefix}")
        run("cmake", "--build", build, "--target", "uptime", "acme_tests")
        run(build / "acme_tests")
        (plug_in,) = build.rglob("*uptime.so")
        system.path("usr/lib/uptime.so").write_bytes(plug_in.read_bytes())
        assert "uptime\ton" in system.run("virt_exporter", "--plugins=/usr/lib/uptime.so", "--list_pollsters")
    finally:
        system.close()
