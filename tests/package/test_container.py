# SPDX-License-Identifier: Apache-2.0
"""The container image: built by its recipe with buildah, and run as the user that it names."""

import contextlib
import json
import stat
import subprocess

import pytest

import debian
from debian import REPOSITORY, run

BASE = "trixie"


class Image:
    def __init__(self, files):
        self.files = files
        run(REPOSITORY / "tests/package/build_image", debian.bare(BASE), files, timeout=1200)
        self.config = json.loads(files.with_suffix(".json").read_text())["OCIv1"]["config"]
        run("mount", "--bind", files, files)
        run("mount", "-o", "remount,bind,ro", files)

    def command(self, *flags):
        """What a container runtime does: the image's entry point as its user, with its files, which are read-only."""
        user, group = self.config["User"].split(":")
        return ["unshare", "--root", self.files, "--wd", "/", "--setuid", user, "--setgid", group,
                *self.config["Entrypoint"], *flags]

    @contextlib.contextmanager
    def running(self, *flags):
        process = subprocess.Popen(self.command(*flags), stderr=subprocess.PIPE, text=True)
        try:
            yield process
        finally:
            process.kill()
            process.wait()


@pytest.fixture(scope="module")
def image(tmp_path_factory):
    made = Image(tmp_path_factory.mktemp("image") / "files")
    yield made
    run("umount", made.files)


def test_container_is_scraped_as_a_user_without_a_name_and_with_nothing_to_write(image):
    assert image.config["User"] == "65534:65534"
    port = debian.free_port()
    with image.running("--libvirt_uri=test:///default", f"--listen_address=127.0.0.1:{port}") as process:
        text = debian.scrape(process, port)
    assert "\nlibvirt_up 1\n" in text and 'libvirt_domain_state{domain="test",state="running"' in text
    assert 'revision="test"' in text


def test_container_says_what_it_lacks_where_there_is_no_libvirt(image):
    done = subprocess.run(image.command("--once"), capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and "\nlibvirt_up 0\n" in done.stdout
    assert "cannot connect to qemu:///system" in done.stderr and "No such file" in done.stderr


def test_image_is_small_and_holds_nothing_to_misuse(image):
    files = [file for file in image.files.rglob("*") if file.is_file() and not file.is_symlink()]
    assert sum(file.stat().st_size for file in files) < 100 << 20
    programs = {str(file.relative_to(image.files)) for file in files
                if file.stat().st_mode & stat.S_IXUSR and ".so" not in file.name}
    assert programs == {"usr/bin/virt_exporter"}
    assert not [file for file in files if file.stat().st_mode & (stat.S_ISUID | stat.S_ISGID | stat.S_IWOTH)]


def test_image_says_whose_libraries_it_holds(image):
    packages = {file.name for file in (image.files / "var/lib/dpkg/status.d").iterdir()}
    assert {"libc6", "libvirt0", "libgflags2.2"} <= packages
    for package in packages:
        assert (image.files / f"usr/share/doc/{package}/copyright").stat().st_size > 0
    assert f"VERSION_CODENAME={BASE}\n" in (image.files / "etc/os-release").read_text()


def test_recipe_names_the_base_that_is_tested():
    recipe = (REPOSITORY / "deploy/container/Containerfile").read_text()
    assert f"\nARG BASE=docker.io/library/debian:{BASE}-slim\n" in recipe
