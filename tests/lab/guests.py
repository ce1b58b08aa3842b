# SPDX-License-Identifier: Apache-2.0
"""The lab's guests: real QEMU, software emulation, each up in half a second and made for one question."""

import contextlib
import os
import pathlib
import shutil
import subprocess
import tempfile
from xml.sax.saxutils import escape

import lab

IMAGES = pathlib.Path("/var/lib/libvirt/images")

# What the boot-sector guest reads and writes. The firmware reads the boot sector itself: one request, 512 bytes more.
BOOT_SECTOR_COUNTERS = {
    "rd.reqs": 1 + 100,
    "rd.bytes": 512 + 100 * 8 * 512,
    "wr.reqs": 50,
    "wr.bytes": 50 * 4 * 512,
}

READS_AND_WRITES = """
    mov $100, %cx
1:  mov $0x42, %ah                # extended read
    mov $read, %si
    call disk
    loop 1b
    mov $50, %cx
2:  mov $0x43, %ah                # extended write
    mov $write, %si
    call disk
    loop 2b
    jmp halt
disk:
    mov $0, %al                   # write without verify
    mov $0x80, %dl                # the first hard disk
    int $0x13
    ret
read:  .byte 16, 0; .word 8, 0x8000, 0; .quad 1
write: .byte 16, 0; .word 4, 0x8000, 0; .quad 64
"""

PANICS = """
    mov $0x505, %dx               # the port of QEMU's panic device
    mov $1, %al
    out %al, %dx
"""

BOOT_SECTOR = """
    .code16
    .globl _start
_start:
    xor %ax, %ax
    mov %ax, %ds
    mov %ax, %es
    mov %ax, %ss
    mov $0x7c00, %sp
    cld
{body}
halt:
    cli
    hlt
    jmp halt
    .org 510
    .word 0xaa55
"""


def assemble(body=""):
    """Gives the 512 bytes of a boot sector that runs `body` and halts."""
    with tempfile.TemporaryDirectory() as folder:
        source, binary = f"{folder}/boot.s", f"{folder}/boot"
        pathlib.Path(source).write_text(BOOT_SECTOR.format(body=body))
        lab.run("as", "--32", "-o", f"{binary}.o", source)
        lab.run("ld", "-m", "elf_i386", "--oformat", "binary", "-Ttext", "0x7c00", "-o", binary, f"{binary}.o")
        return pathlib.Path(binary).read_bytes()


def image(name, content=b"", size=1 << 20):
    """Makes a raw disk image (sparse, in the lab's memory) that QEMU's own user may open."""
    path = IMAGES / name
    path.write_bytes(content)
    os.truncate(path, size)
    shutil.chown(path, "libvirt-qemu", "libvirt-qemu")
    return path


# ---- Domain XML --------------------------------------------------------------------------------------------------


def disk(path, target="vda", more=""):
    return (
        f"<disk type='file' device='disk'><driver name='qemu' type='raw'/><source file='{path}'/>"
        f"<target dev='{target}' bus='virtio'/>{more}</disk>"
    )


def nic(bridge, mac, more=""):
    return (
        f"<interface type='bridge'><mac address='{mac}'/><source bridge='{bridge}'/><model type='virtio'/>"
        f"{more}</interface>"
    )


# That another process may map, as the one at the other end of a network card of type vhostuser does.
SHARED_MEMORY = "<memoryBacking><source type='memfd'/><access mode='shared'/></memoryBacking>"


def domain_xml(name, devices="", mib=8, vcpus="<vcpu>1</vcpu>", boot="", more="", driver="qemu"):
    """A domain with nothing that was not asked for. `more` is for elements beside <devices>: title, metadata, … The driver
    "qemu" emulates the processor, "kvm" needs the host's."""
    return f"""<domain type='{driver}'>
      <name>{escape(name)}</name><memory unit='MiB'>{mib}</memory>{vcpus}
      <os><type arch='x86_64' machine='pc'>hvm</type>{boot}</os><features><acpi/><apic/></features>{more}
      <devices><controller type='usb' model='none'/>{devices}</devices></domain>"""


