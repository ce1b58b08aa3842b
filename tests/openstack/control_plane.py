# SPDX-License-Identifier: Apache-2.0
"""A real OpenStack control plane: Keystone, Neutron, Nova, Cinder, Glance and Placement, one process each, on loopback,
with databases of SQLite, no message bus and no agents; of Cinder's services, its scheduler. What it has is made once (see fill.py) and kept in build/openstack.
"""

import contextlib
import hashlib
import itertools
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
import uuid

import yaml

HERE = pathlib.Path(__file__).resolve().parent
BUILD = HERE.parents[1] / "build/openstack"
sys.path.insert(0, str(HERE.parent / "lab"))

import api  # noqa: E402
from exporter import free_port  # noqa: E402
from lab import wait_until  # noqa: E402

BIN = BUILD / "venv/bin"
CONFIG = BUILD / "venv/etc"  # what the packages bring
SECRET = "lab-secret"  # of every user
# The catalog's type and, after the address, its path.
SERVICES = {
    "keystone": ("identity", "/v3"),
    "neutron": ("network", ""),
    "nova": ("compute", "/v2.1"),
    "cinder": ("block-storage", "/v3"),
    "glance": ("image", ""),
    "placement": ("placement", ""),
}
DATABASES = ("keystone", "neutron", "nova_api", "nova_cell0", "nova", "cinder", "glance", "placement")
STATE = ("db", "keys", "images")  # what is kept
TOKENS_KNOWN_FOR = 5  # seconds for which the services do not ask Keystone again for a token; usually 300
YEARS = 315360000  # seconds for which a heartbeat that is kept stays good


