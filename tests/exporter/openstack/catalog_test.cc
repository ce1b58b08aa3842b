// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/catalog.h"

#include <gmock/gmock.h>

namespace virt {
namespace {

using testing::ElementsAre;

const ServiceSpec& kNova = spec_of(Service::kCompute);

Catalog two_regions() {
  return Catalog{{{"compute", "public", "north", "http://north/v2.1"},
                  {"compute", "public", "south", "http://south/v2.1"},
                  {"compute", "internal", "north", "http://inside:8774/v2.1/p1"},
                  {"network", "public", "north", "http://north:9696"}}};
}

TEST(Catalog, version_takes_the_place_of_the_catalogs) {
  EXPECT_EQ(versioned_url("http://h:9696", "v2.0"), "http://h:9696/v2.0");
  EXPECT_EQ(versioned_url("http://h:9696/", "v2.0"), "http://h:9696/v2.0");
  EXPECT_EQ(versioned_url("http://h/network/v2.0", "v2.0"), "http://h/network/v2.0");
  EXPECT_EQ(versioned_url("http://h:8774/v2.1/0123abc", "v2.1"), "http://h:8774/v2.1");
  EXPECT_EQ(versioned_url("http://h:8774/v2/0123abc", "v2.1"), "http://h:8774/v2.1");
  EXPECT_EQ(versioned_url("http://h/compute", "v2.1"), "http://h/compute/v2.1");
  EXPECT_EQ(versioned_url("https://v3.example/volume/", "v3"), "https://v3.example/volume/v3");
}

TEST(Catalog, endpoint_is_of_the_interface_and_the_region) {
  CloudConfig config;
  config.region = "south";
  EXPECT_EQ(two_regions().url(kNova, config), "http://south/v2.1");
  config.region = "north";
  config.interface = "internal";
  EXPECT_EQ(two_regions().url(kNova, config), "http://inside:8774/v2.1");
}

TEST(Catalog, service_that_is_not_there_has_no_url) {
  CloudConfig config;
  config.region = "south";
  EXPECT_EQ(two_regions().url(spec_of(Service::kNetwork), config), "");
  EXPECT_EQ(Catalog{}.url(kNova, config), "");
}

TEST(Catalog, configured_endpoint_takes_precedence) {
  CloudConfig config;
  config.endpoints["compute"] = "http://here:1";
  EXPECT_EQ(two_regions().url(kNova, config), "http://here:1/v2.1");
}

TEST(Catalog, regions_are_those_of_the_interface) {
  CloudConfig config;
  EXPECT_THAT(two_regions().regions(config), ElementsAre("north", "south"));
  config.interface = "internal";
  EXPECT_THAT(two_regions().regions(config), ElementsAre("north"));
}

TEST(VersionedUrl, service_without_versions_keeps_its_address) {
  EXPECT_EQ(versioned_url("http://a/placement/", ""), "http://a/placement");
}

}  // namespace
}  // namespace virt
