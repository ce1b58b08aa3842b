# SPDX-License-Identifier: Apache-2.0
"""What the exporter has to say, made of the APIs' own answers: {(family, frozenset of labels): value}."""

import collections
import datetime
import itertools
import math

NETWORK_STATUS = {"ACTIVE": 0, "BUILD": 1, "DOWN": 2, "ERROR": 3}
SERVER_STATUS = {"ACTIVE": 0, "BUILD": 1, "ERROR": 4, "SHUTOFF": 11, "PAUSED": 16, "SHELVED_OFFLOADED": 19}
VOLUME_STATUS = (
    "available", "attaching", "awaiting-transfer", "backing-up", "creating", "deleting", "detaching", "downloading",
    "error", "error_backing-up", "error_deleting", "error_extending", "error_managing", "error_restoring", "extending",
    "in-use", "maintenance", "managing", "reserved", "restoring-backup", "retyping", "uploading",
)  # fmt: skip
MIB, GIB = 1 << 20, 1 << 30


def of(api):
    """Everything but usage, which grows while one looks (see usage)."""
    return {**of_all_but_servers(api), **servers(api)}


def of_all_but_servers(api):
    nova = {**flavors(api), **services(api), **hypervisors(api)}
    return {**identity(api), **neutron(api), **nova, **images(api), **cinder(api), **placement(api), **capacity(api)}


def series(family, labels, value=1):
    return {(family, frozenset((name, text(label)) for name, label in labels.items())): float(value)}


def text(value):
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)


def counted(family, items, *labels):
    """How many items there are for each combination of the labels."""
    found = collections.Counter(tuple(item.items()) for item in items)
    return {key: value for item, count in found.items() for key, value in series(family, dict(item), count).items()}


def merged(parts):
    return dict(collections.ChainMap(*parts))


def count(family, items):
    return series(family, {}, len(list(items)))


# ---- Keystone --------------------------------------------------------------------------------------------------


def identity(api):
    lists = {
        kind: api.get("keystone", f"/{kind}")[kind] for kind in ("projects", "domains", "users", "groups", "regions")
    }
    counts = [count(f"openstack_identity_{kind}", items) for kind, items in lists.items()]
    project = ("is_domain", "description", "domain_id", "enabled", "id", "name", "parent_id")
    domain = ("description", "enabled", "id", "name")
    return merged([
        *counts,
        *(series("openstack_identity_project_info", {key: item[key] for key in project}) for item in lists["projects"]),
        *(series("openstack_identity_domain_info", {key: item[key] for key in domain}) for item in lists["domains"]),
    ])  # fmt: skip


# ---- Neutron ---------------------------------------------------------------------------------------------------


def neutron(api):
    return {**floating_ips(api), **networks(api), **routers(api), **ports(api), **agents(api)}


def floating_ips(api):
    ips = api.all("neutron", "/floatingips")
    labels = ("id", "floating_network_id", "router_id", "status", "project_id", "floating_ip_address")
    stuck = [ip for ip in ips if ip["port_id"] and ip["status"] != "ACTIVE"]
    return merged([
        count("openstack_neutron_floating_ips", ips),
        count("openstack_neutron_floating_ips_associated_not_active", stuck),
        counted("openstack_neutron_floating_ips_by_status",
                [{key: ip[key] for key in ("floating_network_id", "project_id", "status")} for ip in ips]),
        *(series("openstack_neutron_floating_ip", {key: ip[key] for key in labels}) for ip in ips),
    ])  # fmt: skip


def networks(api):
    every, subnets = api.all("neutron", "/networks"), api.all("neutron", "/subnets")
    addresses = api.get("neutron", "/network-ip-availabilities")["network_ip_availabilities"]
    return merged([
        count("openstack_neutron_networks", every),
        count("openstack_neutron_subnets", subnets),
        count("openstack_neutron_security_groups", api.all("neutron", "/security-groups")),
        *map(network, every),
        *map(subnet, subnets),
        *(availability(of, part) for of in addresses for part in of["subnet_ip_availability"]),
    ])  # fmt: skip


def network(item):
    return series("openstack_neutron_network", {
        "id": item["id"], "tenant_id": item["project_id"], "status": item["status"], "name": item["name"],
        "is_shared": item["shared"], "is_external": item["router:external"], "mtu": item["mtu"],
        "provider_network_type": item["provider:network_type"],
        "provider_segmentation_id": item["provider:segmentation_id"],
        "provider_physical_network": item["provider:physical_network"],
    }, NETWORK_STATUS[item["status"]])  # fmt: skip


