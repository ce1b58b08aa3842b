# SPDX-License-Identifier: Apache-2.0
"""In place of another exporter: what its dashboards, rules and autoscaling policies ask for is there, in a real
Prometheus, under its names and with its labels."""

import hashlib
import re
import subprocess

import pytest

import guests
import lab
import metadata
import peers
from exporter import BINARY, REPOSITORY, Exporter
from prometheus import Prometheus

# Family: why the lab has no value of it.
NO_VALUE = {
    **{
        f"ceilometer_perf_{event}": "this machine lets nobody count the CPU's events; tests/collectors/ceilometer_instance_test.cc"
        for event in ("cpu_cycles", "instructions", "cache_references", "cache_misses")
    },
    "libvirt_domain_job_info_time_remaining_seconds": "libvirt has it for a migration between hosts alone",
    **{
        f"libvirt_domain_job_info_file_{part}_bytes": "libvirt has it for a migration with disks, between hosts, alone"
        for part in ("total", "processed", "remaining")
    },
}


# Families that no peer has, and why the lab has no value of them: each is tested with text as libvirt prints it.
NOT_IN_THE_LAB = {
    r"libvirt_domain_perf_.+": "as above; tests/collectors/perf_test.cc",
    r"libvirt_domain_(vcpu_)?kvm_.+": "its guests are emulated, without KVM; tests/collectors/kvm_test.cc",
    r"libvirt_domain_vcpu_halted": "libvirt has it of s390 alone; tests/collectors/cpu_test.cc",
    r"libvirt_domain_block_stats_errors_total": "libvirt has it of Xen alone; tests/collectors/disk_test.cc",
    r"libvirt_domain_block_(backing_)?limits_(discard|write_zeroes|transfer|iov_hardware)_.+": "a device's, not a file's; "
    "tests/collectors/disk_test.cc",
    r"libvirt_domain_block_backing_(read|write|flush)_.+": "QEMU counts for the top alone; tests/collectors/backing_chain_test.cc",
    r"libvirt_domain_interface_current_mac_address_info": "a guest has to set it; tests/collectors/network_test.cc",
    r"libvirt_domain_control_.+": "its guests answer; tests/lab/test_robustness.py freezes one",
    r"libvirt_domain_job_info_(time_elapsed|downtime)_net_seconds": "between hosts alone; tests/collectors/job_test.cc",
    r"libvirt_domain_job_info_(compression_.+|auto_converge_.+|vfio_.+)": "between hosts alone; tests/collectors/job_test.cc",
    r"libvirt_domain_job_info_(file|memory)_bytes_per_second": "its job does not get on; tests/collectors/job_test.cc",
    r"openstack_.+": "of OpenStack's APIs; tests/collectors/central_*_test.cc",
    r"virt_openstack_.+": "as above; tests/exporter/openstack/about_test.cc",
    r"virt_source_.+": "of plug-ins' sources; tests/plugin/modules_test.cc",
    r"libvirt_domain_job_info_file_temporary_.+": "a backup's alone; tests/collectors/job_test.cc",
}

# Families that the lab's guests have since this version of libvirt.
SINCE = {
    r"libvirt_domain_autostart_once": (11, 2),
    r"libvirt_domain_block_throttle_group_.+": (11, 2),
    r"libvirt_host_cpu_guest_seconds_total": (11, 8),
    r"libvirt_domain_block_(backing_)?limits_(iov_max|memory_.+|request_.+)": (11, 10),
    r"libvirt_host_memory_available_bytes": (12, 3),
    r"libvirt_domain_block_timed_.+": (12, 1),
    r"libvirt_domain_block_stats_.+_latency_seconds": (12, 1),
    r"libvirt_domain_cpu_(core_energy_joules|activity_farads)_total": (12, 4),
    r"libvirt_domain_iothread_poll_weight": (12, 7),
}


def not_in_the_lab():
    """Patterns of the families of which the lab's libvirt, with the lab's guests, has no value."""
    return [*NOT_IN_THE_LAB, *(form for form, since in SINCE.items() if lab.libvirt_version() < since)]


def meters():
    """Gives [(family, type, pollster)] of --list_meters."""
    lines = subprocess.run([BINARY, "--list_meters"], capture_output=True, text=True, check=True).stdout.splitlines()
    return [tuple(line.split("\t")[:3]) for line in lines]


