# SPDX-License-Identifier: Apache-2.0
"""Tools and hooks that libvirtd waits for, and that hang while a test wants them to: one file in the lab's memory says so."""

import contextlib
import pathlib
import socket
import struct
import subprocess
import threading

import guests
import lab

FOLDER = pathlib.Path("/run/faults")
SBIN = FOLDER / "sbin"
HOOKS = pathlib.Path("/etc/libvirt/hooks")

# What each tool does after it has hung, or at once.
TOOLS = {
    "vgs": "echo 1048576:524288",
    "lvs": "true",
    "pvs": "echo /dev/nothing slow",
    "vgscan": "true",
    "vgchange": "true",
    "ovs-vsctl": """case "$*" in *statistics*) echo '["map",[["rx_bytes",7],["tx_bytes",77]]]' ;; *) echo vhu0 ;; esac""",
}
# As with `ovs-vsctl --timeout=5`, whose database is gone.
WITHOUT_DATABASE = "if [ -e {hang} ]; then touch {hung}; sleep 5; exit 1; fi"
HANG = "while [ -e {hang} ]; do touch {hung}; sleep 0.1; done"


def install():
    """Puts the tools where libvirtd looks for them, and the hooks, which it looks for when it starts."""
    SBIN.mkdir(parents=True)
    for tool, action in TOOLS.items():
        fault, what = (WITHOUT_DATABASE, "ovs-vsctl") if tool == "ovs-vsctl" else (HANG, "lvm")
        write_script(SBIN / tool, fault, what, action)
    lab.run("mount", "-t", "overlay", "faults", "-o", f"lowerdir={SBIN}:/usr/sbin", "/usr/sbin")
    HOOKS.mkdir(exist_ok=True)
    write_script(HOOKS / "network", f'case "$1 $2" in "slow start") {HANG} ;; esac', "network", "true")
    write_script(HOOKS / "qemu", f'case "$1 $2" in "slow-start prepare" | "slow-stop release") {HANG} ;; esac', "qemu", "true")
    lab.stop_libvirtd()
    lab.start_libvirtd()


def write_script(path, fault, what, action):
    path.write_text(f"#!/bin/sh\n{fault.format(hang=FOLDER / f'hang-{what}', hung=FOLDER / f'hung-{what}')}\n{action}\n")
    path.chmod(0o755)


@contextlib.contextmanager
def hanging(what, *command):
    """Lets the tool or hook hang, from the moment at which a command of virsh, which is run beside, has come to it."""
    hang, hung = FOLDER / f"hang-{what}", FOLDER / f"hung-{what}"
    client = None
    hang.touch()
    try:
        if command:
            client = subprocess.Popen(["virsh", "-q", "-c", lab.URI, *command], stdout=subprocess.DEVNULL)
            lab.wait_until(f"{what} hangs", hung.exists)
        yield
    finally:
        hang.unlink()
        hung.unlink(missing_ok=True)
        if client:
            client.wait(timeout=60)


def make_slow_pool():
    """The pool that is refreshed with the tools of LVM."""
    lab.virsh("pool-define-as", "slow", "logical", "--source-name", "slow")
    start_slow_pool()


def start_slow_pool():
    """After a restart, some libvirtd takes the pool for inactive, as there is no /dev/slow; another one does not."""
    if "slow" in lab.virsh("pool-list", "--inactive", "--name").split():
        lab.virsh("pool-start", "slow")


def make_slow_network():
    """The network for whose start the hook may hang."""
    guests.define_network("<network><name>slow</name><forward mode='bridge'/><bridge name='nowhere'/></network>")


class VhostUserServer(threading.Thread):
    """The switch at the other end of a network card of type vhostuser, as far as QEMU needs it to start."""

    WITH_ANSWER = {1: 1 << 32, 15: 0, 17: 1}  # request: GET_FEATURES (VIRTIO_F_VERSION_1), GET_PROTOCOL_FEATURES, GET_QUEUE_NUM

    def __init__(self, path):
        super().__init__(daemon=True)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(path))
        self.listener.listen()
        path.chmod(0o666)
        self.start()

    def run(self):
        while True:
            threading.Thread(target=self.serve, args=(self.listener.accept()[0],), daemon=True).start()

    def serve(self, client):
        with client:
            while header := client.recv(12, socket.MSG_WAITALL):
                request, _, size = struct.unpack("<III", header)
                client.recv(size, socket.MSG_WAITALL)
                if request in self.WITH_ANSWER:
                    client.sendall(struct.pack("<IIIQ", request, 5, 8, self.WITH_ANSWER[request]))  # version 1, reply