def subnet(item):
    labels = ("id", "name", "network_id", "cidr", "gateway_ip", "enable_dhcp")
    return series("openstack_neutron_subnet", {"tenant_id": item["project_id"], **{key: item[key] for key in labels}})


def availability(item, part):
    labels = {key: item[key] for key in ("network_id", "network_name", "project_id")}
    labels.update({key: part[key] for key in ("subnet_name", "cidr", "ip_version")})
    return {
        **series("openstack_neutron_network_ip_availabilities_total", labels, part["total_ips"]),
        **series("openstack_neutron_network_ip_availabilities_used", labels, part["used_ips"]),
    }


def routers(api):
    every = api.all("neutron", "/routers")
    return merged([
        count("openstack_neutron_routers", every),
        count("openstack_neutron_routers_not_active", [item for item in every if item["status"] != "ACTIVE"]),
        *(series("openstack_neutron_router", {
            **{key: item[key] for key in ("id", "name", "project_id", "admin_state_up", "status")},
            "external_network_id": (item["external_gateway_info"] or {}).get("network_id"),
        }) for item in every),
    ])  # fmt: skip


def ports(api):
    every = api.all("neutron", "/ports")
    without = [port for port in every if port["status"] == "ACTIVE" and not port["fixed_ips"]]
    balancers = [
        port for port in every if port["device_owner"] == "neutron:LOADBALANCERV2" and port["status"] != "ACTIVE"
    ]
    return merged([
        count("openstack_neutron_ports", every),
        count("openstack_neutron_ports_no_ips", without),
        count("openstack_neutron_ports_lb_not_active", balancers),
        counted("openstack_neutron_ports_by_state", [
            {"network_id": port["network_id"], "device_owner": port["device_owner"], "status": port["status"],
             "binding_vif_type": port["binding:vif_type"]} for port in every
        ]),
    ])  # fmt: skip


def agents(api):
    return merged([
        series("openstack_neutron_agent_state", {
            "id": item["id"], "hostname": item["host"], "service": item["binary"],
            "adminState": "up" if item["admin_state_up"] else "down", "availability_zone": item["availability_zone"],
        }, item["alive"])
        for item in api.all("neutron", "/agents")
    ])  # fmt: skip


# ---- Nova ------------------------------------------------------------------------------------------------------


def flavors(api):
    every = api.all("nova", "/flavors/detail?is_public=None", "flavors")
    return merged([count("openstack_nova_flavors", every), *map(flavor, every)])


def flavor(item):
    labels = {key: item[key] for key in ("id", "name", "vcpus", "ram", "disk")}
    return series("openstack_nova_flavor", {"is_public": item["os-flavor-access:is_public"], **labels})


def services(api):
    return merged([
        series("openstack_nova_agent_state", {
            "id": item["id"], "hostname": item["host"], "service": item["binary"], "adminState": item["status"],
            "zone": item["zone"], "disabledReason": item["disabled_reason"],
        }, item["state"] == "up")
        for item in api.get("nova", "/os-services")["services"]
    ])  # fmt: skip


def hypervisors(api):
    aggregates = api.get("nova", "/os-aggregates")["aggregates"]
    zones = api.get("nova", "/os-availability-zone")["availabilityZoneInfo"]
    return merged([
        count("openstack_nova_availability_zones", zones),
        *map(aggregate, aggregates),
        *(hypervisor(item, aggregates) for item in api.all("nova", "/os-hypervisors/detail", "hypervisors")),
    ])  # fmt: skip


def aggregate(item):
    labels = {"aggregate": item["name"], "availability_zone": item["availability_zone"]}
    return series("openstack_nova_aggregate_hosts", labels, len(item["hosts"]))


