// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/support/cloud.h"

namespace virt {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr char kProviders[] = R"({"resource_providers": [
  {"uuid": "a", "name": "a.lab",
   "inventories": {"VCPU": {"total": 64, "reserved": 2, "allocation_ratio": 4.0, "max_unit": 64},
                   "MEMORY_MB": {"total": 65536, "reserved": 512, "allocation_ratio": 1.0, "max_unit": 65536},
                   "DISK_GB": {"total": 1000, "reserved": 0, "allocation_ratio": 1.0, "max_unit": 1000}},
   "usages": {"VCPU": 240, "MEMORY_MB": 1024, "DISK_GB": 60}},
  {"uuid": "b", "name": "b.lab",
   "inventories": {"VCPU": {"total": 8, "reserved": 0, "allocation_ratio": 16.0, "max_unit": 8},
                   "MEMORY_MB": {"total": 16384, "reserved": 0, "allocation_ratio": 1.0, "max_unit": 16384},
                   "DISK_GB": {"total": 100, "reserved": 0, "allocation_ratio": 1.0, "max_unit": 100}},
   "usages": {"VCPU": 0, "MEMORY_MB": 0, "DISK_GB": 0}}]})";
constexpr char kHypervisors[] = R"({"hypervisors": [
  {"hypervisor_hostname": "a.lab", "service": {"host": "a"}}, {"hypervisor_hostname": "b.lab", "service": {"host": "b"}}]})";
constexpr char kAggregates[] =
    R"({"aggregates": [{"name": "ssd", "availability_zone": "az1", "hosts": ["b", "gone"]}]})";

std::string services(const std::string& of_b) {
  return R"({"services": [{"binary": "nova-compute", "host": "a", "state": "up", "status": "enabled"},
                          {"binary": "nova-compute", "host": "b", )" +
         of_b + "}]}";
}

std::string flavor(const std::string& more) { return R"({"flavors": [{"id": "1", "name": "f", )" + more + "}]}"; }

std::string samples(const std::string& flavors, const std::string& of_b = R"("state": "up", "status": "enabled")") {
  return cloud_samples("central.capacity", cloud_of({{CloudList::kResourceProviders, kProviders},
                                                     {CloudList::kHypervisors, kHypervisors},
                                                     {CloudList::kAggregates, kAggregates},
                                                     {CloudList::kComputeServices, services(of_b)},
                                                     {CloudList::kFlavors, flavors}}));
}

TEST(CapacityPollster, scarcest_resource_of_each_host_counts) {
  // On a 8 by vCPUs, of 248; on b 4 by disk, which is the flavor's, ephemeral and swap.
  EXPECT_EQ(samples(flavor(R"("vcpus": 1, "ram": 512, "disk": 20, "OS-FLV-EXT-DATA:ephemeral": 3, "swap": 1025)")),
            R"(openstack_placement_flavor_capacity{flavor_id="1",flavor_name="f"} 12
openstack_placement_aggregate_flavor_capacity{aggregate="ssd",availability_zone="az1",flavor_id="1",flavor_name="f"} 4
)");
}

TEST(CapacityPollster, server_that_is_larger_than_a_host_does_not_fit_whatever_the_ratio) {
  EXPECT_THAT(samples(flavor(R"("vcpus": 9, "ram": 512, "disk": 0)")),
              HasSubstr("{aggregate=\"ssd\",availability_zone=\"az1\",flavor_id=\"1\",flavor_name=\"f\"} 0\n"));
}

TEST(CapacityPollster, host_that_is_down_or_disabled_has_no_room) {
  const std::string small = flavor(R"("vcpus": 1, "ram": 512, "disk": 1)");
  EXPECT_THAT(samples(small, R"("state": "down", "status": "enabled")"),
              HasSubstr("flavor_capacity{flavor_id=\"1\",flavor_name=\"f\"} 8\n"));
  EXPECT_THAT(samples(small, R"("state": "up", "status": "disabled")"),
              HasSubstr("flavor_capacity{flavor_id=\"1\",flavor_name=\"f\"} 8\n"));
}

TEST(CapacityPollster, flavor_that_asks_for_more_than_inventories_tell_has_no_sample) {
  for (const char* spec :
       {"resources:CUSTOM_GPU", "resources1:VCPU", "trait:HW_CPU_X86_AVX2", "hw:cpu_policy", "hw:mem_page_size"})
    EXPECT_EQ(
        samples(flavor(R"("vcpus": 1, "ram": 512, "disk": 1, "extra_specs": {")" + std::string{spec} + "\": \"1\"}")),
        "")
        << spec;
  EXPECT_THAT(samples(flavor(R"("vcpus": 1, "ram": 512, "disk": 1, "extra_specs": {"quota:cpu_shares": "1"})")),
              Not(testing::IsEmpty()));
}

TEST(CapacityPollster, without_one_of_the_lists_there_is_no_sample) {
  EXPECT_EQ(cloud_samples("central.capacity", cloud_of({{CloudList::kResourceProviders, kProviders},
                                                        {CloudList::kFlavors, recorded("flavors")}})),
            "");
}

TEST(CapacityPollster, is_off_unless_it_is_chosen) { EXPECT_FALSE(is_on_by_default("central.capacity")); }

}  // namespace
}  // namespace virt
