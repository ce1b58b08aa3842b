// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/support/cloud.h"

namespace virt {
namespace {

TEST(FlavorPollster, recorded_lists_become_samples) {
  EXPECT_EQ(cloud_samples("central.flavor", cloud_of({{CloudList::kFlavors, recorded("flavors")}})),
            R"(openstack_nova_flavors 5
openstack_nova_flavor{id="1",name="m1.tiny",vcpus="1",ram="512",disk="1",is_public="true"} 1
openstack_nova_flavor{id="2",name="m1.small",vcpus="1",ram="2048",disk="20",is_public="true"} 1
openstack_nova_flavor{id="3",name="m1.large",vcpus="4",ram="8192",disk="80",is_public="true"} 1
openstack_nova_flavor{id="4",name="c1.huge",vcpus="32",ram="131072",disk="0",is_public="true"} 1
openstack_nova_flavor{id="p1",name="private.gpu",vcpus="8",ram="65536",disk="10",is_public="false"} 1
)");
}

TEST(FlavorPollster, list_that_is_not_known_gives_no_sample) {
  EXPECT_EQ(cloud_samples("central.flavor", CloudSnapshot{}), "");
}

TEST(FlavorPollster, is_off_unless_it_is_chosen) { EXPECT_FALSE(is_on_by_default("central.flavor")); }

}  // namespace
}  // namespace virt