def hypervisor(item, aggregates):
    mine = [one for one in aggregates if item["service"]["host"] in one["hosts"]]
    # An aggregate that only makes a zone is not one that somebody wants to see.
    names = sorted(one["name"] for one in mine if list(one["metadata"]) != ["availability_zone"])
    zones = [one["availability_zone"] for one in mine if one["availability_zone"]]
    labels = {
        "hostname": item["hypervisor_hostname"],
        "aggregates": ",".join(names),
        "availability_zone": zones[0] if zones else "",
    }
    values = {
        "running_vms": item["running_vms"], "current_workload": item["current_workload"],
        "vcpus_available": item["vcpus"], "vcpus_used": item["vcpus_used"],
        "memory_available_bytes": item["memory_mb"] * MIB, "memory_used_bytes": item["memory_mb_used"] * MIB,
        "local_storage_available_bytes": item["local_gb"] * GIB,
        "local_storage_used_bytes": item["local_gb_used"] * GIB,
        "free_disk_bytes": item["free_disk_gb"] * GIB,
    }  # fmt: skip
    return merged([series(f"openstack_nova_{name}", labels, value) for name, value in values.items()])


def servers(api):
    every = api.all("nova", "/servers/detail?all_tenants=1", "servers")
    ids = flavor_ids(api)
    states = [{"project_id": item["tenant_id"], "status": item["status"]} for item in every]
    return merged([
        count("openstack_nova_total_vms", every),
        counted("openstack_nova_servers", states),
        *(server(item, ids) for item in every),
    ])  # fmt: skip


def first_servers(api, number):
    """The series of each of some servers."""
    ids = flavor_ids(api)
    page = api.get("nova", f"/servers/detail?all_tenants=1&limit={number}")["servers"]
    return merged([server(item, ids) for item in page])


def flavor_ids(api):
    return {item["name"]: item["id"] for item in api.all("nova", "/flavors/detail?is_public=None", "flavors")}


def server(item, flavor_ids):
    return series("openstack_nova_server_status", {
        "id": item["id"], "uuid": item["id"], "status": item["status"], "name": item["name"],
        "tenant_id": item["tenant_id"], "user_id": item["user_id"],
        "address_ipv4": item["accessIPv4"], "address_ipv6": item["accessIPv6"],
        "host_id": item["hostId"], "hypervisor_hostname": item["OS-EXT-SRV-ATTR:hypervisor_hostname"],
        "availability_zone": item["OS-EXT-AZ:availability_zone"],
        "flavor_id": flavor_ids[item["flavor"]["original_name"]],
        "instance_libvirt": item["OS-EXT-SRV-ATTR:instance_name"],
    }, SERVER_STATUS[item["status"]])  # fmt: skip


# ---- Glance, Cinder, Placement ---------------------------------------------------------------------------------


def images(api):
    every = api.all("glance", "/images")
    return merged([count("openstack_glance_images", every), *map(image, every)])


def image(item):
    labels = {"id": item["id"], "name": item["name"], "tenant_id": item["owner"]}
    more = {"visibility": item["visibility"], "hidden": item["os_hidden"], "status": item["status"]}
    created = datetime.datetime.fromisoformat(item["created_at"].replace("Z", "+00:00")).timestamp()
    size = {} if item["size"] is None else series("openstack_glance_image_bytes", labels, item["size"])
    return {**size, **series("openstack_glance_image_created_at", {**labels, **more}, created)}


def cinder(api):
    return {**volumes(api), **volume_services(api), **volume_pools(api)}


def volumes(api):
    every = api.all("cinder", "/volumes/detail?all_tenants=1", "volumes")
    snapshots = api.all("cinder", "/snapshots?all_tenants=1")
    status = "openstack_cinder_volume_status_counter"
    return merged([
        count("openstack_cinder_volumes", every),
        counted(status, [{"status": item["status"]} for item in every]),
        *(series(status, {"status": word}, 0) for word in VOLUME_STATUS),
        count("openstack_cinder_snapshots", snapshots),
        counted("openstack_cinder_snapshots_by_status", [{"status": item["status"]} for item in snapshots]),
        *map(volume, every),
    ])  # fmt: skip


def volume(item):
    labels = ("id", "name", "status", "availability_zone", "bootable", "user_id", "volume_type")
    servers = [attachment["server_id"] for attachment in item["attachments"]]
    return series("openstack_cinder_volume_gb", {
        "tenant_id": item["os-vol-tenant-attr:tenant_id"], "server_id": servers[0] if servers else "",
        **{key: item[key] for key in labels},
    }, item["size"])  # fmt: skip


def volume_services(api):
    return merged([
        series("openstack_cinder_agent_state", {
            "uuid": "", "hostname": item["host"], "service": item["binary"], "adminState": item["status"],
            "zone": item["zone"], "disabledReason": item["disabled_reason"],
        }, item["state"] == "up")
        for item in api.get("cinder", "/os-services")["services"]
    ])  # fmt: skip


