# SPDX-License-Identifier: Apache-2.0
"""Writes rows that no API call can make: what agents and hypervisors would report, and clones of what there is.

rows.py WHAT HOME <PLAN     one of the functions below, the control plane's directory, a plan in JSON

It runs in the virtual environment, and uses the services' own objects where those check anything. A dead heartbeat is
of 2001. One that is alive is of 2099 in Neutron, which only asks whether it is old enough to be dead, and of now in
Nova, whose patience the control plane sets to ten years.
"""

import contextlib
import datetime
import json
import sqlite3
import sys

from names import name_id

WHAT, HOME = sys.argv[1:3]
del sys.argv[1:]
NOW = datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None, microsecond=0)
DEAD = datetime.datetime(2001, 2, 3, 4, 5, 6)
FUTURE = datetime.datetime(2099, 1, 2, 3, 4, 5)
STATES = {"active": 1, "building": 0, "error": 0, "paused": 3, "stopped": 4, "shelved_offloaded": 4, "deleted": 0}


@contextlib.contextmanager
def database(name):
    with contextlib.closing(sqlite3.connect(f"{HOME}/db/{name}.db", timeout=60)) as connection, connection:
        connection.create_function("clone_id", 2, name_id)
        yield connection


# ---- Neutron ---------------------------------------------------------------------------------------------------


def neutron_schema(plan):
    """Its migrations cannot run on SQLite; these are the tables that they end in."""
    import sqlalchemy
    from neutron.db.migration.models import head

    head.get_metadata().create_all(sqlalchemy.create_engine(f"sqlite:///{HOME}/db/neutron.db"))


def neutron_agents(plan):
    layer2 = {"bridge_mappings": {}, "tunnel_types": ["vxlan"], "tunneling_ip": "192.0.2.1", "datapath_type": "system"}
    with database("neutron") as connection:
        for host, kind, binary in plan["agents"]:
            row = {
                "id": name_id(host, binary), "agent_type": kind, "binary": binary, "host": host, "topic": "N/A",
                "load": 0,
                "availability_zone": None if "openvswitch" in binary else "nova",
                "admin_state_up": [host, binary] not in plan["disabled"], "created_at": str(DEAD),
                "started_at": str(NOW),
                "heartbeat_timestamp": str(DEAD if host in plan["dead"] else FUTURE),
                "configurations": json.dumps(layer2 if "openvswitch" in binary else {}),
            }  # fmt: skip
            connection.execute(
                f"INSERT INTO agents ({', '.join(row)}) VALUES ({', '.join('?' * len(row))})", [*row.values()]
            )


def neutron_states(plan):
    """Ports that agents have bound are up, and floating IPs are as their description wants it ("want DOWN")."""
    with database("neutron") as connection:
        connection.execute(
            "UPDATE ports SET status = 'ACTIVE' WHERE device_owner LIKE 'network:router_%' OR id IN "
            "(SELECT port_id FROM ml2_port_bindings WHERE vif_type = 'ovs' AND host <> ?)",
            [plan["dead_host"]],
        )
        connection.execute("UPDATE ports SET status = 'N/A' WHERE device_owner = 'network:floatingip'")
        connection.execute("UPDATE routers SET status = 'ERROR' WHERE name = 'down'")
        connection.execute(
            "UPDATE floatingips SET status = (SELECT substr(description, 6) FROM standardattributes AS a "
            "WHERE a.id = standard_attr_id)"
        )


# ---- Nova ------------------------------------------------------------------------------------------------------


@contextlib.contextmanager
def nova():
    """Gives its objects, and the contexts of its API database and of the cell that has the servers."""
    from nova import config, context, objects

    config.parse_args(["rows", "--config-file", f"{HOME}/etc/nova/nova.conf"])
    objects.register_all()
    top = context.get_admin_context()
    (cell,) = (cell for cell in objects.CellMappingList.get_all(top) if cell.name == "cell1")
    with context.target_cell(top, cell) as inside:
        yield objects, top, inside, cell


