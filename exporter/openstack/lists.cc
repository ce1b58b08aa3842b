// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/lists.h"

#include <ctime>
#include <set>

#include "exporter/text/words.h"

namespace virt {
namespace {

using namespace std::chrono_literals;
using enum Service;

// Nova has no capacities of hypervisors from 2.88 on; from 3.49 on Cinder asks its services before it lists them.
constexpr ServiceSpec kServices[] = {
    {"identity", "identity", "v3", "", {}},
    {"neutron", "network", "v2.0", "", {}},
    {"nova", "compute", "v2.1", "compute", {2, 87}},
    {"glance", "image", "v2", "", {}},
    {"cinder", "block-storage volumev3 volume", "v3", "volume", {3, 48}},
    {"placement", "placement", "", "placement", {1, 39}},
};

// Ages are a little less than the usual intervals of scrapes, so that each scrape, or each in a minute, reads anew.
constexpr auto kEachScrape = 1s, kTenSeconds = 9s, kMinute = 55s, kTwoMinutes = 115s, kQuarter = 890s;
constexpr auto kStale = 900s, kLongStale = 3600s;

constexpr ListSpec kLists[] = {
    {CloudList::kProjects, kIdentity, "projects", "/projects", "projects",
     "id name domain_id parent_id enabled is_domain description", "", 0, kQuarter, kLongStale},
    {CloudList::kDomains, kIdentity, "domains", "/domains", "domains", "id name enabled description", "", 0, kQuarter,
     kLongStale},
    {CloudList::kUsers, kIdentity, "users", "/users", "users", "enabled domain_id", "", 0, kQuarter, kLongStale,
     kCounted},
    {CloudList::kGroups, kIdentity, "groups", "/groups", "groups", "domain_id", "", 0, kQuarter, kLongStale, kCounted},
    {CloudList::kRegions, kIdentity, "regions", "/regions", "regions", "id", "", 0, kQuarter, kLongStale},

    {CloudList::kFloatingIps, kNetwork, "floatingips", "/floatingips", "floatingips",
     "id floating_network_id router_id status project_id floating_ip_address port_id", "", 1000, kEachScrape, kStale,
     kFiltered},
    {CloudList::kNetworks, kNetwork, "networks", "/networks", "networks",
     "id project_id status name shared router:external provider:network_type provider:physical_network "
     "provider:segmentation_id mtu",
     "", 1000, kMinute, kStale, kFiltered},
    {CloudList::kSubnets, kNetwork, "subnets", "/subnets", "subnets",
     "id project_id name network_id cidr gateway_ip enable_dhcp", "", 1000, kMinute, kStale, kFiltered},
    {CloudList::kSecurityGroups, kNetwork, "security-groups", "/security-groups", "security_groups", "id", "", 1000,
     kMinute, kStale, kFiltered},
    {CloudList::kIpAvailabilities, kNetwork, "network-ip-availabilities", "/network-ip-availabilities",
     "network_ip_availabilities",
     "network_id network_name project_id subnet_ip_availability.*.subnet_name subnet_ip_availability.*.cidr "
     "subnet_ip_availability.*.ip_version subnet_ip_availability.*.total_ips subnet_ip_availability.*.used_ips",
     "", 0, kMinute, kStale, kFiltered},
    {CloudList::kRouters, kNetwork, "routers", "/routers", "routers",
     "id name project_id admin_state_up status external_gateway_info.network_id", "", 1000, kMinute, kStale, kFiltered},
    {CloudList::kPorts, kNetwork, "ports", "/ports", "ports",
     "network_id device_owner status binding:vif_type fixed_ips.#", "", 1000, kTwoMinutes, kLongStale,
     kBehind | kFiltered | kCounted},
    {CloudList::kNetworkAgents, kNetwork, "agents", "/agents", "agents",
     "id host binary alive admin_state_up availability_zone", "", 1000, kTenSeconds, kStale, kFiltered},

    {CloudList::kComputeServices, kCompute, "os-services", "/os-services", "services",
     "id host binary status state zone disabled_reason", "", 0, kTenSeconds, kStale},
    {CloudList::kHypervisors, kCompute, "os-hypervisors", "/os-hypervisors/detail", "hypervisors",
     "hypervisor_hostname service.host running_vms current_workload vcpus vcpus_used memory_mb memory_mb_used local_gb "
     "local_gb_used free_disk_gb",
     "", 1000, kMinute, kStale},
    {CloudList::kAggregates, kCompute, "os-aggregates", "/os-aggregates", "aggregates",
     "name availability_zone hosts.* metadata.#", "", 0, kMinute, kStale},
    {CloudList::kZones, kCompute, "os-availability-zone", "/os-availability-zone", "availabilityZoneInfo", "zoneName",
     "", 0, kMinute, kStale},
    {CloudList::kFlavors, kCompute, "flavors", "/flavors/detail", "flavors",
     "id name vcpus ram disk swap OS-FLV-EXT-DATA:ephemeral os-flavor-access:is_public extra_specs.*", "is_public=None",
     1000, kQuarter, kLongStale, kFiltered},
    {CloudList::kServers, kCompute, "servers", "/servers/detail", "servers",
     "id status name tenant_id user_id accessIPv4 accessIPv6 hostId OS-EXT-SRV-ATTR:hypervisor_hostname "
     "OS-EXT-AZ:availability_zone flavor.original_name OS-EXT-SRV-ATTR:instance_name",
     "all_tenants=1", 250, kTwoMinutes, kLongStale, kBehind},
    // Below 2.40 it is cut at 1000 instances.
    {CloudList::kUsage,
     kCompute,
     "os-simple-tenant-usage",
     "/os-simple-tenant-usage",
     "tenant_usages",
     "tenant_id start total_hours total_vcpus_usage total_memory_mb_usage total_local_gb_usage",
     "start={month}",
     1000,
     kQuarter,
     kLongStale,
     kBehind,
     {2, 40}},

    // Without those that are hidden.
    {CloudList::kImages, kImage, "images", "/images", "images",
     "id name owner status size created_at visibility os_hidden", "", 1000, kMinute, kStale, kFiltered},

    {CloudList::kVolumes, kVolume, "volumes", "/volumes/detail", "volumes",
     "id name status size availability_zone bootable os-vol-tenant-attr:tenant_id user_id volume_type "
     "attachments.*.server_id",
     "all_tenants=1", 1000, kTwoMinutes, kLongStale, kBehind | kFiltered},
    {CloudList::kVolumeSnapshots, kVolume, "snapshots", "/snapshots", "snapshots", "status", "all_tenants=1", 1000,
     kTwoMinutes, kLongStale, kBehind | kFiltered | kCounted},
    {CloudList::kVolumeServices, kVolume, "os-services", "/os-services", "services",
     "binary host status state zone disabled_reason", "", 0, kTenSeconds, kStale},
    // Cinder asks its scheduler, and waits a minute for one that is gone.
    {CloudList::kVolumePools, kVolume, "pools", "/scheduler-stats/get_pools", "pools",
     "name capabilities.volume_backend_name capabilities.vendor_name capabilities.free_capacity_gb "
     "capabilities.total_capacity_gb capabilities.allocated_capacity_gb capabilities.provisioned_capacity_gb",
     "detail=True", 0, kMinute, kStale, kBehind},

    {CloudList::kResourceProviders,
     kPlacement,
     "resource_providers",
     "/resource_providers",
     "resource_providers",
     "uuid name inventories.*.total inventories.*.reserved inventories.*.allocation_ratio inventories.*.max_unit "
     "usages.*",
     "",
     0,
     kTwoMinutes,
     kLongStale,
     kBehind,
     {},
     "/resource_providers/{uuid}/inventories /resource_providers/{uuid}/usages"},
};

std::string this_month(std::chrono::system_clock::time_point now) {
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  std::tm date{};
  gmtime_r(&seconds, &date);
  char text[64];
  std::strftime(text, sizeof text, "%Y-%m-01T00:00:00", &date);
  return text;
}

}  // namespace

std::span<const ServiceSpec> all_services() { return kServices; }
std::span<const ListSpec> all_lists() { return kLists; }

std::string first_query(const ListSpec& list, std::chrono::system_clock::time_point now) {
  constexpr std::string_view kMonth = "{month}";
  std::string query{list.query};
  if (const auto at = query.find(kMonth); at != std::string::npos) query.replace(at, kMonth.size(), this_month(now));
  const auto add = [&](const std::string& more) { query += (query.empty() ? "" : "&") + more; };
  if (list.page_size > 0) add("limit=" + std::to_string(list.page_size));
  if (list.service != kNetwork) return query;
  std::set<std::string_view> asked;
  for (const std::string_view field : split(list.fields, ' '))
    if (const auto name = field.substr(0, field.find('.')); asked.insert(name).second)
      add("fields=" + std::string{name});
  return query;
}

}  // namespace virt
