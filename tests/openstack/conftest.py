# SPDX-License-Identifier: Apache-2.0
"""A control plane of real services, which all tests share, and exporters that watch it.

tests/openstack/build_venv build/openstack && /usr/bin/python3 -m pytest tests/openstack
"""

import contextlib
import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "lab"))

import cloud_truth  # noqa: E402
import control_plane  # noqa: E402
import lab  # noqa: E402
from api_faults import Proxy  # noqa: E402
from watch import Watch  # noqa: E402

# A small lab has lists of many pages all the same.
SMALL_PAGES = {
    "neutron": {"DEFAULT__pagination_max_limit": "10"}, "nova": {"api__max_limit": "4"},
    "cinder": {"DEFAULT__osapi_max_limit": "4"}, "glance": {"DEFAULT__api_limit_max": "10"},
}  # fmt: skip


@pytest.fixture(scope="session")
def plane():
    with control_plane.running("small", SMALL_PAGES) as running:
        yield running


@pytest.fixture(scope="session")
def owner(plane):
    return plane.api()


@pytest.fixture(scope="session")
def truth(owner):
    """All that is to be said of the cloud when nothing has changed, but usage."""
    return cloud_truth.of(owner)


@pytest.fixture(scope="session")
def proxies(plane):
    """A proxy before each service, for clouds that use the catalog's admin interface."""
    with contextlib.ExitStack() as stack:
        every = {service: stack.enter_context(Proxy(address)) for service, address in plane.addresses.items()}
        plane.publish({service: proxy.address for service, proxy in every.items()}, "admin")
        yield every


@pytest.fixture
def clouds(plane, proxies, tmp_path):
    """A clouds.yaml with those of the control plane, and "proxied": the administrator through the proxies."""
    proxied = plane.cloud(keystone=proxies["keystone"].address)
    return control_plane.write_clouds(tmp_path / "clouds.yaml", plane.clouds(proxied={**proxied, "interface": "admin"}))


@pytest.fixture
def watch(clouds, proxies):
    """Starts exporters: watch("reader") watches that cloud until the test ends."""
    with contextlib.ExitStack() as stack:
        yield lambda cloud="proxied", *flags: stack.enter_context(Watch(clouds, cloud, *flags))
    lab.wait_until("what they asked last is answered", lambda: all(proxy.is_idle() for proxy in proxies.values()))