def _virsh_with_xml(command, xml, *options, uri=lab.URI):
    """Runs a command of virsh that reads XML from a file; `options` stand before the file's name."""
    with tempfile.NamedTemporaryFile("w", suffix=".xml") as file:
        file.write(xml)
        file.flush()
        lab.run("virsh", "-q", "-c", uri, command, *options, file.name)


def define(xml):
    _virsh_with_xml("define", xml)


def define_network(xml):
    _virsh_with_xml("net-define", xml)


def create(xml, *options, uri=lab.URI):
    """Starts a transient guest: gone for libvirt once it has ended. Takes virsh's options, such as --paused."""
    _virsh_with_xml("create", xml, *options, uri=uri)


# ---- Guests with a purpose ---------------------------------------------------------------------------------------


def boot_sector_guest(name):
    """A guest whose disk counters are known to the byte (BOOT_SECTOR_COUNTERS) once it has halted."""
    create(domain_xml(name, disk(image(f"{name}.img", assemble(READS_AND_WRITES)))))
    wait_for_stats(name, {f"block.0.{key}": str(value) for key, value in BOOT_SECTOR_COUNTERS.items()})


def wait_for_stats(name, expected):
    def reached():
        stats = lab.domstats_raw(domains=[name])[name]
        return all(stats.get(key) == value for key, value in expected.items())

    lab.wait_until(f"{name} shows {expected}", reached)


def measured_guest(name):
    """A boot-sector guest whose disk's latencies libvirt 12.1 and QEMU measure: in bins of 10 us, 1 ms and 100 ms, and within
    the last hour. Of all that the lab does in less than an hour, the values of its 151 requests stay."""
    bins = "".join(f"<bin start='{start}'/>" for start in (0, 10_000, 1_000_000, 100_000_000))
    measured = f"<statistics><statistic interval='3600'/><latency-histogram>{bins}</latency-histogram></statistics>"
    plain, driver = disk(image(f"{name}.img", assemble(READS_AND_WRITES))), "<driver name='qemu' type='raw'"
    create(domain_xml(name, plain.replace(f"{driver}/>", f"{driver}>{measured}</driver>")))
    wait_for_stats(name, {f"block.0.{key}": str(value) for key, value in BOOT_SECTOR_COUNTERS.items()})


VCPUS_WITH_A_HOLE = """<vcpu current='3'>4</vcpu><vcpus>
  <vcpu id='0' enabled='yes' hotpluggable='no' order='1'/><vcpu id='1' enabled='no' hotpluggable='yes'/>
  <vcpu id='2' enabled='yes' hotpluggable='yes' order='2'/>
  <vcpu id='3' enabled='yes' hotpluggable='yes' order='3'/></vcpus>"""


def vcpu_hole_guest(name):
    """A guest of at most four vCPUs, whose second is unplugged: the statistics go 0, 2, 3."""
    create(domain_xml(name, vcpus=VCPUS_WITH_A_HOLE))


def odd_instance(name, metadata):
    """An instance of OpenStack that lacks what others have: a vCPU is unplugged, there is no balloon, and no medium in
    its CD-ROM drive."""
    devices = [
        disk(image(f"{name}.img")),
        "<disk type='file' device='cdrom'><target dev='hda' bus='ide'/><readonly/></disk>",
        "<memballoon model='none'/>",
    ]
    create(domain_xml(name, "".join(devices), vcpus=VCPUS_WITH_A_HOLE, more=metadata))


def sized_instance(name, metadata):
    """An instance whose disks differ in what is allocated of them: a raw file that it has written to, a sparse one, a qcow2
    image, and a folder as a floppy."""
    folder, qcow2 = IMAGES / f"{name}.floppy", IMAGES / f"{name}.qcow2"
    folder.mkdir()
    lab.run("qemu-img", "create", "-q", "-f", "qcow2", str(qcow2), "8M")
    shutil.chown(qcow2, "libvirt-qemu", "libvirt-qemu")
    devices = [
        disk(image(f"{name}-a.img", assemble(READS_AND_WRITES))),
        disk(image(f"{name}-b.img", b"x", size=64 << 20), "vdb"),
        disk(qcow2, "vdc").replace("type='raw'", "type='qcow2'"),
        f"<disk type='dir' device='floppy'><driver name='qemu' type='fat'/><source dir='{folder}'/>"
        "<target dev='fda' bus='fdc'/><readonly/></disk>",
    ]
    create(domain_xml(name, "".join(devices), more=metadata))
    wait_for_stats(name, {f"block.0.{key}": str(value) for key, value in BOOT_SECTOR_COUNTERS.items()})


