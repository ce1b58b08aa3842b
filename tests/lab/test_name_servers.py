# SPDX-License-Identifier: Apache-2.0
"""Name servers that take questions and do not answer, so that a cloud is not found for a long time."""

import socket
import subprocess
import time

import pytest

from exporter import Exporter

CLOUDS = """
clouds:
  far:
    auth:
      auth_url: http://keystone.example.org:5000/v3
      username: admin
      password: lab-secret
      project_name: admin
      user_domain_name: Default
      project_domain_name: Default
"""


@pytest.fixture
def silent_name_server(tmp_path):
    (tmp_path / "resolv.conf").write_text("nameserver 127.0.0.99\noptions timeout:20 attempts:1\n")
    subprocess.run(["mount", "--bind", tmp_path / "resolv.conf", "/etc/resolv.conf"], check=True)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
            server.bind(("127.0.0.99", 53))
            yield
    finally:
        subprocess.run(["umount", "/etc/resolv.conf"], check=True)


def test_a_scrape_waits_no_longer_for_a_name_than_for_a_connection(tmp_path, silent_name_server):
    clouds = tmp_path / "clouds.yaml"
    clouds.write_text(CLOUDS)
    clouds.chmod(0o600)
    with Exporter("--pollsters=central.*", f"--os_client_config_file={clouds}", "--os_cloud=far") as exporter:
        begun = time.monotonic()
        scrape = exporter.scrape()
        assert time.monotonic() - begun < 7  # 3 to connect; 10 is the scrape's own timeout
        assert scrape.value("openstack_identity_up") == 0
        assert {labels["reason"] for labels, _ in scrape.matching("virt_openstack_list_failed")} == {"login"}
        assert "cloud 'far'" in exporter.log()
        assert exporter.stop()[0] == 0
