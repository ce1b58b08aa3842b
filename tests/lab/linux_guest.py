# SPDX-License-Identifier: Apache-2.0
"""A Linux guest, as small as one can be that reports its memory, reads its disk and talks on its network: Debian's
cloud kernel and busybox in an initramfs, up in two seconds."""

import os
import pathlib
import shutil
import subprocess
import tempfile

import guests
import lab
import metadata

# In the order in which they are loaded; a kernel may have some of them built in.
MODULES = (
    "virtio_ring virtio virtio_pci_modern_dev virtio_pci_legacy_dev virtio_pci virtio_balloon virtio_blk "
    "failover net_failover virtio_net"
).split()

# The guest reads 25 times 4 KiB from its disk, past its page cache; then it talks to the bridge for ever.
INIT = """#!/bin/sh
export PATH=/bin
mount -t devtmpfs devtmpfs /dev
mount -t proc proc /proc
for module in $(cat /modules/order); do insmod /modules/$module.ko; done
dd if=/dev/vda of=/dev/null bs=4096 count=25 iflag=direct
ip link set eth0 up
ip address add {address}/24 dev eth0
exec ping -q -i 0.2 {peer}
"""
# Before that, the firmware reads the boot sector, and the kernel looks for a partition table in the first 4 KiB.
READS = {"rd.reqs": 1 + 1 + 25, "rd.bytes": 512 + 4096 + 25 * 4096}


def module_files():
    """Gives {module: its file} of those that the kernel has not built in."""
    found = {path.stem: path for path in pathlib.Path(os.environ["LAB_KERNEL"]).rglob("*.ko")}
    return {module: found[module] for module in MODULES if module in found}


def initramfs(init):
    """Packs busybox, the virtio modules and an /init into an initramfs, and gives its path."""
    root = pathlib.Path(tempfile.mkdtemp())
    for folder in ("bin", "dev", "proc", "modules"):
        (root / folder).mkdir()
    shutil.copy(shutil.which("busybox"), root / "bin/busybox")
    for applet in "sh cat mount insmod dd ip ping".split():
        (root / "bin" / applet).symlink_to("busybox")
    modules = module_files()
    for file in modules.values():
        shutil.copy(file, root / "modules")
    (root / "modules/order").write_text(" ".join(modules))
    (root / "init").write_text(init)
    (root / "init").chmod(0o755)
    archive = guests.IMAGES / "initramfs"
    files = "\n".join(str(path.relative_to(root)) for path in root.rglob("*"))
    packed = subprocess.run(
        ["cpio", "--quiet", "-o", "-H", "newc"], input=files.encode(), cwd=root, capture_output=True, check=True
    )
    archive.write_bytes(packed.stdout)
    shutil.rmtree(root)
    return archive


def start(name, bridge, address, peer):
    """A Linux, and an instance of OpenStack, with a balloon that reports each second, a disk of which it reads a known amount, and a network card
    over which it sends and receives packets without end."""
    shutil.copy(f"{os.environ['LAB_KERNEL']}/vmlinuz", guests.IMAGES)
    archive = initramfs(INIT.format(address=address, peer=peer))
    boot = f"<kernel>{guests.IMAGES}/vmlinuz</kernel><initrd>{archive}</initrd><cmdline>console=none quiet</cmdline>"
    devices = [
        guests.disk(guests.image(f"{name}.img", size=4 << 20)),
        guests.nic(bridge, "52:54:00:00:02:01"),
        "<memballoon model='virtio'><stats period='1'/></memballoon>",
    ]
    guests.create(guests.domain_xml(name, "".join(devices), mib=128, boot=boot, more=metadata.nova("1.1", "linux 1")))


def wait_until_settled(name):
    """Waits until the guest has done all that it does once, and has reported its memory."""

    def settled():
        stats = lab.domstats_raw("balloon", "interface", domains=[name])[name]
        return "balloon.usable" in stats and int(stats.get("net.0.rx.pkts", 0)) > 10

    lab.wait_until(f"{name} has booted", settled, timeout=240)