def device_guest(name, bridge, more=""):
    """A guest with several disks (one throttled, one qcow2), an empty and a full cdrom, and network cards with and
    without a target on the host."""
    qcow2 = IMAGES / f"{name}.qcow2"
    lab.run("qemu-img", "create", "-q", "-f", "qcow2", str(qcow2), "8M")
    shutil.chown(qcow2, "libvirt-qemu", "libvirt-qemu")
    iotune = "<iotune><read_bytes_sec>1048576</read_bytes_sec><write_iops_sec>100</write_iops_sec></iotune>"
    devices = [
        disk(image(f"{name}-a.img"), "vda", "<serial>lab-serial</serial>"),
        disk(image(f"{name}-b.img", size=3 << 20), "vdb", iotune),
        f"<disk type='file' device='disk'><driver name='qemu' type='qcow2' cache='writeback' discard='unmap'/>"
        f"<source file='{qcow2}'/><target dev='vdc' bus='virtio'/></disk>",
        "<disk type='file' device='cdrom'><target dev='hda' bus='ide'/><readonly/></disk>",
        f"<disk type='file' device='cdrom'><source file='{image(f'{name}.iso')}'/><target dev='hdb' bus='ide'/>"
        f"<readonly/></disk>",
        nic(bridge, "52:54:00:00:01:01"),
        nic(bridge, "52:54:00:00:01:02", "<link state='down'/>"),
        "<interface type='user'><mac address='52:54:00:00:01:03'/><model type='virtio'/></interface>",
        "<interface type='user'><mac address='52:54:00:00:01:04'/><model type='virtio'/><link state='down'/></interface>",
        "<interface type='ethernet'><mac address='52:54:00:00:01:05'/><model type='virtio'/></interface>",
    ]
    create(domain_xml(name, "".join(devices), mib=16, more="<iothreads>2</iothreads>" + more))


def chain_guest(name):
    """A guest whose disk is an overlay on another image."""
    base, top = image(f"{name}-base.img", assemble(READS_AND_WRITES)), IMAGES / f"{name}-top.qcow2"
    lab.run("qemu-img", "create", "-q", "-f", "qcow2", "-b", str(base), "-F", "raw", str(top))
    shutil.chown(top, "libvirt-qemu", "libvirt-qemu")
    create(domain_xml(name, disk(top).replace("type='raw'", "type='qcow2'")))


def limits(direction):
    kinds = {"sec": 100, "sec_max": 200, "sec_max_length": 3}
    values = {f"{direction}_{what}_{kind}": kinds[kind] for what in ("bytes", "iops") for kind in kinds}
    return "".join(f"<{limit}>{value}</{limit}>" for limit, value in values.items())


def throttled_guest(name):
    """A paused guest of whose disks both pass through the throttle group "total", and the first through "each" as well.
    Needs libvirt 11.2."""
    groups = {"total": limits("total") + "<size_iops_sec>4096</size_iops_sec>", "each": limits("read") + limits("write")}
    throttling = "".join(
        f"<throttlegroup>{inside}<group_name>{group}</group_name></throttlegroup>" for group, inside in groups.items()
    )

    def throttled(target, *groups):
        filters = "".join(f"<throttlefilter group='{group}'/>" for group in groups)
        return disk(image(f"{name}-{target}.img"), target, f"<throttlefilters>{filters}</throttlefilters>")

    devices = throttled("vda", "total", "each") + throttled("vdb", "total")
    create(domain_xml(name, devices, more=f"<throttlegroups>{throttling}</throttlegroups>"), "--paused")