def volume_pools(api):
    return merged([
        series(f"openstack_cinder_pool_capacity_{kind}_gb", {
            "name": pool["name"], "volume_backend_name": pool["capabilities"]["volume_backend_name"],
            "vendor_name": pool["capabilities"]["vendor_name"],
        }, pool["capabilities"][f"{kind}_capacity_gb"])
        for pool in api.get("cinder", "/scheduler-stats/get_pools?detail=True")["pools"]
        for kind in ("free", "total", "allocated", "provisioned")
        if not isinstance(pool["capabilities"][f"{kind}_capacity_gb"], str)
    ])  # fmt: skip


def placement(api):
    return merged([resources(api, provider) for provider in api.get("placement", "/resource_providers")["resource_providers"]])


def resources(api, provider):
    path = f"/resource_providers/{provider['uuid']}"
    inventories, usages = (api.get("placement", f"{path}/{what}")[what] for what in ("inventories", "usages"))

    def amount(kind, resource, number):
        labels = {"hostname": provider["name"], "resourcetype": resource}
        return series(f"openstack_placement_resource_{kind}", labels, number)

    return merged([
        *(amount("usage", resource, number) for resource, number in usages.items()),
        *(amount(kind, resource, inventory[kind])
          for resource, inventory in inventories.items() for kind in ("total", "reserved", "allocation_ratio")),
    ])  # fmt: skip


def capacity(api):
    services = api.get("nova", "/os-services")["services"]
    usable = {item["host"] for item in services if (item["state"], item["status"]) == ("up", "enabled")}
    names = {item["hypervisor_hostname"]: item["service"]["host"]
             for item in api.all("nova", "/os-hypervisors/detail", "hypervisors")}  # fmt: skip
    providers = api.get("placement", "/resource_providers")["resource_providers"]
    hosts = {item["uuid"]: names[item["name"]] for item in providers if names[item["name"]] in usable}
    aggregates = api.get("nova", "/os-aggregates")["aggregates"]
    flavors = api.all("nova", "/flavors/detail?is_public=None", "flavors")
    return merged([flavor_capacity(api, item, hosts, aggregates) for item in flavors])


def flavor_capacity(api, item, hosts, aggregates):
    """A host has room for n servers if Placement offers it to one that is n times as large."""
    disk = item["disk"] + item["OS-FLV-EXT-DATA:ephemeral"] + math.ceil((item["swap"] or 0) / 1024)
    need = {"VCPU": item["vcpus"], "MEMORY_MB": item["ram"], "DISK_GB": disk}
    room = collections.Counter()
    for number in itertools.count(1):
        offered = candidates(api, {resource: number * amount for resource, amount in need.items() if amount})
        if not offered:
            break
        room.update(host for uuid, host in hosts.items() if uuid in offered)
    labels = {"flavor_id": item["id"], "flavor_name": item["name"]}
    return merged([
        series("openstack_placement_flavor_capacity", labels, room.total()),
        *(series("openstack_placement_aggregate_flavor_capacity",
                 {"aggregate": one["name"], "availability_zone": one["availability_zone"], **labels},
                 sum(room[host] for host in one["hosts"])) for one in aggregates),
    ])  # fmt: skip


def candidates(api, need):
    resources = ",".join(f"{resource}:{amount}" for resource, amount in need.items())
    found = api.get("placement", f"/allocation_candidates?resources={resources}")["allocation_requests"]
    return {uuid for request in found for uuid in request["allocations"]}


# ---- Usage -----------------------------------------------------------------------------------------------------

USAGE = {
    "openstack_nova_project_instance_hours": "total_hours",
    "openstack_nova_project_vcpu_hours": "total_vcpus_usage",
    "openstack_nova_project_memory_mb_hours": "total_memory_mb_usage",
    "openstack_nova_project_disk_gb_hours": "total_local_gb_usage",
}


def usage(api, start):
    """{(family, project): hours} from the start, an ISO date, until now. A project may be on several pages."""
    sums = collections.Counter()
    for item in api.all("nova", f"/os-simple-tenant-usage?start={start}", "tenant_usages"):
        for family, key in USAGE.items():
            sums[family, item["tenant_id"]] += item[key]
    return sums
