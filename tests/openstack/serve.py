# SPDX-License-Identifier: Apache-2.0
"""One OpenStack API in this process, on loopback, in the virtual environment of build_venv.

serve.py SERVICE PORT ETC     ETC is the directory of its configuration
"""

import importlib
import os
import sys
import threading
import time

import waitress

APPLICATIONS = {
    "keystone": "keystone.wsgi.api",
    "neutron": "neutron.wsgi.api",
    "nova": "nova.wsgi.osapi_compute",
    "cinder": "cinder.wsgi.api",
    "glance": "glance.wsgi.api",
    "placement": "placement.wsgi.api",
}
THREADS = 4  # as many workers as a small deployment has
# What volume services would report of their pools: (backend, pool, total, free). Some drivers do not know.
POOLS = {
    "blk01@fast": ("fast", [("p1", 1000, 640.5), ("p2", 1000, 0)]),
    "blk02@bulk": ("bulk", [("b1", "infinite", "infinite"), ("b2", "unknown", "unknown")]),
}


def application(service, etc):
    """Imports the service, which reads its configuration at that moment."""
    # The services read arguments, too, and Cinder finds its configuration by them.
    sys.argv[1:] = ["--config-file", f"{etc}/cinder.conf"] if service == "cinder" else []
    os.environ["OS_KEYSTONE_CONFIG_FILES"] = f"{etc}/keystone.conf"
    os.environ[f"OS_{service.upper()}_CONFIG_DIR"] = etc
    if service == "neutron":
        os.environ["OS_NEUTRON_CONFIG_FILES"] = "neutron.conf"
    return importlib.import_module(APPLICATIONS[service]).application


def serve_pools():
    """Runs Cinder's own scheduler on the bus inside of this process, and reports pools to it for ever."""
    import oslo_messaging
    from cinder import context, objects, rpc
    from cinder.scheduler.manager import SchedulerManager
    from oslo_serialization import jsonutils

    class Scheduler(SchedulerManager):
        def get_pools(self, *words, **more):
            # A real bus makes JSON of the answer; this one hands over the objects themselves.
            return jsonutils.loads(jsonutils.dumps(super().get_pools(*words, **more)))

    objects.register_all()
    scheduler = Scheduler()
    target = oslo_messaging.Target(topic="cinder-scheduler", server="ctl01")
    rpc.get_server(target, [scheduler], objects.base.CinderObjectSerializer()).start()
    while True:
        for host, (backend, pools) in POOLS.items():
            scheduler.update_service_capabilities(
                context.get_admin_context(), service_name="volume", host=host, cluster_name=None, timestamp=None,
                capabilities={"volume_backend_name": backend, "vendor_name": "Lab", "driver_version": "1",
                              "storage_protocol": "iSCSI", "timestamp": None, "pools": [
                                  {"pool_name": pool, "total_capacity_gb": total, "free_capacity_gb": free,
                                   "allocated_capacity_gb": 300, "provisioned_capacity_gb": 350,
                                   "reserved_percentage": 10, "multiattach": True} for pool, total, free in pools]},
            )  # fmt: skip
        time.sleep(30)


if __name__ == "__main__":
    name, port, directory = sys.argv[1:]
    served = application(name, directory)
    if name == "cinder":
        threading.Thread(target=serve_pools, daemon=True).start()
    waitress.serve(served, host="127.0.0.1", port=int(port), threads=THREADS, ident=None)
