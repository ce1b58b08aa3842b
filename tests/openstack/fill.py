# SPDX-License-Identifier: Apache-2.0
"""What the labs have: a small one, made through the APIs, and a big one of cloned rows. rows.py adds what only agents
and hypervisors report.

On purpose: a name that needs escaping, one name in two domains, a disabled project, networks that are full, empty or of
more addresses than 64 bits can count, ports without an address, dead and disabled agents and hosts, a deleted server.
"""

import concurrent.futures
import json
import os

from api import Api, log_in
from control_plane import DATABASES, SECRET, SERVICES
from names import name_id

ODD = 'odd "quoted" \\ größe'
PROJECTS = ("shop", "bank", ODD, "empty")
FLAVORS = {"m1.tiny": (1, 512, 1), "m1.small": (2, 2048, 20), "c1.huge": (32, 131072, 0)}
HOSTS = [f"cmp{number:02}" for number in range(1, 5)]
# Of each server: project, flavor, host, state.
SERVERS = [
    ("shop", "m1.tiny", "cmp01", "active"),
    ("shop", "m1.small", "cmp01", "active"),
    ("shop", "c1.huge", "cmp02", "active"),
    ("shop", "m1.tiny", "cmp02", "stopped"),
    ("shop", "m1.tiny", None, "error"),
    ("bank", "m1.small", "cmp02", "active"),
    ("bank", "m1.small", "cmp03", "active"),
    ("bank", "m1.tiny", "cmp04", "paused"),
    ("bank", "m1.tiny", "cmp01", "shelved_offloaded"),
    (ODD, "m1.small", "cmp04", "active"),
    (ODD, "m1.tiny", None, "building"),
    ("bank", "m1.tiny", "cmp01", "deleted"),
]
# Of each floating IP: external network, project, number of the server that has it, state.
FLOATING_IPS = [
    ("public", "shop", 1, "ACTIVE"),
    ("public", "shop", 2, "DOWN"),
    ("public", "bank", 6, "ERROR"),
    ("public", "bank", None, "DOWN"),
    ("public-wide", "bank", 7, "ACTIVE"),
    ("public-wide", ODD, None, "DOWN"),
]
# Of each volume: project, server that has it, state, GiB.
VOLUMES = [
    ("shop", None, "available", 1),
    ("shop", 1, "in-use", 20),
    ("shop", 2, "in-use", 40),
    ("bank", None, "error", 8),
    ("bank", 6, "in-use", 100),
    (ODD, None, "error_deleting", 2),
]
BIG = {"hosts": 50, "ports": 11000, "floating_ips": 1000, "servers": 5000}


def small(plane):
    schemas(plane)
    plane.start("keystone")
    owner = Api(plane.addresses, log_in(plane.cloud()["auth"]))
    projects = identity(owner)
    plane.publish(plane.addresses, "public", "internal")
    plane.start(*(service for service in SERVICES if service != "keystone"))
    images(owner, projects)
    flavors(owner)
    agents(plane)
    hosts(plane, HOSTS)
    aggregates(owner)
    networks = Networks(owner, projects)
    networks.make()
    ports = servers(plane, networks)
    floating_ips(networks, ports)
    plane.rows("neutron_states", json.dumps({"dead_host": "cmp03"}))
    volumes(plane, owner, projects)
    providers(owner, HOSTS, projects["shop"])


def big(plane):
    hosts(plane, [f"cmp{number:02}" for number in range(len(HOSTS) + 1, BIG["hosts"] + 1)])
    plane.rows("clones", json.dumps(BIG))