def nova_hosts(plan):
    with nova() as (objects, top, inside, cell):

        def service(host, binary):
            row = objects.Service(
                inside, host=host, binary=binary, topic=binary.removeprefix("nova-"), report_count=1,
                last_seen_up=DEAD if host in plan["dead"] else NOW, disabled=host in plan["disabled"],
                disabled_reason=plan["disabled"].get(host),
            )  # fmt: skip
            row.create()
            return row.id

        if "cmp01" in plan["hosts"]:
            service("ctl01", "nova-scheduler")
            service("ctl01", "nova-conductor")
        for host in plan["hosts"]:
            number = int(host.removeprefix("cmp"))
            objects.ComputeNode(
                inside, uuid=name_id(host), service_id=service(host, "nova-compute"), host=host,
                hypervisor_hostname=f"{host}.lab", hypervisor_type="QEMU", hypervisor_version=7002000,
                vcpus=64, vcpus_used=10 + number, memory_mb=262144, memory_mb_used=20480 + number,
                free_ram_mb=262144 - 20480 - number, local_gb=2000, local_gb_used=200 + number,
                free_disk_gb=1800 - number,
                disk_available_least=1700 if number % 2 else -5, current_workload=number % 3, running_vms=7 + number,
                cpu_info='{"arch": "x86_64", "model": "EPYC", "vendor": "AMD", "features": [], '
                '"topology": {"cells": 2, "sockets": 1, "cores": 16, "threads": 2}}',
                metrics="[]", stats={}, host_ip=f"192.0.2.{number}", numa_topology=None, supported_hv_specs=[],
                pci_device_pools=None, cpu_allocation_ratio=4.0, ram_allocation_ratio=1.0, disk_allocation_ratio=1.0,
                mapped=1,
            ).create()  # fmt: skip
            objects.HostMapping(top, host=host, cell_mapping=cell).create()


def nova_servers(plan):
    with nova() as (objects, top, inside, cell):
        flavors = {flavor.name: flavor for flavor in objects.FlavorList.get_all(top)}
        for server in plan:
            row = instance(objects, inside, server, flavors[server["flavor"]])
            row.create()
            objects.InstanceMapping(
                top, instance_uuid=server["uuid"], project_id=server["project"], user_id="admin", cell_mapping=cell,
                queued_for_delete=server["state"] == "deleted",
            ).create()  # fmt: skip
            if server["state"] == "deleted":
                row.terminated_at = NOW - datetime.timedelta(hours=1)
                row.save()
                row.destroy()


def instance(objects, inside, server, flavor):
    host = server["host"]
    place = {}
    if host:
        node = objects.ComputeNode.get_by_host_and_nodename(inside, host, f"{host}.lab")
        place = {"host": host, "node": node.hypervisor_hostname, "compute_id": node.id, "launched_on": host,
                 "launched_at": NOW - datetime.timedelta(hours=server["hours"])}  # fmt: skip
    return objects.Instance(
        inside, uuid=server["uuid"], project_id=server["project"], user_id="admin", display_name=server["name"],
        hostname=server["name"].lower(), image_ref="", vm_state=server["state"], power_state=STATES[server["state"]],
        task_state="scheduling" if server["state"] == "building" else None,
        memory_mb=flavor.memory_mb, vcpus=flavor.vcpus,
        root_gb=flavor.root_gb, ephemeral_gb=flavor.ephemeral_gb, instance_type_id=flavor.id, flavor=flavor,
        old_flavor=None, new_flavor=None, availability_zone="az1" if host in ("cmp01", "cmp02") else "nova",
        system_metadata={}, metadata={}, config_drive="", locked=False, key_name=None, launch_index=0, progress=0,
        reservation_id="r-" + server["uuid"][:8], cleaned=False,
        info_cache=objects.InstanceInfoCache(inside, network_info=network_info(server["vifs"])), **place,
    )  # fmt: skip


def network_info(vifs):
    from nova.network import model

    def network(vif):
        subnet = model.Subnet(cidr="10.0.0.0/8", ips=[model.FixedIP(address=address) for address in vif["addresses"]])
        return model.Network(id=vif["network"], bridge="br-int", label=vif["label"], subnets=[subnet])

    return model.NetworkInfo([
        model.VIF(id=vif["port"], address=vif["mac"], devname=f"tap{vif['port'][:11]}", active=True, type="ovs",
                  network=network(vif))
        for vif in vifs
    ])  # fmt: skip