def listed():
    """Gives {family: pollster} of --list_meters."""
    return {family: pollster for family, _, pollster in meters()}


def of_peers():
    """Gives {family: labels} of everything that a peer says."""
    families = {
        **peers.TINKOFF,
        **{peers.ceilometer_family(meter): peers.ceilometer_labels(meter) for meter in peers.CEILOMETER},
    }
    for family, labels in peers.INOVEX.items():
        families[family] = tuple(dict.fromkeys([*families.get(family, ()), *labels]))
    return families


@pytest.fixture(scope="module")
def prometheus(host, saving):
    flags = ("--pollsters=*,!central.*", "--backing_chain", "--xml_refresh=1")
    with Exporter(*flags) as exporter, Prometheus(exporter.port) as running:
        lab.wait_until("ten scrapes", lambda: values(running, "count_over_time(up[1h]) >= 10"), timeout=60)
        yield running


@pytest.fixture(scope="module")
def saving(host):
    """A guest in the middle of a job: it is being saved into a pipe that nobody empties."""
    with guests.stuck_job("in-a-job") as name:
        yield name


def values(prometheus, query):
    return [value for _, value in prometheus.query(query)]


def seen(prometheus, selector):
    """Whether it had a value of late: on a busy machine a scrape may come too late for its second."""
    return values(prometheus, f"count(present_over_time({selector}[1m]))")


def test_every_family_of_compat_is_a_peer_s():
    compat = {family for family, pollster in listed().items() if pollster.startswith("compat.")}
    assert compat and compat <= peers.TINKOFF.keys() | peers.INOVEX.keys()


def test_ceilometer_s_families_and_types_are_its_meters():
    found = {family: kind for family, kind, pollster in meters() if pollster.startswith("ceilometer.")}
    assert found == {peers.ceilometer_family(meter): kind for meter, (kind, _) in peers.CEILOMETER.items()}


@pytest.mark.parametrize(
    "peer, elsewhere", [("TINKOFF", set()), ("INOVEX", {"libvirt_domain_memory_stats_actual_balloon_bytes"})]
)
def test_pollsters_that_the_migration_names_have_every_family_of_the_peer(peer, elsewhere):
    compat = f"compat.{peer.lower()}"
    assert f"--pollsters='compute.*,!compute.kvm,compat.common,{compat}'" in (REPOSITORY / "collectors/MIGRATION.md").read_text()
    chosen = ("exporter", "compat.common", compat)
    ours = {family for family, of in listed().items() if of in chosen or of.startswith("compute.")}
    assert getattr(peers, peer).keys() - ours == elsewhere


def test_every_label_of_every_family_of_a_peer_has_a_value_in_prometheus(prometheus):
    missing = []
    for family, labels in of_peers().items():
        for selector in [f'{family}{{{label}!=""}}' for label in labels] or [family]:
            if family not in NO_VALUE and not seen(prometheus, selector):
                missing.append(selector)
    assert missing == []


def test_reasons_why_there_is_no_value_are_still_true(prometheus):
    assert [family for family in NO_VALUE if seen(prometheus, family)] == []


def test_every_family_has_a_value_or_a_reason_why_it_has_none(prometheus):
    names = '{__name__=~"(ceilometer|libvirt|virt|process|promhttp)_.+"}'
    stored = {labels["__name__"] for labels, _ in prometheus.query(f"group by (__name__) (last_over_time({names}[1m]))")}
    found = stored | {name.removesuffix("_bucket") for name in stored}  # as which Prometheus stores histograms
    missing = listed().keys() - found - NO_VALUE.keys()
    forms = not_in_the_lab()
    assert [family for family in missing if not any(re.fullmatch(form, family) for form in forms)] == []
    unused = {form for form in forms if not any(re.fullmatch(form, family) for family in missing)}
    assert unused <= {r"libvirt_domain_control_.+"}  # on a busy machine a guest may be late to answer


def test_family_of_ceilometer_has_one_set_of_labels_and_its_unit(prometheus):
    for meter, (_, unit) in peers.CEILOMETER.items():
        family = peers.ceilometer_family(meter)
        series = [] if family in NO_VALUE else prometheus.query(f"last_over_time({family}[1m])")
        for labels, _ in series:
            assert labels.keys() - {"__name__", "instance", "job"} == set(peers.ceilometer_labels(meter)), family
            assert (labels.get("unit", ""), labels["counter"]) == (unit, meter)


