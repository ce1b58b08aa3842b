// SPDX-License-Identifier: Apache-2.0
// What one read of libvirt found, and what its pollsters are.
#ifndef VIRT_EXPORTER_LIBVIRT_SNAPSHOT_H_
#define VIRT_EXPORTER_LIBVIRT_SNAPSHOT_H_

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/pollster.h"
#include "exporter/record.h"
#include "exporter/snapshot.h"

#pragma GCC visibility push(default)  // plug-ins find it in the program

namespace virt {

// What a pollster needs of libvirt, so that nothing else is asked for: the statistics groups of
// virConnectGetAllDomainStats, the domains' XML (Domain::facts), and what has keys of ours (see Domain and Snapshot):
// libvirt's lists, and of the domains that run their jobs and the host CPUs of their vCPUs, one call for each;
// the host, its storage pools and its virtual networks. The domains and their state are always read.
using Groups = Needs;
struct Group {
  enum One : Groups {
    kState = 1ull << 0,
    kCpuTotal = 1ull << 1,
    kBalloon = 1ull << 2,
    kVcpu = 1ull << 3,
    kInterface = 1ull << 4,
    kBlock = 1ull << 5,
    kPerf = 1ull << 6,
    kIothread = 1ull << 7,
    kMemory = 1ull << 8,
    kDirtyRate = 1ull << 9,
    kVm = 1ull << 10,
    kXml = 1ull << 16,
    kLists = 1ull << 17,
    kJobs = 1ull << 18,
    kPlacement = 1ull << 19,
    kHost = 1ull << 20,
    kPools = 1ull << 21,
    kNetworks = 1ull << 22,
    kBackingChain = 1ull << 23,  // with kBlock, as --backing_chain has it: the images below the disks' as well
    kHaltPolling = 1ull << 24,   // with kCpuTotal: "cpu.haltpoll.*" as well, which QEMU's monitor is asked for
  };
};

// A disk as the domain's XML describes it; empty text where the XML is silent.
struct Disk {
  std::string target, bus, type, device, serial;
  std::string driver_name, driver_type, driver_cache, driver_discard;
  bool has_source = false;                   // a drive without one is empty
  std::string source_file;                   // the path of a file, block device, folder or socket
  std::string source_protocol, source_name;  // a name is an image's on `source_hosts`, or a volume's in `source_pool`
  std::string source_hosts;                  // "10.0.0.1:6789,[fd00::2]:6789", or the path of a socket
  std::string source_pool;
  std::string source_pci_address, source_namespace;  // of an NVMe device: "0000:01:00.0", "1"
  bool is_whole_file = false;                        // the disk is a raw file, from its first byte to its last
  Stats limits;                                      // <iotune>, by the names of its elements: "read_bytes_sec" …
  std::vector<std::string> throttle_groups;  // the names of those that its requests pass through, <throttlefilters>
};

// Limits that several disks of a domain may share: <throttlegroup>.
struct ThrottleGroup {
  std::string name;
  Stats limits;  // as a disk's
};

// A network interface as the domain's XML describes it.
struct Interface {
  std::string type, target, mac, model, mtu;
  std::string current_mac;  // that the guest has given it, where it is not the one that the XML gives it
  std::string source_bridge, source_network;
  std::string source_device;       // the host's network device or vDPA device, or the path of a vhost-user socket
  std::string source_pci_address;  // of a device that the guest has to itself: "0000:04:10.4"
  std::string virtual_interface;   // Neutron's port id
  std::string vlan;                // tags, separated by commas
  std::string filter;              // <filterref>
  bool link_up = true;
};

// An address of an instance's port.
struct NovaAddress {
  std::string port_id, address, ip_version, type;
};

// What OpenStack Nova wrote into the metadata of the domain's XML.
struct Nova {
  std::string name;  // the instance's display name
  std::string version, image_id, root_type;
  std::string user_id, user_name, project_id, project_name;
  std::string flavor_id, flavor_name;
  Stats flavor;                   // "vcpus", "memory" and "swap" in MiB, "disk" and "ephemeral" in GiB
  std::optional<double> written;  // nova:creationTime: when this metadata was made, seconds since the epoch
  std::vector<NovaAddress> addresses;
};

// What a domain's XML says and its statistics do not.
struct DomainFacts {
  std::string title, description;  // anybody's text, as one line of at most 256 bytes
  std::string os;                  // what the guest runs, by libosinfo: "http://debian.org/debian/12"
  std::string os_type, arch, machine;
  Stats defaults;  // under libvirt's own keys, for domains that have no statistics of them: vcpu.current …
  Stats balloon;   // "period": seconds between two reports of the guest; not there = never
  std::vector<Disk> disks;
  bool has_cpu_monitors = false;  // of its cache or its energy
  bool has_iothreads = false;
  std::vector<ThrottleGroup> throttle_groups;
  std::vector<Interface> interfaces;
  std::optional<Nova> nova;

