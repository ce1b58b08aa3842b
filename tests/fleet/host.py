# SPDX-License-Identifier: Apache-2.0
"""A healthy hypervisor of two projects, and what can break on it."""

import contextlib
import os
import pathlib
import shutil

import guests
import lab
import linux_guest

BRIDGE = "fleetbr0"
IMAGES = guests.IMAGES

# A guest that reads, writes and flushes its disk, computes a little and talks, without end.
INIT = """#!/bin/sh
export PATH=/bin
mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
for module in $(cat /modules/order); do insmod /modules/$module.ko; done
ip link set eth0 up
ip address add 192.168.78.2/24 dev eth0
ping -q -i 0.2 192.168.78.1 >/dev/null &
while true; do
  dd if=/dev/vda of=/dev/null bs=4096 count=20 iflag=direct 2>/dev/null
  dd if=/dev/zero of=/dev/vda bs=4096 count=20 conv=fsync 2>/dev/null
  sleep 0.5
done
"""

# Writes sector after sector, until the disk gives an error; the firmware's call returns when the host was mended.
FILLS_ITS_DISK = """
1:  mov $0x43, %ah
    mov $0, %al
    mov $write, %si
    mov $0x80, %dl
    int $0x13
    addl $64, sector
    cmpl $6000, sector
    jb 1b
    jmp halt
write: .byte 16, 0; .word 64, 0x8000, 0
sector: .quad 64
"""

NOVA = """<metadata><nova:instance xmlns:nova="http://openstack.org/xmlns/libvirt/nova/1.1">
  <nova:name>{domain}</nova:name>
  <nova:flavor name="lab"><nova:memory>{mib}</nova:memory><nova:disk>{disk}</nova:disk><nova:swap>0</nova:swap>
    <nova:ephemeral>{ephemeral}</nova:ephemeral><nova:vcpus>{vcpus}</nova:vcpus></nova:flavor>
  <nova:owner><nova:user uuid="u-1">alice</nova:user>
    <nova:project uuid="id-{project}">{project}</nova:project></nova:owner>
</nova:instance></metadata>"""


# Domain: its project, and the flavor that it was given.
INSTANCES = {
    "web": {"project": "physics", "vcpus": 2, "mib": 128, "disk": 20, "ephemeral": 5},
    "idle": {"project": "physics", "vcpus": 1, "mib": 8, "disk": 10, "ephemeral": 0},
    "stopped": {"project": "shop", "vcpus": 4, "mib": 4096, "disk": 40, "ephemeral": 0},
}


def nova(domain):
    return NOVA.format(domain=domain, **INSTANCES[domain])


def make():
    lab.make_bridge(BRIDGE, "192.168.78.1/24")
    guests.create(domain_web())
    guests.create(
        guests.domain_xml("idle", guests.disk(guests.image("idle.img", guests.assemble())), more=nova("idle"))
    )
    guests.define(guests.domain_xml("stopped", guests.disk(guests.image("stopped.img")), more=nova("stopped")))
    make_pool("images", IMAGES)
    linux_guest.wait_until_settled("web")


def domain_web():
    shutil.copy(f"{os.environ['LAB_KERNEL']}/vmlinuz", IMAGES)
    archive = linux_guest.initramfs(INIT.replace("sleep 0.5", "busybox sleep 0.5"))
    boot = f"<kernel>{IMAGES}/vmlinuz</kernel><initrd>{archive}</initrd><cmdline>console=none quiet</cmdline>"
    devices = [
        guests.disk(guests.image("web.img", size=4 << 20)),
        guests.nic(BRIDGE, "52:54:00:00:07:01"),
        "<memballoon model='virtio'><stats period='1'/></memballoon>",
    ]
    return guests.domain_xml("web", "".join(devices), 128, "<vcpu>2</vcpu>", boot, nova("web"))


def make_pool(name, path):
    lab.virsh("pool-define-as", name, "dir", "--target", str(path))
    lab.virsh("pool-start", name)
    lab.virsh("pool-autostart", name)


# ---- What breaks, and is mended at the end ------------------------------------------------------------------------


@contextlib.contextmanager
def small_file_system(name, size):
    """A file system of its own, so that it can be full; on leaving the block it is gone."""
    path = pathlib.Path(f"/run/tmp/{name}")
    path.mkdir(mode=0o755)
    lab.run("mount", "-t", "tmpfs", "-o", f"size={size},mode=755", name, str(path))
    try:
        yield path
    finally:
        lab.run("umount", "--lazy", str(path))
        path.rmdir()


@contextlib.contextmanager
def guest_without_space(name):
    """A guest that QEMU paused as its image could not grow. Gives the function that mends it."""
    with small_file_system(name, "512k") as path:
        image = path / "disk.img"
        image.write_bytes(guests.assemble(FILLS_ITS_DISK))
        os.truncate(image, 4 << 20)
        shutil.chown(image, "libvirt-qemu", "libvirt-qemu")
        disk = guests.disk(image).replace("type='raw'", "type='raw' error_policy='stop'")
        guests.create(guests.domain_xml(name, disk))
        lab.wait_until(f"{name} is paused", lambda: "I/O error" in lab.virsh("domstate", "--reason", name))

        def mend():
            lab.run("mount", "-o", "remount,size=16m", str(path))
            lab.virsh("resume", name)

        try:
            yield mend
        finally:
            lab.virsh("destroy", name, check=False)


@contextlib.contextmanager
def crashed_guests(*names, seen=lambda name: True):
    """Guests whose QEMU died, not before each was seen. On leaving the block they are gone, after what the test did."""
    for name in names:
        guests.define(guests.domain_xml(name))
        lab.virsh("start", name)
    for name in names:
        lab.wait_until(f"{name} is seen", lambda name=name: seen(name), timeout=60)
        lab.kill_guest(name)
    try:
        yield
    finally:
        for name in names:
            lab.virsh("destroy", name, check=False)
            lab.virsh("undefine", name, check=False)


@contextlib.contextmanager
def nearly_full_pool(name):
    """A pool of which 19 in 20 are taken. Gives the function that makes room."""
    with small_file_system(name, "4m") as path:
        (path / "volume").write_bytes(bytes(int(3.8 * (1 << 20))))
        make_pool(name, path)

        def make_room():
            (path / "volume").unlink()
            lab.virsh("pool-refresh", name)

        try:
            yield make_room
        finally:
            lab.virsh("pool-destroy", name, check=False)
            lab.virsh("pool-undefine", name, check=False)