def test_labels_of_ceilometer_have_its_order(host):
    with Exporter("--pollsters=ceilometer.*") as exporter:
        text = exporter.scrape_bytes().decode()
    series = re.findall(r"^(ceilometer_\w+)\{(.+)\} ", text, re.MULTILINE)
    meter_of = {peers.ceilometer_family(meter): meter for meter in peers.CEILOMETER}
    assert {family for family, _ in series} == meter_of.keys() - NO_VALUE.keys()
    for family, labels in series:
        names = re.findall(r'(\w+)="(?:[^"\\]|\\.)*"', labels)
        assert names == list(peers.ceilometer_labels(meter_of[family])), family


# ---- Panels and alerts as people write them --------------------------------------------------------------------

TINKOFF_PANELS = {
    "CPU %": 'rate(libvirt_domain_info_cpu_time_seconds_total{domain="linux"}[5s]) * 100',
    "CPU % of all vCPUs": "rate(libvirt_domain_info_cpu_time_seconds_total[5s]) "
    "/ libvirt_domain_info_virtual_cpus * 100",
    "steal": "sum by (domain) (irate(libvirt_domain_vcpu_delay_seconds_total[5s]))",
    "IOPS": "sum by (domain) (irate(libvirt_domain_block_stats_read_requests_total[5s]) "
    "+ irate(libvirt_domain_block_stats_write_requests_total[5s]))",
    "latency": 'libvirt_domain_block_stats_read_time_seconds_total{domain="linux"} '
    "/ libvirt_domain_block_stats_read_requests_total",
    "throughput of an instance": "irate(libvirt_domain_block_stats_read_bytes_total[5s]) * on (domain) group_left "
    "(instance_name, project_name) libvirt_domain_info_meta",
    "limit of a disk": "libvirt_domain_block_stats_limit_read_bytes * on (domain, target_device) group_left (serial) "
    "libvirt_domain_block_meta",
    "top talkers": "topk(5, irate(libvirt_domain_interface_stats_transmit_bytes_total[5s]))",
    "traffic of a port": "irate(libvirt_domain_interface_stats_receive_bytes_total[5s]) * on (domain, target_device) "
    "group_left (virtual_interface) libvirt_domain_interface_meta",
    "memory used": "libvirt_domain_memory_stats_used_percent > 0",
    "memory by project": "sum by (project_name) (libvirt_domain_info_memory_usage_bytes * on (domain) group_left "
    "(project_name) libvirt_domain_info_meta)",
    "domains that do not run": "count by (instance) (libvirt_domain_info_vstate != 1)",
    "pool fill": "libvirt_pool_info_allocation_bytes / libvirt_pool_info_capacity_bytes",
    "versions": "count by (libvirtd_running) (libvirt_versions_info)",
}

INOVEX_PANELS = {
    "CPU": "rate(libvirt_domain_info_cpu_time_seconds_total[5s]) * on (domain) group_left (instance_name) "
    "libvirt_domain_openstack_info",
    "CPU by project": "sum by (project_name) (rate(libvirt_domain_vcpu_time_seconds_total[5s]) * on (domain) "
    "group_left (project_name) libvirt_domain_openstack_info)",
    "steal": "rate(libvirt_domain_vcpu_delay_seconds_total[5s]) * on (domain) group_left (os_type_machine) "
    "libvirt_domain_info",
    "steal %": "sum by (domain) (rate(libvirt_domain_vcpu_delay_seconds_total[5s])) "
    "/ sum by (domain) (rate(libvirt_domain_vcpu_time_seconds_total[5s])) * 100 >= 0",
    "VM by name": 'libvirt_domain_openstack_info{project_name="physics", instance_name="linux 1"}',
    "vCPUs": "sum(libvirt_domain_vcpu_current) / sum(libvirt_domain_vcpu_maximum)",
    "memory": "libvirt_domain_memory_stats_available_bytes - libvirt_domain_memory_stats_usable_bytes",
    "memory used": "avg by (domain) (libvirt_domain_memory_stats_used_percent)",
    "swap": "sum by (domain) (rate(libvirt_domain_memory_stats_swap_in_bytes[5s]) "
    "+ rate(libvirt_domain_memory_stats_swap_out_bytes[5s])) >= 0",
    "disks": "count by (domain) (libvirt_domain_block_stats_info)",
    "requests of both kinds": "sum by (domain, target_device) "
    '({__name__=~"libvirt_domain_block_stats_(read|write)_requests_total"}) > 0',
    "reads by file": "rate(libvirt_domain_block_stats_read_bytes_total[5s]) * on (domain, target_device) group_left "
    "(source_file) libvirt_domain_block_stats_info",
    "IOPS": "topk(3, rate(libvirt_domain_block_stats_read_requests_total[5s]))",
    "packets by MAC": "rate(libvirt_domain_interface_stats_receive_packets_total[5s]) * on (domain, target_device) "
    "group_left (mac_address) libvirt_domain_interface_stats_info",
    "alert: not running": 'count(libvirt_domain_info_state{state_desc!="the domain is running"}) > 0',
    "alert: pool": "libvirt_storage_pool_state == 2 and libvirt_storage_pool_available_bytes > 0",
    "alert: timed out": "libvirt_domain_timed_out == 0",
    "job": "libvirt_domain_job_info_data_remaining_bytes / libvirt_domain_job_info_data_total_bytes",
    "domains": "libvirt_domains and libvirt_up == 1",
}

