# SPDX-License-Identifier: Apache-2.0
"""What the exporter counts about itself, each with what makes it count."""

import signal
import socket
import ssl
import subprocess

import pytest

import lab
from exporter import Exporter

# Of "secret", with four rounds.
PASSWORDS = "basic_auth_users: {alice: $2y$04$hCi/O6ucQIbN5vYpVCaViObXNo2QI44iuscnHZo0eFDp/ZX0QSH5a}\n"


class TlsExporter(Exporter):
    """It listens when it says so: the usual question, over HTTP, would be a failed handshake."""

    def _healthy_or_dead(self):
        return "listens on" in self.log()


def total(scrape, family, **labels):
    """The sum of a family's series with these labels."""
    return sum(value for _, value in scrape.matching(family, **labels))


def comes_to(exporter, number, family, **labels):
    """Waits: a request is counted when its answer has gone out, perhaps after it has come."""
    lab.wait_until(
        f"{family}{labels} is {number}", lambda: total(exporter.scrape("compute.domain"), family, **labels) == number
    )


def test_requests_count_for_their_page_and_status(host):
    with Exporter() as exporter:
        for path in ("/nothing", "/metrics?pollster[]=nothing", "/metrics", "/"):
            exporter.get(path).read()
        comes_to(exporter, 1, "virt_exporter_http_requests_total", code="404", handler="none")
        comes_to(exporter, 1, "virt_exporter_http_requests_total", code="200", handler="/")
        comes_to(exporter, 1, "promhttp_metric_handler_requests_total", code="400")
        before = exporter.scrape().value("promhttp_metric_handler_requests_total", code="200")
        comes_to(exporter, before + 2, "promhttp_metric_handler_requests_total", code="200")
        scrape = exporter.scrape()
        labels = {"handler": "/metrics"}
        requests = total(scrape, "virt_exporter_http_requests_total", **labels)
        assert scrape.value("virt_exporter_http_request_duration_seconds_count", **labels) == requests
        assert 0 < scrape.value("virt_exporter_http_request_duration_seconds_sum", **labels) < 60


def test_client_without_the_password_counts_as_401(host, tmp_path):
    config = tmp_path / "web.yml"
    config.write_text("basic_auth_users: {}\n")
    with Exporter(f"--web_config_file={config}") as exporter:
        config.write_text(PASSWORDS)
        assert exporter.get("/metrics").status == 401
        config.write_text("basic_auth_users: {}\n")
        comes_to(exporter, 1, "promhttp_metric_handler_requests_total", code="401")


def test_client_that_does_not_trust_the_certificate_counts_as_a_failed_handshake(host, tmp_path):
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
         "-subj", "/CN=lab", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", tmp_path / "tls.key", "-out", tmp_path / "tls.crt"],
        check=True, capture_output=True,
    )
    (tmp_path / "web.yml").write_text("tls_server_config: {cert_file: tls.crt, key_file: tls.key}\n")

    def curl(exporter, *options):
        url = f"https://127.0.0.1:{exporter.port}/metrics?pollster[]=compute.domain"
        return subprocess.run(["curl", "-gsS", *options, url], capture_output=True, text=True)

    with TlsExporter(f"--web_config_file={tmp_path / 'web.yml'}") as exporter:
        trusted = ["--cacert", tmp_path / "tls.crt"]
        assert "\nvirt_exporter_tls_handshake_errors_total 0\n" in curl(exporter, *trusted).stdout
        with socket.create_connection(("127.0.0.1", exporter.port)) as connection:
            with pytest.raises(ssl.SSLCertVerificationError):  # within the handshake; a new curl finishes it first
                ssl.create_default_context().wrap_socket(connection, server_hostname="127.0.0.1")
        lab.wait_until(
            "the handshake is counted",
            lambda: "\nvirt_exporter_tls_handshake_errors_total 1\n" in curl(exporter, *trusted).stdout,
        )


def test_call_that_hangs_times_out_and_its_duration_counts_when_it_is_back(host):
    timeouts, calls = "virt_libvirt_call_timeouts_total", "virt_libvirt_call_duration_seconds_count"
    with Exporter("--scrape_timeout=3") as exporter:
        scrape = exporter.scrape()
        assert total(scrape, timeouts) == 0
        for kind in ("connect", "list", "domain", "xml", "job", "host"):
            assert scrape.value(calls, kind=kind) > 0, kind
        with lab.frozen("vcpu-hole"):
            assert exporter.scrape().value(timeouts, kind="domain") > 0
            scrape = exporter.scrape()
            assert scrape.value("virt_libvirt_calls_left_behind") > 0
            before = total(scrape, timeouts), scrape.value(calls, kind="domain")
        lab.wait_until("it is back", lambda: exporter.scrape().value("virt_libvirt_calls_left_behind") == 0)
        after = exporter.scrape()
        assert total(after, timeouts) == before[0]
        assert after.value(calls, kind="domain") > before[1]


def test_read_counts_for_its_source_once_for_all_scrapes_that_share_it(exporter):
    before = exporter.scrape().value("virt_read_duration_seconds_count", source="libvirt")
    after = exporter.scrape().value("virt_read_duration_seconds_count", source="libvirt")
    assert after == before + 1


@pytest.mark.restarts_libvirtd
def test_lost_connection_counts_with_what_is_logged_of_it(host):
    errors, lines = "virt_libvirt_call_errors_total", "virt_exporter_log_messages_total"
    with Exporter() as exporter:
        before = exporter.scrape()
        assert (total(before, errors), before.value("virt_libvirt_reconnects_total")) == (0, 0)
        assert before.value(lines, level="warning") == exporter.log().count(" warning ")
        lab.stop_libvirtd(signal.SIGKILL)
        try:
            down = exporter.scrape()
        finally:
            lab.start_libvirtd()
        assert down.value(errors, kind="connect") == 1
        assert down.value(lines, level="warning") == exporter.log().count(" warning ") > before.value(lines, level="warning")
        assert exporter.scrape().value("virt_libvirt_reconnects_total") == 1
