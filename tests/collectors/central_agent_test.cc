// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/support/cloud.h"

namespace virt {
namespace {

TEST(AgentPollster, recorded_lists_become_samples) {
  EXPECT_EQ(
      cloud_samples("central.agent", cloud_of({{CloudList::kNetworkAgents, recorded("agents")},
                                               {CloudList::kComputeServices, recorded("os-services")},
                                               {CloudList::kVolumeServices, recorded("cinder-os-services")}})),
      R"(openstack_neutron_agent_state{id="087267a3-11db-5b15-b6a1-de09ecace2b9",hostname="net03",service="neutron-dhcp-agent",adminState="up",availability_zone="nova"} 0
openstack_neutron_agent_state{id="14552fce-828e-5354-b141-9653a3f4eaf1",hostname="net01",service="neutron-openvswitch-agent",adminState="up",availability_zone=""} 1
openstack_neutron_agent_state{id="72bdf4d4-74f5-5220-82e5-ee3f283f1d25",hostname="net02",service="neutron-dhcp-agent",adminState="down",availability_zone="nova"} 1
openstack_nova_agent_state{id="5c1e62e0-dcc8-4835-b345-965b5de2372f",hostname="ctl01",service="nova-scheduler",adminState="enabled",zone="internal",disabledReason=""} 1
openstack_nova_agent_state{id="a14ed021-b466-43e2-a669-a2d5ec6b072d",hostname="ctl01",service="nova-conductor",adminState="enabled",zone="internal",disabledReason=""} 1
openstack_nova_agent_state{id="411c8617-b99d-40cd-9e9c-c5fa2713f866",hostname="cmp01",service="nova-compute",adminState="enabled",zone="az1",disabledReason=""} 1
openstack_nova_agent_state{id="01cf4e24-fb06-47ed-8d03-1a6c73a98738",hostname="cmp05",service="nova-compute",adminState="enabled",zone="nova",disabledReason=""} 0
openstack_nova_agent_state{id="8ba8ad6b-a4f8-4ea3-b85c-d6cd2d3ce45e",hostname="cmp06",service="nova-compute",adminState="disabled",zone="nova",disabledReason="memory \"ECC\" errors"} 1
openstack_cinder_agent_state{uuid="",hostname="ctl01",service="cinder-scheduler",adminState="enabled",zone="nova",disabledReason=""} 1
openstack_cinder_agent_state{uuid="",hostname="blk01@fast",service="cinder-volume",adminState="enabled",zone="nova",disabledReason=""} 1
openstack_cinder_agent_state{uuid="",hostname="blk02@bulk",service="cinder-volume",adminState="enabled",zone="nova",disabledReason=""} 1
openstack_cinder_agent_state{uuid="",hostname="blk03@old",service="cinder-volume",adminState="enabled",zone="nova",disabledReason=""} 0
openstack_cinder_agent_state{uuid="",hostname="ctl01",service="cinder-backup",adminState="enabled",zone="nova",disabledReason=""} 1
openstack_cinder_agent_state{uuid="",hostname="ctl02",service="cinder-backup",adminState="disabled",zone="nova",disabledReason="moved"} 1
)");
}

TEST(AgentPollster, list_that_is_not_known_gives_no_sample) {
  EXPECT_EQ(cloud_samples("central.agent", CloudSnapshot{}), "");
}

TEST(AgentPollster, is_off_unless_it_is_chosen) { EXPECT_FALSE(is_on_by_default("central.agent")); }

TEST(AgentPollster, number_of_an_old_nova_is_an_id) {
  const auto snapshot = cloud_of({{CloudList::kComputeServices, R"({"services": [{"id": 7, "state": "up"}]})"}});
  EXPECT_THAT(cloud_samples("central.agent", snapshot), testing::HasSubstr("{id=\"7\","));
}

TEST(AgentPollster, agent_that_says_nothing_of_its_life_has_no_sample) {
  EXPECT_EQ(cloud_samples("central.agent", cloud_of({{CloudList::kNetworkAgents, R"({"agents": [{"id": "a"}]})"}})),
            "");
}

}  // namespace
}  // namespace virt