class ControlPlane:
    """The processes and their directory; use it in a `with` statement, so that all of it ends with the test.

    `state` is a directory with what an earlier one kept. `settings` are changes of the services' configuration, such as
    {"neutron": {"quotas__quota_port": "5"}}.
    """

    def __init__(self, state=None, settings=None):
        self.home = pathlib.Path(tempfile.mkdtemp(prefix="openstack-"))
        self.addresses = {service: f"http://127.0.0.1:{free_port()}" for service in SERVICES}
        self._processes, self._settings = {}, dict(settings or {})
        for name in (*STATE, "images/staging", "images/tasks", "locks", "log"):
            (self.home / name).mkdir()
        if state:
            shutil.copytree(state, self.home, dirs_exist_ok=True)
            self._move_here()
        self.configure()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.home)

    # ---- Processes ----------------------------------------------------------------------------------------------

    def start(self, *services):
        """Starts some services, or all, and waits until they answer."""
        self.configure()
        for service in services or SERVICES:
            self._processes[service] = self._serve(service)
        for service in services or SERVICES:
            wait_until(f"{service} answers", lambda service=service: self._answers(service), timeout=600)

    def _serve(self, service):
        command = [
            BIN / "python",
            HERE / "serve.py",
            service,
            self.addresses[service].split(":")[-1],
            self.etc(service),
        ]
        with open(self.home / f"log/{service}", "a") as log:
            return subprocess.Popen(
                # They end with the one that started them, however it ends.
                ["setpriv", "--pdeathsig", "KILL", *command],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

    def _answers(self, service):
        if self._processes[service].poll() is not None:
            raise RuntimeError(f"{service} ended: {self.log(service)[-2000:]}")
        try:
            return urllib.request.urlopen(self.addresses[service] + "/", timeout=10)
        except urllib.error.HTTPError:
            return True
        except OSError:
            return False

    def stop(self, *services):
        for service in services or list(self._processes):
            process = self._processes.pop(service)
            process.send_signal(signal.SIGKILL)  # a frozen one, too; each request was one transaction
            process.wait()

    @contextlib.contextmanager
    def configured(self, service, **settings):
        """Restarts it with a changed configuration, and afterwards with the usual one."""
        usual = self._settings.get(service, {})
        self._reconfigure(service, {**usual, **settings})
        try:
            yield
        finally:
            self._reconfigure(service, usual)

    def _reconfigure(self, service, settings):
        self._settings[service] = settings
        self.stop(service)
        self.start(service)

    @contextlib.contextmanager
    def stopped(self, service):
        self.stop(service)
        try:
            yield
        finally:
            self.start(service)

    @contextlib.contextmanager
    def frozen(self, service):
        """It accepts connections and never answers."""
        self._processes[service].send_signal(signal.SIGSTOP)
        try:
            yield
        finally:
            self._processes[service].send_signal(signal.SIGCONT)

    def wait_until_warm(self):
        """Waits until answers are good: Neutron publishes its policies before their rules are loaded, and says for a
        moment that there is nothing."""
        owner = self.api()
        wait_until("Neutron has networks", lambda: owner.get("neutron", "/networks")["networks"])
        owner.get("nova", "/flavors")

    def pid(self, service):
        return self._processes[service].pid

    def log(self, service):
        return (self.home / f"log/{service}").read_text(errors="replace")

    def command(self, program, *args, text=None):
        """Runs a program of the virtual environment."""
        done = subprocess.run([BIN / program, *args], input=text, text=True, capture_output=True, timeout=900)
        if done.returncode != 0:
            raise RuntimeError(f"{program} {args} ended with {done.returncode}: {done.stderr[-2000:]}")

    def rows(self, what, plan=""):
        """Lets rows.py write what no API call can make; see there."""
        self.command("python", HERE / "rows.py", what, self.home, text=plan)

    # ---- Configuration ------------------------------------------------------------------------------------------

    def etc(self, service):
        return self.home / f"etc/{service}"

    def configure(self):
        for service, sections in self._configuration().items():
            self.etc(service).mkdir(parents=True, exist_ok=True)
            for name, value in self._settings.get(service, {}).items():
                section, key = name.split("__")
                sections[section][key] = value
            name = "glance-api.conf" if service == "glance" else f"{service}.conf"
            with open(self.etc(service) / name, "w") as file:
                for section, pairs in sections.items():
                    file.write(f"[{section}]\n" + "".join(f"{key} = {value}\n" for key, value in pairs.items()))
        for paste in ("nova/api-paste.ini", "glance/glance-api-paste.ini"):
            shutil.copy(CONFIG / paste, self.home / "etc" / paste)

    def _configuration(self):
        """{service: {section: {key: value}}}"""
        signs_in = {
            "auth_type": "password", "auth_url": self.addresses["keystone"] + "/v3", "region_name": "RegionOne",
            "username": "svc", "password": SECRET, "user_domain_name": "Default",
            "project_name": "service", "project_domain_name": "Default",
        }  # fmt: skip
        common = {
            "DEFAULT": {"transport_url": "fake://", "state_path": self.home},
            "keystone_authtoken": {**signs_in, "www_authenticate_uri": self.addresses["keystone"],
                                   "token_cache_time": TOKENS_KNOWN_FOR},
            "oslo_concurrency": {"lock_path": self.home / "locks"},
        }
        return {
            "keystone": {
                "database": self._database("keystone"),
                "token": {"provider": "fernet"},
                "fernet_tokens": {"key_repository": self.home / "keys/fernet"},
                "credential": {"key_repository": self.home / "keys/credential"},
            },
            "neutron": {
                **common,
                "DEFAULT": {
                    **common["DEFAULT"], "core_plugin": "ml2", "auth_strategy": "keystone", "l3_ha": False,
                    "service_plugins": "router,network_ip_availability,segments,tag",
                    "api_paste_config": CONFIG / "neutron/api-paste.ini",
                    "notify_nova_on_port_status_changes": False, "notify_nova_on_port_data_changes": False,
                },
                "database": self._database("neutron"),
                "quotas": {"quota_port": -1, "quota_floatingip": -1},
                "ml2": {"type_drivers": "flat,vxlan", "tenant_network_types": "vxlan",
                        "mechanism_drivers": "openvswitch", "extension_drivers": "port_security"},
                "ml2_type_flat": {"flat_networks": "*"},
                "ml2_type_vxlan": {"vni_ranges": "1:5000"},
            },
            "nova": {
                **common,
                "DEFAULT": {**common["DEFAULT"], "service_down_time": YEARS, "host": "ctl01",
                            "instance_usage_audit_period": "month"},
                "api": {"auth_strategy": "keystone"},
                "wsgi": {"api_paste_config": self.etc("nova") / "api-paste.ini"},
                "database": self._database("nova"),
                "api_database": self._database("nova_api"),
                **{other: signs_in for other in ("placement", "neutron", "keystone", "glance", "cinder")},
                "service_user": {**signs_in, "send_service_user_token": True},
            },
            "cinder": {
                **common,
                "DEFAULT": {**common["DEFAULT"], "service_down_time": YEARS, "host": "ctl01", "auth_strategy": "keystone",
                            "api_paste_config": CONFIG / "cinder/api-paste.ini", "enabled_backends": "fast",
                            "resource_query_filters_file": CONFIG / "cinder/resource_filters.json",
                            "scheduler_driver_init_wait_time": 1},
                "database": self._database("cinder"),
            },
            "glance": {
                **common,
                "DEFAULT": {"enabled_backends": "files:file", "enabled_import_methods": "[]"},
                "glance_store": {"default_backend": "files"},
                "files": {"filesystem_store_datadir": self.home / "images"},
                "os_glance_staging_store": {"filesystem_store_datadir": self.home / "images/staging"},
                "os_glance_tasks_store": {"filesystem_store_datadir": self.home / "images/tasks"},
                "database": self._database("glance"),
                "paste_deploy": {"flavor": "keystone"},
            },
            "placement": {
                "placement_database": self._database("placement"),
                "keystone_authtoken": common["keystone_authtoken"],
                "api": {"auth_strategy": "keystone"},
            },
        }  # fmt: skip

    def database_url(self, database):
        return f"sqlite:///{self.home}/db/{database}.db"

    def _database(self, name):
        return {"connection": self.database_url(name), "sqlite_synchronous": False}

    # ---- Databases ----------------------------------------------------------------------------------------------

    @contextlib.contextmanager
    def database(self, name):
        """A connection whose changes are kept at the end."""
        with contextlib.closing(sqlite3.connect(self.home / f"db/{name}.db", timeout=60)) as connection, connection:
            yield connection

    @contextlib.contextmanager
    def reverted(self, *names):
        """Puts databases back as they were, while their services go on."""
        with contextlib.ExitStack() as stack:
            saved = {name: stack.enter_context(contextlib.closing(sqlite3.connect(":memory:"))) for name in names}
            for name, copy in saved.items():
                with self.database(name) as connection:
                    connection.backup(copy)
            try:
                yield
            finally:
                for name, copy in saved.items():
                    with self.database(name) as connection:
                        copy.backup(connection)

    def _move_here(self):
        """Says in databases that were kept where they are now."""
        with self.database("nova_api") as connection:
            for cell, name in (("cell0", "nova_cell0"), ("cell1", "nova")):
                connection.execute(
                    "UPDATE cell_mappings SET database_connection = ? WHERE name = ?", [self.database_url(name), cell]
                )
        self.publish(self.addresses, "public", "internal")

    def publish(self, addresses, *interfaces):
        """Writes interfaces of the catalog. The services themselves use the internal one."""
        with self.database("keystone") as connection:
            for interface, (service, (kind, path)) in itertools.product(interfaces, SERVICES.items()):
                connection.execute(
                    "DELETE FROM endpoint WHERE interface = ? AND service_id IN "
                    "(SELECT id FROM service WHERE type = ?)",
                    [interface, kind],
                )
                connection.execute(
                    "INSERT INTO endpoint (id, interface, service_id, url, extra, enabled, region_id) "
                    "SELECT ?, ?, id, ?, '{}', 1, 'RegionOne' FROM service WHERE type = ?",
                    [uuid.uuid4().hex, interface, addresses[service] + path, kind],
                )

    def keep(self, directory):
        """Keeps what there is for later ones. All services have to be stopped."""
        for name in DATABASES:
            with self.database(name) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        unfinished = directory.with_suffix(".part")
        shutil.rmtree(unfinished, ignore_errors=True)
        for part in STATE:
            shutil.copytree(self.home / part, unfinished / part)
        unfinished.rename(directory)

    # ---- Clients ------------------------------------------------------------------------------------------------

    def cloud(self, user="admin", project="admin", keystone=None, **more):
        """One entry of a clouds.yaml, which logs in at Keystone or at what stands before it."""
        auth = {"auth_url": (keystone or self.addresses["keystone"]) + "/v3", "username": user, "password": SECRET,
                "user_domain_name": "Default", "project_name": project, "project_domain_name": "Default"}  # fmt: skip
        return {"auth_type": "password", "region_name": "RegionOne", "auth": {**auth, **more}}

    def clouds(self, **more):
        """Those of a clouds.yaml: an administrator, a reader of one project, and an administrator of the system, whom
        Neutron shows nothing."""
        system = self.cloud(system_scope="all")
        for key in ("project_name", "project_domain_name"):
            del system["auth"][key]
        return {"admin": self.cloud(), "reader": self.cloud("reader", "shop"), "system": system, **more}

    def api(self, cloud=None):
        return api.Api(self.addresses, api.log_in((cloud or self.cloud())["auth"]))


def write_clouds(path, clouds):
    path.write_text(yaml.safe_dump({"clouds": clouds}, allow_unicode=True))
    path.chmod(0o600)
    return path


# ---- What is kept ----------------------------------------------------------------------------------------------


def digest():
    """Of all that decides what the databases have in them."""
    sources = [HERE / name for name in ("requirements.txt", "fill.py", "rows.py", "names.py")]
    return hashlib.sha256(b"".join(path.read_bytes() for path in sources)).hexdigest()[:16]


def state(size):
    """Gives the directory with the databases of a lab, "small" or "big", and makes them where nobody has."""
    import fill

    kept = BUILD / f"{size}-{digest()}"
    if not kept.exists():
        for old in BUILD.glob(f"{size}-*"):
            shutil.rmtree(old)
        with ControlPlane(state("small") if size == "big" else None) as plane:
            fill.big(plane) if size == "big" else fill.small(plane)
            plane.stop()
            plane.keep(kept)
    return kept


@contextlib.contextmanager
def running(size="small", settings=None):
    """A control plane with all services, whose first answers are good ones."""
    with ControlPlane(state(size), settings) as plane:
        plane.start()
        plane.wait_until_warm()
        yield plane
