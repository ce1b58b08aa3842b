// SPDX-License-Identifier: Apache-2.0
// Network interfaces of each domain: libvirt's "net.<n>.*", and what the XML says of them.
#include "exporter/libvirt/snapshot.h"

namespace virt {
namespace {

// Of the guest's view: what it received and sent. For tap devices libvirt has turned the host's view round.
constexpr Meter kTraffic[] = {
    {"rx.bytes", "libvirt_domain_interface_stats_receive_bytes_total", Type::kCumulative, kOne,
     "Bytes received by the guest (libvirt net.<n>.rx.bytes)."},
    {"rx.pkts", "libvirt_domain_interface_stats_receive_packets_total", Type::kCumulative, kOne,
     "Packets received by the guest (libvirt net.<n>.rx.pkts)."},
    {"rx.errs", "libvirt_domain_interface_stats_receive_errors_total", Type::kCumulative, kOne,
     "Receive errors of the guest's interface (libvirt net.<n>.rx.errs)."},
    {"rx.drop", "libvirt_domain_interface_stats_receive_drops_total", Type::kCumulative, kOne,
     "Incoming packets of the guest that were dropped (libvirt net.<n>.rx.drop)."},
    {"tx.bytes", "libvirt_domain_interface_stats_transmit_bytes_total", Type::kCumulative, kOne,
     "Bytes sent by the guest (libvirt net.<n>.tx.bytes)."},
    {"tx.pkts", "libvirt_domain_interface_stats_transmit_packets_total", Type::kCumulative, kOne,
     "Packets sent by the guest (libvirt net.<n>.tx.pkts)."},
    {"tx.errs", "libvirt_domain_interface_stats_transmit_errors_total", Type::kCumulative, kOne,
     "Transmit errors of the guest's interface (libvirt net.<n>.tx.errs)."},
    {"tx.drop", "libvirt_domain_interface_stats_transmit_drops_total", Type::kCumulative, kOne,
     "Outgoing packets of the guest that were dropped (libvirt net.<n>.tx.drop)."},
};

constexpr Meter kInfo[] = {
    {"", "libvirt_domain_interface_stats_info", Type::kGauge, kOne,
     "Constant 1; labels describe the interface's type, source, target, MAC address and model; source_device is the "
     "host's network device, its vDPA device or the path of a vhost-user socket. An interface without a target device "
     "(SR-IOV, or the domain is shut off) has no statistics, and target_device holds its MAC address so that joins on "
     "domain and target_device match at most one series (domain XML)."}};
constexpr Meter kCurrentMac[] = {
    {"", "libvirt_domain_interface_current_mac_address_info", Type::kGauge, kOne,
     "Constant 1; label holds the MAC address that the guest has set, absent while it equals the configured one; "
     "libvirt 11.2 and later (domain XML mac/@currentAddress)."}};
constexpr Meter kLinkUp[] = {{"", "libvirt_domain_interface_link_up", Type::kGauge, kOne,
                              "1 if the link of the guest's interface is up, 0 if it was set down; of an interface "
                              "without a target device, too, as "
                              "in libvirt_domain_interface_stats_info (domain XML link/@state)."}};

class NetworkPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override { return {kTraffic, kInfo, kCurrentMac, kLinkUp}; }
  Needs needs() const override { return Group::kState | Group::kInterface | Group::kXml; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Domain& domain : snapshot.domains) {
      for (const Record& interface : domain.stats.group("net"))
        if (const auto target = interface.text("name"))
          counters.sample(kTraffic, interface, {&domain, {{"target_device", *target}}});
      for (const Interface& interface : domain.facts->interfaces) sample_device(domain, interface, counters);
    }
    return counters;
  }

 private:
  static void sample_device(const Domain& domain, const Interface& interface, Counters& counters) {
    const std::string& device = interface.target.empty() ? interface.mac : interface.target;
    counters.sample(kInfo[0], 1,
                    {&domain,
                     {{"target_device", device},
                      {"interface_type", interface.type},
                      {"source_bridge", interface.source_bridge},
                      {"source_network", interface.source_network},
                      {"mac_address", interface.mac},
                      {"model_type", interface.model},
                      {"mtu_size", interface.mtu},
                      {"virtual_interface", interface.virtual_interface},
                      {"vlan", interface.vlan},
                      {"source_device", interface.source_device},
                      {"source_pci_address", interface.source_pci_address}}});
    if (!interface.current_mac.empty())
      counters.sample(kCurrentMac[0], 1,
                      {&domain, {{"target_device", device}, {"mac_address", interface.current_mac}}});
    counters.sample(kLinkUp[0], interface.link_up ? 1 : 0, {&domain, {{"target_device", device}}});
  }
};

REGISTER_POLLSTER(compute, network, NetworkPollster);

}  // namespace
}  // namespace virt