def schemas(plane):
    """Makes empty databases, Keystone's with its administrator."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        list(pool.map(lambda make: make(plane), (keystone_schema, neutron_schema, nova_schema, other_schemas)))
    for name in DATABASES:
        with plane.database(name) as connection:
            connection.execute("PRAGMA journal_mode=WAL")


def keystone_schema(plane):
    keystone = ("keystone-manage", "--config-file", plane.etc("keystone") / "keystone.conf")
    plane.command(*keystone, "db_sync")
    owner = ("--keystone-user", str(os.getuid()), "--keystone-group", str(os.getgid()))
    for kind in ("fernet", "credential"):
        (plane.home / "keys" / kind).mkdir(mode=0o700)
        plane.command(*keystone, f"{kind}_setup", *owner)
    plane.command(*keystone, "bootstrap", "--bootstrap-password", SECRET, "--bootstrap-region-id", "RegionOne",
                 "--bootstrap-public-url", plane.addresses["keystone"] + "/v3")  # fmt: skip


def neutron_schema(plane):
    plane.rows("neutron_schema")
    plane.command("neutron-db-manage", "--config-file", plane.etc("neutron") / "neutron.conf", "stamp", "heads")


def nova_schema(plane):
    nova = ("nova-manage", "--config-file", plane.etc("nova") / "nova.conf")
    plane.command(*nova, "api_db", "sync")
    plane.command(*nova, "cell_v2", "map_cell0", "--database_connection", plane.database_url("nova_cell0"))
    plane.command(*nova, "db", "sync")
    cell = ("--name", "cell1", "--database_connection", plane.database_url("nova"), "--transport-url", "fake://")
    plane.command(*nova, "cell_v2", "create_cell", *cell)


def other_schemas(plane):
    plane.command("glance-manage", "--config-file", plane.etc("glance") / "glance-api.conf", "db", "sync")
    plane.command("cinder-manage", "--config-file", plane.etc("cinder") / "cinder.conf", "db", "sync")
    plane.command("placement-manage", "--config-file", plane.etc("placement") / "placement.conf", "db", "sync")


# ---- Keystone --------------------------------------------------------------------------------------------------


def identity(owner):
    """Projects, users, roles and the services of the catalog. Gives the projects' ids by name."""

    def ids(kind):
        return {item["name"]: item["id"] for item in owner.get("keystone", f"/{kind}")[kind]}

    def grant(user, project, role):
        owner.call("keystone", "PUT", f"/projects/{projects[project]}/users/{users[user]}/roles/{roles[role]}")

    for name in ("service", *PROJECTS):
        owner.post(
            "keystone", "/projects", project={"name": name, "domain_id": "default", "description": f"{name} here"}
        )
    owner.post("keystone", "/projects", project={"name": "off", "domain_id": "default", "enabled": False})
    for name in ("svc", "reader"):
        owner.post("keystone", "/users", user={"name": name, "password": SECRET, "domain_id": "default"})
    owner.post("keystone", "/groups", group={"name": "operators", "domain_id": "default"})
    roles, users, projects = ids("roles"), ids("users"), ids("projects")
    grant("svc", "service", "admin")
    grant("svc", "service", "service")
    grant("reader", "shop", "reader")
    owner.call("keystone", "PUT", f"/system/users/{users['admin']}/roles/{roles['admin']}")
    tenants = owner.post("keystone", "/domains", domain={"name": "tenants", "description": "a second domain"})["id"]
    owner.post("keystone", "/projects", project={"name": "shop", "domain_id": tenants})
    for service, (kind, _) in SERVICES.items():
        if kind != "identity":
            owner.post("keystone", "/services", service={"type": kind, "name": service})
    return projects


# ---- Glance, Placement -----------------------------------------------------------------------------------------


def images(owner, projects):
    def image(name, content=None, project="admin", visibility="public"):
        made = owner.call("glance", "POST", "/images", {
            "name": name, "disk_format": "raw", "container_format": "bare", "owner": projects[project],
            "visibility": visibility,
        })["id"]  # fmt: skip
        if content:
            raw = {"Content-Type": "application/octet-stream"}
            owner.call("glance", "PUT", f"/images/{made}/file", content, **raw)

    image("cirros", bytes(1000))
    image("golden", bytes(4096), "shop", "private")
    image("queued")
    for number in range(30):  # Glance's page has 25
        image(f"snapshot-{number:02}", b"s" * (100 + number), "bank", "private")