def defined_instance(name, metadata):
    """An instance of OpenStack as on a real compute node, which cannot run here: a volume in Ceph, all limits, a port
    of Open vSwitch."""

    total = f"<iotune>{limits('total')}<size_iops_sec>4096</size_iops_sec></iotune>"
    each = f"<iotune>{limits('read')}{limits('write')}</iotune>"
    devices = f"""<disk type='network' device='disk'><driver name='qemu' type='raw' cache='none' discard='unmap'/>
      <source protocol='rbd' name='vms/{name}_disk'><host name='192.0.2.1' port='6789'/></source>
      <target dev='vda' bus='virtio'/><serial>volume-id</serial>{total}</disk>
      <disk type='file' device='disk'><source file='/nowhere'/><target dev='vdb' bus='virtio'/>{each}</disk>
      <interface type='bridge'><mac address='fa:16:3e:00:00:01'/><source bridge='br-int'/>
      <virtualport type='openvswitch'><parameters interfaceid='11111111-2222-4333-8444-555555555555'/></virtualport>
      <target dev='tap11111111-22'/><model type='virtio'/><mtu size='1442'/></interface>"""
    define(domain_xml(name, devices, more=metadata))


@contextlib.contextmanager
def stuck_job(name):
    """A guest in the middle of a job: it is saved into a pipe, which is emptied only when the test has seen enough."""
    create(domain_xml(name, mib=1024), "--paused")  # more than libvirt's helper and the pipe hold
    pipe = IMAGES / f"{name}.pipe"
    os.mkfifo(pipe)
    shutil.chown(pipe, "libvirt-qemu", "libvirt-qemu")
    reader = os.open(pipe, os.O_RDWR | os.O_NONBLOCK)
    saving = subprocess.Popen(
        ["virsh", "-q", "-c", lab.URI, "save", name, str(pipe)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        lab.wait_until("the job is under way", lambda: "Save" in lab.virsh("domjobinfo", name, check=False))
        yield name
    finally:
        while saving.poll() is None:
            with contextlib.suppress(BlockingIOError):
                os.read(reader, 1 << 20)
        os.close(reader)
        lab.virsh("destroy", name, check=False)


def panicked_guest(name):
    """A guest that reports a panic and is kept for inspection: crashed, and not shut off."""
    sector = image(f"{name}.img", assemble(PANICS))
    create(domain_xml(name, disk(sector) + "<panic model='isa'/>", more="<on_crash>preserve</on_crash>"))
    lab.wait_until(f"{name} has crashed", lambda: lab.virsh("domstate", name).startswith("crashed"))


def many(count, prefix="many", bridge=None, vcpus=1, disks=2, driver="qemu", paused=True):
    """Small guests with some disks and, if there is a bridge, a network card each, several started at a time."""
    names = [f"{prefix}-{number:03}" for number in range(count)]
    for number, name in enumerate(names):
        devices = "".join(disk(image(f"{name}-{letter}.img"), f"vd{letter}") for letter in "ab"[:disks])
        if bridge:
            devices += nic(bridge, f"52:54:00:10:{number // 256:02x}:{number % 256:02x}")
        (IMAGES / f"{name}.xml").write_text(domain_xml(name, devices, vcpus=f"<vcpu>{vcpus}</vcpu>", driver=driver))
    command = ["xargs", "-P", "4", "-I", "{}", "virsh", "-q", "-c", lab.URI, "create", f"{IMAGES}/{{}}.xml"]
    command += ["--paused"] if paused else []
    subprocess.run(command, input="\n".join(names), text=True, check=True, capture_output=True)
    return names


def snapshot(domain):
    """Gives a domain a snapshot that is an entry in libvirt's book and nothing else."""
    xml = f"""<domainsnapshot><name>lab</name><creationTime>1700000000</creationTime><state>shutoff</state>
      {lab.virsh("dumpxml", domain)}</domainsnapshot>"""
    _virsh_with_xml("snapshot-create", xml, "--redefine", domain)


def test_host(count):
    """A host of libvirt's test driver with so many domains, as the text of its file."""
    demo = (pathlib.Path(__file__).resolve().parents[2] / "deploy/demo-host.xml").read_text()
    devices = demo[demo.index("<devices>") : demo.index("</devices>")] + "</devices>"
    domains = "".join(
        f"<domain type='test'><name>vm-{n:05}</name><memory unit='MiB'>512</memory><vcpu>2</vcpu>"
        f"<os><type arch='x86_64'>hvm</type></os>{devices.replace('00:42:d4', f'{n >> 8:02x}:{n & 255:02x}:01')}</domain>"
        for n in range(count)
    )
    return f"<node><memory>268435456</memory>{domains}</node>"