# ---- Clones ----------------------------------------------------------------------------------------------------


# ---- Cinder ----------------------------------------------------------------------------------------------------


def cinder_states(plan):
    """Its services, and what volume services would have made of the volumes."""
    from cinder import context, objects
    from cinder import service as _  # has options that Cinder reads
    from cinder.common import config as _  # noqa: F811
    from oslo_config import cfg

    cfg.CONF(["--config-file", f"{HOME}/etc/cinder/cinder.conf"], project="cinder")
    objects.register_all()
    for host, binary in (("ctl01", "cinder-scheduler"), ("blk01@fast", "cinder-volume"), ("blk02@bulk", "cinder-volume"),
                         ("blk03@old", "cinder-volume"), ("ctl02", "cinder-backup")):  # fmt: skip
        is_off = host == "ctl02"
        objects.Service(
            context.get_admin_context(), host=host, binary=binary, topic=binary, availability_zone="nova",
            report_count=1, disabled=is_off, disabled_reason="moved" if is_off else None,
            rpc_current_version="3.19", object_current_version="1.39", uuid=name_id(host, binary),
        ).create()  # fmt: skip
    with database("cinder") as connection:
        connection.execute("UPDATE services SET updated_at = ?", [str(NOW)])
        connection.execute("UPDATE services SET updated_at = ? WHERE host = 'blk03@old'", [str(DEAD)])
        for volume in plan:
            connection.execute(
                "UPDATE volumes SET status = ?, project_id = ?, attach_status = ?, host = 'blk01@fast#p1', "
                "launched_at = ? WHERE id = ?",
                [volume["status"], volume["project"], "attached" if volume["server"] else "detached", str(NOW),
                 volume["id"]],
            )  # fmt: skip
            if volume["server"]:
                connection.execute(
                    "INSERT INTO volume_attachment (id, volume_id, instance_uuid, attach_status, mountpoint, "
                    "attach_mode, created_at, deleted) VALUES (?, ?, ?, 'attached', '/dev/vdb', 'rw', ?, 0)",
                    [name_id(volume["id"], "attachment"), volume["id"], volume["server"], str(NOW)],
                )


def cinder_snapshots(_):
    with database("cinder") as connection:
        connection.execute(
            "UPDATE snapshots SET status = CASE display_name WHEN 'broken' THEN 'error' ELSE 'available' END"
        )


# ---- Clones ----------------------------------------------------------------------------------------------------


def clones(plan):
    with database("neutron") as connection:
        clone_ports(connection, plan["ports"], plan["hosts"], plan["servers"])
        clone_floating_ips(connection, plan["floating_ips"])
    with database("nova") as cell, database("nova_api") as top:
        clone_servers(cell, top, plan["servers"])


def clone(connection, table, where, number, **change):
    """Copies one row. Changed columns are SQL, where :n is the number of the copy and old columns are at hand."""
    columns = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
    columns = [column for column in columns if column != "id" or "id" in change]
    names = ", ".join(f'"{column}"' for column in columns)
    values = ", ".join(change.get(column, f'"{column}"') for column in columns)
    connection.execute(f"INSERT INTO {table} ({names}) SELECT {values} FROM {table} WHERE {where}", {"n": number})


def clone_port(connection, port, attributes, number, new_attributes, address, **change):
    clone(connection, "standardattributes", f"id = {attributes}", number, id=new_attributes)
    clone(
        connection, "ports", f"id = '{port}'", number, id="clone_id(id, :n)", standard_attr_id=new_attributes, **change
    )
    clone(
        connection, "ipallocations", f"port_id = '{port}'", number, port_id="clone_id(port_id, :n)", ip_address=address
    )


