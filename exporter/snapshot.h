// SPDX-License-Identifier: Apache-2.0
// What one read of libvirt found: plain values that no longer change. Pollsters see nothing else.
#ifndef VIRT_EXPORTER_SNAPSHOT_H_
#define VIRT_EXPORTER_SNAPSHOT_H_

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)  // plug-ins find it in the program

namespace virt {

class Keys;
class Record;

// libvirt's typed "key → number | text", with the very keys of virConnectGetAllDomainStats (what
// `virsh domstats --raw` prints). All of libvirt's number types become double, booleans 0 and 1.
class Stats {
 public:
  Stats();
  ~Stats();
  Stats(const Stats& other);
  Stats(Stats&& other) noexcept;
  Stats& operator=(Stats other) noexcept;

  // Keys are added in libvirt's order. A key that is added twice keeps its first value.
  void add(std::string_view key, double number);
  void add(std::string_view key, std::string_view text);
  // Adds all that `other`, which is another one, has.
  void append(const Stats& other);

  // The value of `key`; nothing where libvirt did not say it, or said it in the other type.
  std::optional<double> number(std::string_view key) const;
  std::optional<std::string_view> text(std::string_view key) const;

  // All keys as one record.
  Record all() const;
  // What stands below `name` ("balloon" → all "balloon.*"), with keys relative to it.
  Record record(std::string_view name) const;
  // The indexed records of `name` ("vcpu" → one Record for each n of "vcpu.<n>.*"), by the indices
  // that are present: vCPU numbers have holes.
  std::vector<Record> group(std::string_view name) const;

  bool empty() const { return values_.empty(); }

  // For readers of libvirt (see keys.h). A Stats of keys that are shared already; the values follow, in their order.
  explicit Stats(std::shared_ptr<const Keys> keys);
  void add_value(double number);
  void add_value(std::string_view text);
  // All keys are there: those of other Stats that are equal take their place.
  void share_keys();

 private:
  friend class Record;
  friend class Counters;
  union Value {
    double number;
    struct {
      std::uint32_t at, size;
    } text;  // in texts_
  };

  const Keys& keys() const;
  Keys& own_keys();

  // Its keys are its own and may grow, or shared and constant.
  std::unique_ptr<Keys> own_;
  std::shared_ptr<const Keys> shared_;
  std::vector<Value> values_;
  std::string texts_;
};

// A view of those keys of a Stats that share a prefix; lives no longer than the snapshot.
class Record {
 public:
  std::optional<double> number(std::string_view key) const;
  std::optional<std::string_view> text(std::string_view key) const;
  Record record(std::string_view name) const;
  std::vector<Record> group(std::string_view name) const;

  bool empty() const;

  // The "<n>" of an indexed record, as libvirt spells it.
  std::string_view index() const;

  // A key of this record (relative to it) that has the form of `pattern`, in which one '*' stands for
  // any text. `star` is what it stands for; it points into the snapshot.
  struct Match {
    std::string_view star;
    double number;
    std::uint32_t position;  // see keys.h
  };
  std::vector<Match> match(std::string_view pattern) const;

 private:
  friend class Stats;
  friend class Counters;  // which remembers where keys are
  Record(const Stats& stats, std::uint32_t branch) : stats_(&stats), branch_(branch) {}
  std::uint32_t find(std::string_view key) const;

  const Stats* stats_;
  std::uint32_t branch_;  // of its keys (see keys.h)
};

// A disk as the domain's XML describes it; empty text where the XML is silent.
struct Disk {
  std::string target, bus, type, device, serial;
  std::string driver_name, driver_type, driver_cache, driver_discard;
  std::string source_file, source_protocol, source_name;
  Stats limits;                              // <iotune>, by the names of its elements: "read_bytes_sec" …
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
  std::string virtual_interface;  // Neutron's port id
  std::string vlan;               // tags, separated by commas
  std::string filter;             // <filterref>
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
  std::string os_type, arch, machine;
  Stats defaults;  // under libvirt's own keys, for domains that have no statistics of them: vcpu.current …
  Stats balloon;   // "period": seconds between two reports of the guest; not there = never
  std::vector<Disk> disks;
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
};

// How often libvirt told of an event since the exporter started.
struct EventCount {
  std::string event, detail;  // "lifecycle", "started"
  std::uint64_t count;
};

struct Snapshot {
  bool up = false;     // libvirt is connected and its domains could be listed
  std::string source;  // the host this speaks of, by --host_name
  std::chrono::system_clock::time_point timestamp;
  std::chrono::duration<double> inspect_duration{0};
  std::optional<std::uint64_t> reconnects;  // connections that were lost and made again, since the start
  // Active domains whose monitor was asked for nothing, or in vain; and calls of this and of earlier reads
  // that have not come back.
  std::optional<std::size_t> incomplete, calls_left_behind;
  std::vector<EventCount> events;
  std::vector<Domain> domains;
  // What libvirt says of the host itself, under keys of ours, with libvirt's units: "node.*", "version.*",
  // "cpu.*" in ns, "memory.*" in KiB, "cell.<id>.*", "ksm.*", "pool.<n>.*", "network.<n>.*" (see
  // exporter/libvirt/host_reader.h).
  Stats host;
};

}  // namespace virt

#pragma GCC visibility pop

#endif  // VIRT_EXPORTER_SNAPSHOT_H_
