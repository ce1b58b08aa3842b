// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/support/cloud.h"

namespace virt {
namespace {

TEST(ServerStatusPollster, recorded_lists_become_samples) {
  EXPECT_EQ(
      cloud_samples("central.server_status",
                    cloud_of({{CloudList::kServers, recorded("servers")}, {CloudList::kFlavors, recorded("flavors")}})),
      R"(openstack_nova_server_status{id="ace7849f-ecfa-5ce1-aa71-107e278bc1f0",status="BUILD",name="alpha-web-40",tenant_id="491d27d6fe624c278e6a8a7ebe81c41d",user_id="4027727874d0423b92d432c791a9e18f",address_ipv4="",address_ipv6="",host_id="",hypervisor_hostname="",uuid="ace7849f-ecfa-5ce1-aa71-107e278bc1f0",availability_zone="nova",flavor_id="2",instance_libvirt="instance-00000028"} 1
openstack_nova_server_status{id="6dce088d-75b5-50ac-b415-8d53368fa983",status="ACTIVE",name="odd-web-39",tenant_id="0b2b274753594440bafb53ac10014c99",user_id="4027727874d0423b92d432c791a9e18f",address_ipv4="",address_ipv6="",host_id="",hypervisor_hostname="",uuid="6dce088d-75b5-50ac-b415-8d53368fa983",availability_zone="nova",flavor_id="1",instance_libvirt="instance-00000027"} 0
openstack_nova_server_status{id="332ada36-5227-5a4c-903b-94d91cc33a41",status="SHELVED_OFFLOADED",name="odd-web-35",tenant_id="0b2b274753594440bafb53ac10014c99",user_id="4027727874d0423b92d432c791a9e18f",address_ipv4="",address_ipv6="",host_id="b7e24a09434eeb109419447a2a72c2b9b4dc56c8eae2dea82bcb27fe",hypervisor_hostname="cmp06.lab",uuid="332ada36-5227-5a4c-903b-94d91cc33a41",availability_zone="nova",flavor_id="3",instance_libvirt="instance-00000023"} 19
openstack_nova_server_status{id="d38e3893-81bc-554d-948e-946728480ae7",status="SUSPENDED",name="gamma-web-34",tenant_id="7c1aec3a7883453493b2fc81e0f5e69d",user_id="4027727874d0423b92d432c791a9e18f",address_ipv4="",address_ipv6="",host_id="06c661f3065dc95e51e38a119174791ac2a5eddabd87f82c8b61d904",hypervisor_hostname="cmp05.lab",uuid="d38e3893-81bc-554d-948e-946728480ae7",availability_zone="nova",flavor_id="2",instance_libvirt="instance-00000022"} 12
)");
}

TEST(ServerStatusPollster, list_that_is_not_known_gives_no_sample) {
  EXPECT_EQ(cloud_samples("central.server_status", CloudSnapshot{}), "");
}

TEST(ServerStatusPollster, is_off_unless_it_is_chosen) { EXPECT_FALSE(is_on_by_default("central.server_status")); }

TEST(ServerStatusPollster, without_the_flavors_no_server_has_another_flavor_id) {
  EXPECT_EQ(cloud_samples("central.server_status", cloud_of({{CloudList::kServers, recorded("servers")}})), "");
}

TEST(ServerStatusPollster, flavor_that_was_deleted_has_no_id_and_odd_status_no_code) {
  const auto snapshot = cloud_of({{CloudList::kServers, R"({"servers": [{"id": "s", "status": "ODD",
      "flavor": {"original_name": "gone"}}]})"},
                                  {CloudList::kFlavors, R"({"flavors": []})"}});
  EXPECT_THAT(cloud_samples("central.server_status", snapshot),
              testing::HasSubstr("flavor_id=\"\",instance_libvirt=\"\"} -1\n"));
}

}  // namespace
}  // namespace virt
