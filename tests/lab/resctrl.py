# SPDX-License-Identifier: Apache-2.0
"""A faked resctrl: plain files in place of those in which the kernel counts cache, memory traffic and energy.

libvirt reads them as it reads the kernel's, so what it makes of them is real. Guests of the lab cannot ask for monitors:
libvirt accepts `<cachetune>`, `<memorytune>` and `<energytune>` only of KVM guests, when they are defined and started. It
does not check again when it finds a running guest, so the monitors are added to its record of the guest while it is down.
"""

import pathlib

import guests
import lab

ROOT = pathlib.Path("/sys/fs/resctrl")

# By resource, what the kernel counts in each cache bank, NUMA node and CPU package, of which the faked host has two each.
EVENTS = {
    "L3": {"llc_occupancy": 1_310_720, "mbm_total_bytes": 5_497_558_138_880, "mbm_local_bytes": 4_398_046_511_104},
    "PERF_PKG": {"core_energy": 1234.567891, "activity": 0.02203},
}
PARTS = range(2)


def mount():
    """Hides what is in /sys/fs, because sysfs has a directory `resctrl` only where the CPU supports it."""
    lab.run("mount", "-t", "tmpfs", "-o", "mode=755", "lab", str(ROOT.parent))
    for resource, events in EVENTS.items():
        _write(ROOT / "info" / f"{resource}_MON", {"num_rmids": 8, "mon_features": "\n".join(events)})


def _write(directory, values):
    directory.mkdir(parents=True)
    for name, value in values.items():
        text = f"{value:.6f}" if isinstance(value, float) else value  # as the kernel prints them
        (directory / name).write_text(f"{text}\n")


def monitored():
    """The lab's monitored guests, and the vCPUs of each one's monitors; "" is a monitor of the whole process."""
    whole = {"monitored-whole": [""]} if lab.libvirt_version() >= (12, 8) else {}
    return {"monitored": ["0-1", "2"], **whole}


def start_guests(monitors):
    """Starts paused guests with these monitors, as `monitored` gives them. Restarts libvirtd."""
    for domain in monitors:
        guests.create(guests.domain_xml(domain, vcpus="<vcpu>3</vcpu>"), "--paused")
    for domain, sets in monitors.items():
        for position, vcpus in enumerate(sets):
            _make_group(_group(domain, vcpus), position)
    lab.stop_libvirtd()
    for domain, sets in monitors.items():
        _add_monitors(domain, sets)
    lab.start_libvirtd()


def read(domain, vcpus, resource, part, event):
    """Gives what the kernel would say of a monitor."""
    return float(_part(_group(domain, vcpus), resource, part).joinpath(event).read_text())


def _group(domain, vcpus):
    """The directory in which libvirt looks for a monitor of this run of the guest."""
    name = f"qemu-{lab.virsh('domid', domain).strip()}-{domain}"
    return ROOT / "mon_groups" / (f"{name}-vcpus_{vcpus}" if vcpus else name)


def _part(group, resource, number):
    return group / "mon_data" / f"mon_{resource}_{number:02}"


def _make_group(group, position):
    """Makes a group's files; no two groups of a guest, and no two parts, have the same value."""
    for resource, events in EVENTS.items():
        for part in PARTS:
            factor = 1 + part + len(PARTS) * position
            _write(_part(group, resource, part), {event: value * factor for event, value in events.items()})


def _add_monitors(domain, sets):
    record = pathlib.Path(f"/run/libvirt/qemu/{domain}.xml")
    tuning = "".join(_tuning(f"vcpus='{vcpus}'" if vcpus else "") for vcpus in sets)
    record.write_text(record.read_text().replace("<os>", f"<cputune>{tuning}</cputune><os>", 1))


def _tuning(vcpus):
    return (
        f"<cachetune {vcpus}><monitor level='3' {vcpus}/></cachetune>"
        f"<memorytune {vcpus}><monitor {vcpus}/></memorytune>"
        f"<energytune {vcpus}><monitor {vcpus}/></energytune>"  # ignored before libvirt 12.4
    )