def providers(owner, names, project):
    for number, host in enumerate(names, 1):
        provider = name_id(host)
        owner.call("placement", "POST", "/resource_providers", {"name": f"{host}.lab", "uuid": provider})
        owner.call("placement", "PUT", f"/resource_providers/{provider}/inventories", {
            "resource_provider_generation": 0,
            "inventories": {
                "VCPU": {"total": 64, "allocation_ratio": 4.0, "reserved": 2},
                "MEMORY_MB": {"total": 262144, "reserved": 512},
            },
        })  # fmt: skip
        owner.call("placement", "PUT", f"/allocations/{name_id('consumer', number)}", {
            "allocations": {provider: {"resources": {"VCPU": number, "MEMORY_MB": 2048}}},
            "project_id": project, "user_id": "admin", "consumer_generation": None,
        })  # fmt: skip


# ---- Cinder ----------------------------------------------------------------------------------------------------


def volumes(plane, owner, projects):
    owner.post("cinder", "/types", volume_type={"name": "fast", "extra_specs": {"volume_backend_name": "fast"}})
    plan = []
    for number, (project, server, status, size) in enumerate(VOLUMES, 1):
        made = owner.post("cinder", "/volumes", volume={"size": size, "name": f"{project}-{number}", "volume_type": "fast"})
        plan.append({"id": made["id"], "project": projects[project], "status": status,
                     "server": name_id("server", server) if server else None})  # fmt: skip
    plane.rows("cinder_states", json.dumps(plan))
    for name in ("nightly", "broken"):
        owner.post("cinder", "/snapshots", snapshot={"volume_id": plan[0]["id"], "name": name})
    plane.rows("cinder_snapshots")


# ---- Nova ------------------------------------------------------------------------------------------------------


def flavors(owner):
    for number, (name, (vcpus, ram, disk)) in enumerate(FLAVORS.items(), 1):
        owner.post(
            "nova", "/flavors", flavor={"id": str(number), "name": name, "vcpus": vcpus, "ram": ram, "disk": disk}
        )
    private = {
        "id": "p1",
        "name": "private.gpu",
        "vcpus": 8,
        "ram": 65536,
        "disk": 10,
        "os-flavor-access:is_public": False,
    }
    owner.post("nova", "/flavors", flavor=private)


def hosts(plane, names):
    plan = {"hosts": names, "dead": ["cmp03"], "disabled": {"cmp04": 'memory "ECC" errors'}}
    plane.rows("nova_hosts", json.dumps(plan))


def aggregates(owner):
    for name, zone, members in (("fast", "az1", HOSTS[:2]), ("ssd", None, HOSTS[1:3])):
        made = owner.post("nova", "/os-aggregates", aggregate={"name": name, "availability_zone": zone})["id"]
        for host in members:
            owner.call("nova", "POST", f"/os-aggregates/{made}/action", {"add_host": {"host": host}})


def servers(plane, networks):
    """Gives the port of each server, by the server's number."""
    plan, ports = [], {}
    for number, (project, flavor, host, state) in enumerate(SERVERS, 1):
        server = {
            "uuid": name_id("server", number), "name": f"{project.split()[0]}-web-{number}", "host": host,
            "project": networks.projects[project], "flavor": flavor, "state": state, "hours": number * 10, "vifs": [],
        }  # fmt: skip
        if host and state != "deleted":
            port = networks.port(
                server["name"], f"{project}-net", project, device_owner="compute:nova", device_id=server["uuid"],
                **{"binding:host_id": host},
            )  # fmt: skip
            ports[number] = port["id"]
            addresses = [address["ip_address"] for address in port["fixed_ips"]]
            server["vifs"] = [{"port": port["id"], "mac": port["mac_address"], "network": port["network_id"],
                               "label": f"{project}-net", "addresses": addresses}]  # fmt: skip
        plan.append(server)
    plane.rows("nova_servers", json.dumps(plan))
    return ports


# ---- Neutron ---------------------------------------------------------------------------------------------------