CEILOMETER_PANELS = {
    "Watcher: CPU": "clamp_max((rate(ceilometer_cpu[5s]) / 10e+8) * on (resource) (100 / ceilometer_vcpus), 100)",
    "Watcher: CPU of an instance": "clamp_max((avg by (resource) (rate(ceilometer_cpu[5s])) / 10e+8) * (100 / 2), 100)",
    "Watcher: memory": "ceilometer_memory_usage",
    "Watcher: root disk": "ceilometer_disk_root_size",
    "Heat: scale on CPU": 'avg(rate(ceilometer_cpu{server_group="none"}[5s])) / 1e9',
    "Heat: scale on memory": 'avg by (server_group) (ceilometer_memory_usage{project="project-id"})',
    "rule: disk by VM": 'sum by (vm) (label_replace(rate(ceilometer_disk_device_read_bytes[5s]), "vm", "$1", '
    '"resource", "^(.{8}-.{4}-.{4}-.{4}-.{12})-.*"))',
    "rule: device": 'count by (device) (label_replace(ceilometer_disk_device_capacity, "device", "$1", "resource", '
    '".*-([a-z]+)$"))',
    "rule: name of the VM": 'count by (name) (label_replace(ceilometer_cpu, "name", "$1", "resource_name", "(.*):.*"))',
    "network by name": 'sum by (resource_name) (rate(ceilometer_network_incoming_bytes[5s]))',
    "latency": "rate(ceilometer_disk_device_read_latency[1m]) >= 0",
    "power state": 'count by (power) (ceilometer_power_state{type="state"} == 1)',
    "memory by project": 'sum by (project_name) (ceilometer_memory{unit="MiB"})',
    "host of a project": "count by (vm_instance) (ceilometer_vcpus)",
    "usage": 'ceilometer_disk_device_usage{disk!=""} <= on (resource) ceilometer_disk_device_capacity',
}

PANELS = {
    f"{peer}: {name}": query
    for peer, panels in (("Tinkoff", TINKOFF_PANELS), ("inovex", INOVEX_PANELS), ("Ceilometer", CEILOMETER_PANELS))
    for name, query in panels.items()
}


@pytest.mark.parametrize("panel", PANELS)
def test_panel_has_data(prometheus, panel):
    lab.wait_until(f"{panel}: {PANELS[panel]}", lambda: values(prometheus, PANELS[panel]), timeout=15)


# ---- Ceilometer's values ---------------------------------------------------------------------------------------


def test_ceilometer_s_cpu_and_memory_are_those_of_libvirt_in_its_units(host):
    uuid = lab.virsh("domuuid", "linux").strip()
    before = lab.domstats_raw("vcpu", "balloon", domains=["linux"])["linux"]
    with Exporter("--pollsters=ceilometer.*") as exporter:
        scrape = exporter.scrape()
    ((_, cpu),) = scrape.matching("ceilometer_cpu", resource=uuid)
    ((_, memory),) = scrape.matching("ceilometer_memory", resource=uuid)
    after = lab.domstats_raw("vcpu", "balloon", domains=["linux"])["linux"]

    def time(stats):
        return sum(int(stats[f"vcpu.0.{part}"]) for part in ("time", "wait"))

    assert time(before) <= cpu <= time(after)
    assert memory == int(after["balloon.current"]) / 1024 == 128


