// SPDX-License-Identifier: Apache-2.0
// What OpenStack Nova wrote into the domains' metadata. A domain without it gives nothing.
#include "exporter/libvirt/snapshot.h"

namespace virt {
namespace {

constexpr Meter kInfo[] = {
    {"", "libvirt_domain_openstack_info", Type::kGauge, kOne,
     "Constant 1; labels describe the instance, its flavor, image, user and project (domain XML nova:instance)."}};
constexpr Meter kTimestamp[] = {
    {"", "libvirt_domain_openstack_metadata_timestamp_seconds", Type::kGauge, kOne,
     "Unix time at which Nova wrote this metadata, which is not when it created the instance (domain XML "
     "nova:creationTime)."}};
constexpr Meter kPort[] = {
    {"", "libvirt_domain_openstack_port_info", Type::kGauge, kOne,
     "Constant 1; labels hold an address of one of the instance's ports (domain XML nova:port)."}};

constexpr Meter kFlavor[] = {
    {"vcpus", "libvirt_domain_openstack_flavor_vcpus", Type::kGauge, kOne,
     "vCPUs of the instance's flavor (domain XML nova:flavor)."},
    {"memory", "libvirt_domain_openstack_flavor_memory_bytes", Type::kGauge, kMebibytes,
     "Memory of the instance's flavor (domain XML nova:flavor)."},
    {"disk", "libvirt_domain_openstack_flavor_root_disk_bytes", Type::kGauge, kGibibytes,
     "Root disk size of the instance's flavor (domain XML nova:flavor)."},
    {"ephemeral", "libvirt_domain_openstack_flavor_ephemeral_disk_bytes", Type::kGauge, kGibibytes,
     "Ephemeral disk size of the instance's flavor (domain XML nova:flavor)."},
    {"swap", "libvirt_domain_openstack_flavor_swap_bytes", Type::kGauge, kMebibytes,
     "Swap disk size of the instance's flavor (domain XML nova:flavor)."},
};

class OpenstackPollster : public Pollster {
 public:
  std::vector<Meters> meters() const override { return {kInfo, kTimestamp, kPort, kFlavor}; }
  Needs needs() const override { return Group::kState | Group::kXml; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Domain& domain : snapshot.domains)
      if (domain.facts->nova) sample_instance(domain, *domain.facts->nova, counters);
    return counters;
  }

 private:
  static void sample_instance(const Domain& domain, const Nova& nova, Counters& counters) {
    counters.sample(kInfo[0], 1,
                    {&domain,
                     {{"instance_name", nova.name},
                      {"instance_id", domain.uuid},
                      {"flavor_name", nova.flavor_name},
                      {"user_name", nova.user_name},
                      {"user_id", nova.user_id},
                      {"project_name", nova.project_name},
                      {"project_id", nova.project_id},
                      {"image_id", nova.image_id},
                      {"nova_version", nova.version}}});
    counters.sample(kFlavor, nova.flavor.all(), {&domain, {}});
    if (nova.written) counters.sample(kTimestamp[0], *nova.written, {&domain, {}});
    for (const NovaAddress& address : nova.addresses)
      counters.sample(kPort[0], 1,
                      {&domain,
                       {{"port_id", address.port_id},
                        {"address", address.address},
                        {"ip_version", address.ip_version},
                        {"address_type", address.type}}});
  }
};

REGISTER_POLLSTER(compute, openstack, OpenstackPollster);

}  // namespace
}  // namespace virt