def agents(plane):
    layer2 = [[host, "Open vSwitch agent", "neutron-openvswitch-agent"] for host in HOSTS]
    network = [
        [host, kind, binary]
        for host in ("net01", "net02")
        for kind, binary in (("L3 agent", "neutron-l3-agent"), ("DHCP agent", "neutron-dhcp-agent"))
    ]
    plan = {"agents": layer2 + network, "dead": ["cmp03", "net02"], "disabled": [["net01", "neutron-dhcp-agent"]]}
    plane.rows("neutron_agents", json.dumps(plan))


class Networks:
    """What Neutron has, by name."""

    def __init__(self, owner, projects):
        self.owner, self.projects, self.ids = owner, projects, {}

    def add(self, kind, name, project="admin", **more):
        path = "/" + kind.replace("_", "-") + "s"
        made = self.owner.post("neutron", path, **{kind: {"name": name, "project_id": self.projects[project], **more}})
        self.ids[name] = made["id"]
        return made

    def network(self, name, project, *cidrs, **more):
        network = self.add("network", name, project, **more)["id"]
        for cidr in cidrs:
            version = 6 if ":" in cidr else 4
            self.add("subnet", f"{name}-v{version}", project, network_id=network, ip_version=version, cidr=cidr)

    def port(self, name, network, project, **more):
        return self.add("port", name, project, network_id=self.ids[network], **more)

    def router(self, name, project, outside=None, inside=None, **more):
        if outside:
            more["external_gateway_info"] = {"network_id": self.ids[outside]}
        router = self.add("router", name, project, **more)["id"]
        if inside:
            self.owner.call(
                "neutron", "PUT", f"/routers/{router}/add_router_interface", {"subnet_id": self.ids[inside]}
            )

    def make(self):
        for name, cidrs in (("public", ("203.0.113.0/24", "2001:db8::/64")), ("public-wide", ("198.18.0.0/15",))):
            self.network(name, "admin", *cidrs, **{
                "router:external": True, "provider:network_type": "flat", "provider:physical_network": f"phys-{name}",
            })  # fmt: skip
        self.network("shop-net", "shop", "10.1.0.0/24", "fd00:1::/64")
        self.network("bank-net", "bank", "10.2.0.0/24")
        self.network(f"{ODD}-net", ODD, "10.3.0.0/24")
        self.network("wide-net", "bank", "10.128.0.0/9")
        self.network("full-net", "bank", "10.9.0.0/29")
        self.network("no-subnet", "shop", admin_state_up=False)
        for project in ("shop", "bank"):
            self.add("security_group", f"{project}-web", project)
        self.router("shop-router", "shop", "public", "shop-net-v4")
        self.router("bank-router", "bank", "public", "bank-net-v4")
        self.router("wide-router", "bank", "public-wide", "wide-net-v4")
        self.router("inside", "bank")
        self.router("down", "bank", admin_state_up=False)
        for number in range(5):  # of six addresses one is the gateway's
            self.port(f"full-{number}", "full-net", "bank")
        self.port("no-address", "shop-net", "shop", fixed_ips=[], **{"binding:host_id": "cmp02"})
        self.port("no-agent", "bank-net", "bank", device_owner="compute:nova", **{"binding:host_id": "nowhere"})
        self.port("balancer", "shop-net", "shop", device_owner="Octavia", **{"binding:host_id": "cmp01"})
        self.port("balancer-down", "shop-net", "shop", device_owner="Octavia")
        self.port("old-balancer", "shop-net", "shop", device_owner="neutron:LOADBALANCERV2")
        self.port("template", "wide-net", "bank", device_owner="compute:nova", **{"binding:host_id": "cmp01"})


def floating_ips(networks, ports):
    for outside, project, server, status in FLOATING_IPS:
        if outside == "public-wide" and server:
            port = networks.port("wide-server", "wide-net", "bank", device_owner="compute:nova")["id"]
        else:
            port = ports.get(server)
        networks.owner.post("neutron", "/floatingips", floatingip={
            "floating_network_id": networks.ids[outside], "project_id": networks.projects[project],
            "description": f"want {status}", **({"port_id": port} if port else {}),
        })  # fmt: skip
