// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/support/cloud.h"

namespace virt {
namespace {

TEST(ImagePollster, recorded_list_becomes_samples) {
  EXPECT_EQ(cloud_samples("central.image", cloud_of({{CloudList::kImages, recorded("images")}})),
            R"(openstack_glance_images 3
openstack_glance_image_created_at{id="eff64b44-1ef3-4a95-a9d5-399da733e20b",name="queued",tenant_id="2bc5148918e24e85b40679337cb04cf7",visibility="shared",hidden="false",status="queued"} 1795910061
openstack_glance_image_created_at{id="9e786c4f-6ecd-428e-a9a4-b4a5521575b0",name="snap-29",tenant_id="ce0096f871aa4c2eb0d58c7b6dd392d6",visibility="private",hidden="false",status="active"} 1795910063
openstack_glance_image_created_at{id="1efe9fa2-8fe7-449a-994f-d96d765da555",name="debian",tenant_id="2bc5148918e24e85b40679337cb04cf7",visibility="public",hidden="false",status="active"} 1795910060
openstack_glance_image_bytes{id="9e786c4f-6ecd-428e-a9a4-b4a5521575b0",name="snap-29",tenant_id="ce0096f871aa4c2eb0d58c7b6dd392d6"} 129
openstack_glance_image_bytes{id="1efe9fa2-8fe7-449a-994f-d96d765da555",name="debian",tenant_id="2bc5148918e24e85b40679337cb04cf7"} 262144
)");
}

TEST(ImagePollster, list_that_is_not_known_gives_no_sample) {
  EXPECT_EQ(cloud_samples("central.image", CloudSnapshot{}), "");
}

TEST(ImagePollster, image_that_is_not_uploaded_has_no_size) {
  const auto snapshot = cloud_of({{CloudList::kImages, R"({"images": [{"id": "a", "size": null}]})"}});
  EXPECT_EQ(cloud_samples("central.image", snapshot), "openstack_glance_images 1\n");
}

TEST(ImagePollster, is_off_unless_it_is_chosen) { EXPECT_FALSE(is_on_by_default("central.image")); }

}  // namespace
}  // namespace virt