  const Disk* disk(std::string_view target) const;

  // Of all domains whose XML could not be read.
  static const std::shared_ptr<const DomainFacts>& none();
};

// A domain at the moment of the snapshot.
struct Domain {
  std::string name;
  std::string uuid;
  bool active = false;
  unsigned id = 0;  // libvirt's number of this run of an active domain
  // libvirt's statistics; and under keys of ours what libvirt keeps in lists ("list.autostart",
  // "list.persistent", "list.managed_save", "list.snapshots"), whether QEMU's monitor answered
  // ("monitor.responding"), and of domains where it did not, what holds it ("control.state") and since how
  // many milliseconds ("control.busy"); whether it starts at the host's next boot alone ("autostart.once"); the job
  // that a domain has, "job.type" and "job.*" with the names of virDomainGetJobStats; the host CPU of each vCPU,
  // "placement.<n>.cpu".
  Stats stats;
  // Never null; empty where the XML could not be read. Kept, and shared with later snapshots.
  std::shared_ptr<const DomainFacts> facts = DomainFacts::none();

  std::optional<double> number(std::string_view key) const { return stats.number(key); }
  // The statistics where they have `key`, else what the XML says in their place.
  const Stats& known(std::string_view key) const { return number(key) ? stats : facts->defaults; }
};

// How often libvirt told of an event since the exporter started.
struct EventCount {
  std::string event, detail;  // "lifecycle", "started"
  std::uint64_t count;
};

// How a part of the read went (exporter/libvirt/part.h).
struct PartReport {
  std::string_view name;                   // lives as long as the program
  bool success;                            // all of it came
  std::chrono::duration<double> duration;  // until the last of it came, or until now
  std::size_t calls_out;                   // that have not come back, of earlier reads as well
};

// Is up if libvirt is connected, and its domains could be listed or, where the list hangs, asked one by one.
struct Snapshot : SnapshotBase {
  static constexpr std::string_view kSource = "libvirt";

  std::string source;  // the host this speaks of, by --host_name
  // Active domains whose monitor was asked for nothing, or in vain; and calls of this and of earlier reads
  // that have not come back.
  std::optional<std::size_t> incomplete, calls_left_behind;
  std::vector<PartReport> parts;
  std::vector<EventCount> events;
  std::vector<Domain> domains;
  // What libvirt says of the host itself, under keys of ours, with libvirt's units: "node.*", "version.*",
  // "cpu.*" in ns, "memory.*" in KiB, "cell.<id>.*", "ksm.*", "pool.<n>.*", "network.<n>.*" (see
  // exporter/libvirt/host_connection.h and named_connection.h). "pool.<n>.responding" is 1 if the pool answered, and 0
  // if it was asked and did not; so is "network.<n>.responding".
  Stats host;
};

// A pollster of libvirt's.
using Pollster = PollsterOf<Snapshot>;

}  // namespace virt

#pragma GCC visibility pop

#endif  // VIRT_EXPORTER_LIBVIRT_SNAPSHOT_H_