def clone_ports(connection, ports, hosts, servers):
    port, attributes = connection.execute("SELECT id, standard_attr_id FROM ports WHERE name = 'template'").fetchone()
    (top,) = connection.execute("SELECT max(id) FROM standardattributes").fetchone()
    for number in range(1, ports + 1):
        clone_port(
            connection, port, attributes, number, f"{top} + :n", "printf('10.200.%d.%d', :n / 256, :n % 256)",
            name="'wide-' || :n", mac_address="printf('fa:16:3f:%02x:%02x:%02x', :n / 65536, :n / 256 % 256, :n % 256)",
            device_id=f"clone_id('clone', :n % {servers} + 1)",
            status="CASE WHEN :n % 50 = 0 THEN 'DOWN' ELSE 'ACTIVE' END",
        )  # fmt: skip
        clone(
            connection, "ml2_port_bindings", f"port_id = '{port}'", number, port_id="clone_id(port_id, :n)",
            host=f"printf('cmp%02d', :n % {hosts} + 1)",
            vif_type="CASE WHEN :n % 100 = 0 THEN 'binding_failed' ELSE vif_type END",
        )  # fmt: skip
        for table in ("portsecuritybindings", "securitygroupportbindings"):
            clone(connection, table, f"port_id = '{port}'", number, port_id="clone_id(port_id, :n)")


def clone_floating_ips(connection, floating_ips):
    floating_ip, attributes, holder = connection.execute(
        "SELECT f.id, f.standard_attr_id, f.floating_port_id FROM floatingips AS f JOIN networks AS n "
        "ON n.id = f.floating_network_id WHERE n.name = 'public-wide' AND f.fixed_port_id IS NULL"
    ).fetchone()
    (holder_attributes,) = connection.execute("SELECT standard_attr_id FROM ports WHERE id = ?", [holder]).fetchone()
    (top,) = connection.execute("SELECT max(id) FROM standardattributes").fetchone()
    for number in range(1, floating_ips + 1):
        address = "printf('198.19.%d.%d', :n / 256, :n % 256)"
        clone_port(
            connection, holder, holder_attributes, number, f"{top} + 2 * :n", address,
            device_id=f"clone_id('{floating_ip}', :n)",
            mac_address="printf('fa:16:40:%02x:%02x:%02x', :n / 65536, :n / 256 % 256, :n % 256)",
        )  # fmt: skip
        clone(connection, "ml2_port_bindings", f"port_id = '{holder}'", number, port_id="clone_id(port_id, :n)")
        clone(connection, "standardattributes", f"id = {attributes}", number, id=f"{top} + 2 * :n + 1")
        clone(
            connection, "floatingips", f"id = '{floating_ip}'", number, id="clone_id(id, :n)",
            standard_attr_id=f"{top} + 2 * :n + 1", floating_port_id="clone_id(floating_port_id, :n)",
            floating_ip_address=address, status="CASE WHEN :n % 10 = 0 THEN 'ACTIVE' ELSE 'DOWN' END",
        )  # fmt: skip


def clone_servers(cell, top, servers):
    template = name_id("server", 1)
    nodes = cell.execute(
        "SELECT id, host, hypervisor_hostname FROM compute_nodes WHERE deleted = 0 ORDER BY id"
    ).fetchall()
    projects = [
        row[0] for row in cell.execute("SELECT DISTINCT project_id FROM instances WHERE deleted = 0 ORDER BY 1")
    ]
    for number in range(1, servers + 1):
        node, host, hypervisor = nodes[number % len(nodes)]
        project = projects[number % len(projects)]
        clone(
            cell, "instances", f"uuid = '{template}'", number, uuid="clone_id('clone', :n)", project_id=f"'{project}'",
            display_name="'big-' || :n", hostname="'big-' || :n", host=f"'{host}'", node=f"'{hypervisor}'",
            launched_on=f"'{host}'", compute_id=str(node),
            vm_state="CASE WHEN :n % 100 = 0 THEN 'error' WHEN :n % 20 = 0 THEN 'stopped' ELSE 'active' END",
            power_state="CASE WHEN :n % 20 = 0 THEN 4 ELSE 1 END",
        )  # fmt: skip
        for table in ("instance_extra", "instance_info_caches", "instance_system_metadata", "instance_metadata"):
            clone(cell, table, f"instance_uuid = '{template}'", number, instance_uuid="clone_id('clone', :n)")
        clone(
            top, "instance_mappings", f"instance_uuid = '{template}'", number, instance_uuid="clone_id('clone', :n)",
            project_id=f"'{project}'",
        )  # fmt: skip


if __name__ == "__main__":
    globals()[WHAT](json.loads(sys.stdin.read() or "null"))
