// SPDX-License-Identifier: Apache-2.0
// Ceilometer's meters of an instance as a whole: power state, CPU, memory, perf events, and its flavor's disks.
#include <charconv>

#include "collectors/ceilometer.h"
#include "collectors/other_vocabulary.h"

namespace virt::ceilometer {
namespace {

constexpr Row kPowerState[] = {
    {{"state", "ceilometer_power_state", Type::kGauge, kOne,
      "State of the domain as virDomainState (libvirt state.state)."},
     "power.state",
     ""},
};

constexpr Row kCpu[] = {
    {{"", "ceilometer_cpu", Type::kCumulative, kOne,
      "CPU time in ns: run time plus I/O wait of the vCPUs if all of them report both, else the domain's CPU time "
      "(libvirt vcpu.<n>.time, vcpu.<n>.wait, cpu.time)."},
     "cpu",
     "ns"},
};

constexpr Row kVcpus[] = {
    {{"current", "ceilometer_vcpus", Type::kGauge, kOne, "vCPUs of the instance (libvirt vcpu.current)."},
     "vcpus",
     "vcpu"},
};

constexpr Row kMemory[] = {
    {{"current", "ceilometer_memory", Type::kGauge, kMebibytesOfKibibytes,
      "Memory of the instance in MiB (libvirt balloon.current)."},
     "memory",
     "MiB"},
};

constexpr Row kReported[] = {
    {{"available", "ceilometer_memory_available", Type::kGauge, kMebibytesOfKibibytes,
      "Memory as the guest sees it in MiB (libvirt balloon.available)."},
     "memory.available",
     "MiB"},
    {{"rss", "ceilometer_memory_resident", Type::kGauge, kMebibytesOfKibibytes,
      "Resident memory of the domain's process in MiB (libvirt balloon.rss)."},
     "memory.resident",
     "MiB"},
};

constexpr Row kMemoryUsage[] = {
    {{"", "ceilometer_memory_usage", Type::kGauge, kMebibytesOfKibibytes,
      "Memory that the guest uses in MiB (libvirt balloon.available minus balloon.usable or else balloon.unused)."},
     "memory.usage",
     "MiB"},
};

constexpr Row kSwap[] = {
    {{"swap_in", "ceilometer_memory_swap_in", Type::kCumulative, kMebibytesOfKibibytes,
      "Data that the guest read from its swap space in MiB (libvirt balloon.swap_in)."},
     "memory.swap.in",
     "MiB"},
    {{"swap_out", "ceilometer_memory_swap_out", Type::kCumulative, kMebibytesOfKibibytes,
      "Data that the guest wrote to its swap space in MiB (libvirt balloon.swap_out)."},
     "memory.swap.out",
     "MiB"},
};

constexpr Row kPerf[] = {
    {{"cpu_cycles", "ceilometer_perf_cpu_cycles", Type::kGauge, kOne,
      "CPU cycles used by the instance (libvirt perf.cpu_cycles)."},
     "perf.cpu.cycles",
     ""},
    {{"instructions", "ceilometer_perf_instructions", Type::kGauge, kOne,
      "Instructions executed by the instance (libvirt perf.instructions)."},
     "perf.instructions",
     ""},
    {{"cache_references", "ceilometer_perf_cache_references", Type::kGauge, kOne,
      "Cache accesses of the instance (libvirt perf.cache_references)."},
     "perf.cache.references",
     ""},
    {{"cache_misses", "ceilometer_perf_cache_misses", Type::kGauge, kOne,
      "Cache misses of the instance (libvirt perf.cache_misses)."},
     "perf.cache.misses",
     ""},
};

constexpr Row kFlavor[] = {
    {{"disk", "ceilometer_disk_root_size", Type::kGauge, kOne,
      "Root disk size of the instance's flavor in GiB (domain XML nova:flavor)."},
     "disk.root.size",
     "GiB"},
    {{"ephemeral", "ceilometer_disk_ephemeral_size", Type::kGauge, kOne,
      "Ephemeral disk size of the instance's flavor in GiB (domain XML nova:flavor)."},
     "disk.ephemeral.size",
     "GiB"},
};

// The sum over the vCPUs, as Ceilometer has it; nothing if one of those that are online lacks a part.
std::optional<double> vcpu_time(const Domain& domain) {
  const auto current = domain.number("vcpu.current"), maximum = domain.number("vcpu.maximum");
  if (!current || !maximum) return std::nullopt;
  double sum = 0, complete = 0;
  for (const Record& vcpu : domain.stats.group("vcpu")) {
    unsigned number = 0;
    std::from_chars(vcpu.index().data(), vcpu.index().data() + vcpu.index().size(), number);
    const auto time = vcpu.number("time"), wait = vcpu.number("wait");
    if (number >= *maximum || !time || !wait) continue;
    sum += *time + *wait;
    ++complete;
  }
  return complete == *current ? std::optional{sum} : std::nullopt;
}

// In KiB.
std::optional<double> used_memory(const Record& balloon) {
  const auto available = balloon.number("available"), usable = balloon.number("usable");
  const auto free = usable ? usable : balloon.number("unused");
  return available && free ? std::optional{*available - *free} : std::nullopt;
}

class CeilometerInstancePollster : public OtherVocabulary {
 public:
  std::vector<Meters> meters() const override {
    std::vector<Meters> all;
    for (const std::span<const Row> rows : {std::span<const Row>{kPowerState},
                                            {kCpu},
                                            {kVcpus},
                                            {kMemory},
                                            {kReported},
                                            {kMemoryUsage},
                                            {kSwap},
                                            {kPerf},
                                            {kFlavor}})
      for (const Meters& table : meters_of(rows)) all.push_back(table);
    return all;
  }
  Needs needs() const override {
    return Group::kState | Group::kCpuTotal | Group::kVcpu | Group::kBalloon | Group::kPerf | Group::kXml;
  }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Domain& domain : snapshot.domains) {
      if (!domain.facts->nova) continue;
      const Instance instance{domain, snapshot.source};
      sample_always(domain, instance, counters);
      if (domain.active) sample_active(domain, instance, counters);
    }
    return counters;
  }

 private:
  static void sample_always(const Domain& domain, const Instance& instance, Counters& counters) {
    instance.sample(kPowerState, domain.stats.record("state"), instance.source(), counters);
    instance.sample(kVcpus, domain.known("vcpu.current").record("vcpu"), instance.source(), counters);
    instance.sample(kMemory, domain.known("balloon.current").record("balloon"), instance.source(), counters);
    instance.sample(kFlavor, domain.facts->nova->flavor.all(), instance.source(), counters);
  }

  static void sample_active(const Domain& domain, const Instance& instance, Counters& counters) {
    const auto sum = vcpu_time(domain), cpu = sum ? sum : domain.number("cpu.time");
    if (cpu) instance.sample(kCpu[0], *cpu, instance.source(), counters);
    const Record balloon = domain.stats.record("balloon");
    instance.sample(kReported, balloon, instance.source(), counters);
    if (const auto used = used_memory(balloon))
      instance.sample(kMemoryUsage[0], *used / 1024, instance.source(), counters);
    if (balloon.number("swap_in") && balloon.number("swap_out"))
      instance.sample(kSwap, balloon, instance.source(), counters);
    instance.sample(kPerf, domain.stats.record("perf"), instance.source(), counters);
  }
};

REGISTER_POLLSTER(ceilometer, instance, CeilometerInstancePollster);

}  // namespace
}  // namespace virt::ceilometer
