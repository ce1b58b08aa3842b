# SPDX-License-Identifier: Apache-2.0
"""One OpenStack API in this process, on loopback, in the virtual environment of build_venv.

serve.py SERVICE PORT ETC     ETC is the directory of its configuration
"""

import importlib
import os
import sys

import waitress

APPLICATIONS = {
    "keystone": "keystone.wsgi.api",
    "neutron": "neutron.wsgi.api",
    "nova": "nova.wsgi.osapi_compute",
    "glance": "glance.wsgi.api",
    "placement": "placement.wsgi.api",
}
THREADS = 4  # as many workers as a small deployment has


def application(service, etc):
    """Imports the service, which reads its configuration at that moment."""
    del sys.argv[1:]  # the services read arguments, too
    os.environ["OS_KEYSTONE_CONFIG_FILES"] = f"{etc}/keystone.conf"
    os.environ[f"OS_{service.upper()}_CONFIG_DIR"] = etc
    if service == "neutron":
        os.environ["OS_NEUTRON_CONFIG_FILES"] = "neutron.conf"
    return importlib.import_module(APPLICATIONS[service]).application


if __name__ == "__main__":
    name, port, directory = sys.argv[1:]
    waitress.serve(application(name, directory), host="127.0.0.1", port=int(port), threads=THREADS, ident=None)