def test_instance_that_lacks_things_has_what_is_there(host):
    uuid = lab.virsh("domuuid", "nova-odd").strip()

    def time():
        stats = lab.domstats_raw("vcpu", domains=["nova-odd"])["nova-odd"]
        assert "vcpu.1.time" not in stats
        return sum(int(stats[f"vcpu.{number}.{part}"]) for number in (0, 2, 3) for part in ("time", "wait"))

    before = time()
    with Exporter("--pollsters=ceilometer.*") as exporter:
        scrape = exporter.scrape()
    after = time()
    ((_, cpu),) = scrape.matching("ceilometer_cpu", resource=uuid)
    assert before <= cpu <= after
    assert scrape.matching("ceilometer_vcpus", resource=uuid)[0][1] == 3
    assert scrape.matching("ceilometer_disk_root_size", resource=uuid)[0][1] == 20
    of_memory = {family for family, labels in scrape.samples if ("memory", uuid) in labels}
    assert of_memory == {"ceilometer_memory", "ceilometer_memory_resident"}
    assert not [labels for family, labels in scrape.samples if "_swap_" in family and ("resource", uuid) in labels]
    disks = {labels["resource"] for labels, _ in scrape.matching("ceilometer_disk_device_read_bytes")}
    assert f"{uuid}-vda" in disks and f"{uuid}-hda" not in disks


@pytest.fixture
def sized(host):
    guests.sized_instance("nova-sized", metadata.nova("1.1", "sized 1"))
    yield lab.virsh("domuuid", "nova-sized").strip()
    lab.virsh("destroy", "nova-sized")


def test_sizes_of_disks_are_those_that_ceilometer_asks_for(sized):
    with Exporter("--pollsters=ceilometer.disk,compute.disk") as exporter:
        scrape = exporter.scrape()

    def of_exporter(target):
        sizes = ("capacity", "allocation", "usage")
        return [scrape.matching(f"ceilometer_disk_device_{size}", resource=f"{sized}-{target}")[0][1] for size in sizes]

    def of_libvirt(target):
        said = lab.virsh("domblkinfo", "nova-sized", target)
        return [float(said.split(f"{size}:")[1].split()[0]) for size in ("Capacity", "Allocation", "Physical")]

    assert [of_exporter(target) for target in ("vda", "vdb")] == [of_libvirt(target) for target in ("vda", "vdb")]
    assert of_exporter("vdb") == [64 << 20, 4096, 64 << 20]
    assert of_exporter("vdc")[:2] == of_libvirt("vdc")[:2]
    assert of_exporter("vdc")[2] == of_exporter("vdc")[1]  # of a qcow2 file that nobody writes
    # A folder is a medium: the drive has statistics and an info.
    assert scrape.value("libvirt_domain_block_stats_read_requests_total", domain="nova-sized", target_device="fda") >= 0
    ((labels, _),) = scrape.matching("libvirt_domain_block_stats_info", domain="nova-sized", target_device="fda")
    assert labels["source_file"] == str(guests.IMAGES / "nova-sized.floppy")
    assert scrape.matching("ceilometer_disk_device_read_requests", resource=f"{sized}-fda")


def test_stopped_instance_has_state_and_sizes_only(host):
    uuid = lab.virsh("domuuid", "nova-1.0").strip()
    with Exporter("--pollsters=ceilometer.*") as exporter:
        found = {family for family, labels in exporter.scrape().samples if ("resource", uuid) in labels}
    assert found == {
        f"ceilometer_{meter}" for meter in "power_state vcpus memory disk_root_size disk_ephemeral_size".split()
    }


def test_host_name_is_the_one_that_nova_hashes(host):
    with Exporter("--pollsters=ceilometer.*", "--host_name=compute-7") as exporter:
        vcpus = exporter.scrape().matching("ceilometer_vcpus", project="project-id")
        hashes = {labels["vm_instance"] for labels, _ in vcpus}
    assert hashes == {hashlib.sha224(b"project-idcompute-7").hexdigest()}
