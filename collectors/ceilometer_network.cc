// SPDX-License-Identifier: Apache-2.0
// Ceilometer's meters of an instance's network interfaces.
#include <algorithm>

#include "collectors/ceilometer.h"
#include "collectors/other_vocabulary.h"

namespace virt::ceilometer {
namespace {

constexpr Row kInterface[] = {
    {{"rx.bytes", "ceilometer_network_incoming_bytes", Type::kCumulative, kOne,
      "Bytes received by the instance (libvirt net.<n>.rx.bytes)."},
     "network.incoming.bytes",
     "B"},
    {{"tx.bytes", "ceilometer_network_outgoing_bytes", Type::kCumulative, kOne,
      "Bytes sent by the instance (libvirt net.<n>.tx.bytes)."},
     "network.outgoing.bytes",
     "B"},
    {{"rx.pkts", "ceilometer_network_incoming_packets", Type::kCumulative, kOne,
      "Packets received by the instance (libvirt net.<n>.rx.pkts)."},
     "network.incoming.packets",
     "packet"},
    {{"tx.pkts", "ceilometer_network_outgoing_packets", Type::kCumulative, kOne,
      "Packets sent by the instance (libvirt net.<n>.tx.pkts)."},
     "network.outgoing.packets",
     "packet"},
    {{"rx.errs", "ceilometer_network_incoming_packets_error", Type::kCumulative, kOne,
      "Receive errors of the instance's interface (libvirt net.<n>.rx.errs)."},
     "network.incoming.packets.error",
     "packet"},
    {{"tx.errs", "ceilometer_network_outgoing_packets_error", Type::kCumulative, kOne,
      "Transmit errors of the instance's interface (libvirt net.<n>.tx.errs)."},
     "network.outgoing.packets.error",
     "packet"},
    {{"rx.drop", "ceilometer_network_incoming_packets_drop", Type::kCumulative, kOne,
      "Incoming packets of the instance that were dropped (libvirt net.<n>.rx.drop)."},
     "network.incoming.packets.drop",
     "packet"},
    {{"tx.drop", "ceilometer_network_outgoing_packets_drop", Type::kCumulative, kOne,
      "Outgoing packets of the instance that were dropped (libvirt net.<n>.tx.drop)."},
     "network.outgoing.packets.drop",
     "packet"},
};

const Interface* find_interface(const DomainFacts& facts, std::string_view target) {
  const auto matches = [&](const Interface& interface) { return interface.target == target && !interface.mac.empty(); };
  const auto found = std::find_if(facts.interfaces.begin(), facts.interfaces.end(), matches);
  return found == facts.interfaces.end() ? nullptr : &*found;
}

// Several interfaces may share a filter, and with it the id: their names tell them apart.
std::string resource_id(const Domain& domain, const Interface& interface) {
  if (!interface.filter.empty()) return interface.filter;
  return domain.name + "-" + domain.uuid + "-" + interface.target;
}

class CeilometerNetworkPollster : public OtherVocabulary {
 public:
  std::vector<Meters> meters() const override { return meters_of(kInterface); }
  Needs needs() const override { return Group::kState | Group::kInterface | Group::kXml; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Domain& domain : snapshot.domains) {
      if (!domain.facts->nova) continue;
      const Instance instance{domain, snapshot.source};
      for (const Record& net : domain.stats.group("net")) sample_interface(domain, net, instance, counters);
    }
    return counters;
  }

 private:
  static void sample_interface(const Domain& domain, const Record& net, const Instance& instance, Counters& counters) {
    const auto target = net.text("name");
    const Interface* interface = target ? find_interface(*domain.facts, *target) : nullptr;
    if (interface != nullptr)
      instance.sample(kInterface, net, {resource_id(domain, *interface), interface->target}, counters);
  }
};

REGISTER_POLLSTER(ceilometer, network, CeilometerNetworkPollster);

}  // namespace
}  // namespace virt::ceilometer
