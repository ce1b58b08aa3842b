// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/support/cloud.h"

namespace virt {
namespace {

TEST(IdentityPollster, recorded_lists_become_samples) {
  EXPECT_EQ(cloud_samples("central.identity", cloud_of({{CloudList::kProjects, recorded("projects")},
                                                        {CloudList::kDomains, recorded("domains")},
                                                        {CloudList::kUsers, recorded("users")},
                                                        {CloudList::kGroups, recorded("groups")},
                                                        {CloudList::kRegions, recorded("regions")}})),
            R"(openstack_identity_projects 4
openstack_identity_domains 2
openstack_identity_users 4
openstack_identity_groups 1
openstack_identity_regions 1
openstack_identity_project_info{is_domain="false",description="odd \"quoted\" \\ größe of the lab",domain_id="default",enabled="true",id="0b2b274753594440bafb53ac10014c99",name="odd \"quoted\" \\ größe",parent_id="default"} 1
openstack_identity_project_info{is_domain="false",description="alpha of the lab",domain_id="default",enabled="true",id="491d27d6fe624c278e6a8a7ebe81c41d",name="alpha",parent_id="default"} 1
openstack_identity_project_info{is_domain="false",description="",domain_id="default",enabled="false",id="5d6932ad4699461aac7f1052debcdae7",name="off",parent_id="default"} 1
openstack_identity_project_info{is_domain="false",description="",domain_id="dd4c1b469b294f71ae07168c2880fc2f",enabled="true",id="7250aa81aa7745f08657dd6026856840",name="alpha",parent_id="dd4c1b469b294f71ae07168c2880fc2f"} 1
openstack_identity_domain_info{description="a second domain",enabled="true",id="dd4c1b469b294f71ae07168c2880fc2f",name="tenants"} 1
openstack_identity_domain_info{description="The default domain",enabled="true",id="default",name="Default"} 1
)");
}

TEST(IdentityPollster, list_that_is_not_known_gives_no_sample) {
  EXPECT_EQ(cloud_samples("central.identity", CloudSnapshot{}), "");
}

TEST(IdentityPollster, is_off_unless_it_is_chosen) { EXPECT_FALSE(is_on_by_default("central.identity")); }

}  // namespace
}  // namespace virt
