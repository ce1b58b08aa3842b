// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/nova_xml.h"

#include <gmock/gmock.h>

namespace virt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Optional;

struct Parsed {
  std::optional<Nova> nova;
  std::vector<std::string> problems;
};

Parsed parse(const std::string& metadata) {
  pugi::xml_document document;
  document.load_string(("<metadata>" + metadata + "</metadata>").c_str());
  Parsed parsed;
  parsed.nova = parse_nova(document.first_child(), parsed.problems);
  return parsed;
}

const std::string kFlavor = R"(<nova:flavor name="m1.small"><nova:memory>2048</nova:memory><nova:disk>20</nova:disk>
  <nova:swap>1</nova:swap><nova:ephemeral>5</nova:ephemeral><nova:vcpus>2</nova:vcpus></nova:flavor>)";

std::string instance(const std::string& version, const std::string& inside) {
  return "<nova:instance xmlns:nova=\"http://openstack.org/xmlns/libvirt/nova/" + version + "\">" + inside +
         "</nova:instance>";
}

TEST(NovaXml, reads_version_1_1) {
  const auto [nova, problems] = parse(instance("1.1", R"(<nova:package version="25.2.1"/><nova:name>web 1</nova:name>
      <nova:creationTime>2024-05-31 09:15:42</nova:creationTime>)" +
                                                          kFlavor + R"(<nova:owner>
      <nova:user uuid="u1">alice</nova:user><nova:project uuid="p1">shop</nova:project></nova:owner>
      <nova:root type="image" uuid="i1"/><nova:ports><nova:port uuid="n1">
      <nova:ip type="fixed" address="10.0.0.4" ipVersion="4"/><nova:ip type="fixed" address="fd00::4" ipVersion="6"/>
      </nova:port></nova:ports>)"));
  ASSERT_TRUE(nova);
  EXPECT_THAT(problems, IsEmpty());
  EXPECT_THAT((std::vector{nova->name, nova->version, nova->user_id, nova->user_name, nova->project_id,
                           nova->project_name, nova->flavor_name, nova->root_type, nova->image_id}),
              ElementsAre("web 1", "25.2.1", "u1", "alice", "p1", "shop", "m1.small", "image", "i1"));
  EXPECT_THAT(nova->written, Optional(1717146942));
  EXPECT_THAT(nova->flavor.number("memory"), Optional(2048));
  EXPECT_THAT(nova->flavor.number("ephemeral"), Optional(5));
  ASSERT_EQ(nova->addresses.size(), 2u);
  EXPECT_EQ(nova->addresses[1].port_id, "n1");
  EXPECT_EQ(nova->addresses[1].address, "fd00::4");
  EXPECT_EQ(nova->addresses[1].ip_version, "6");
}

TEST(NovaXml, reads_version_1_0) {
  const auto [nova, problems] = parse(instance("1.0", "<nova:name>old</nova:name>" + kFlavor));
  ASSERT_TRUE(nova);
  EXPECT_EQ(nova->name, "old");
  EXPECT_THAT(nova->flavor.number("vcpus"), Optional(2));
  EXPECT_TRUE(nova->addresses.empty());
}

TEST(NovaXml, the_prefix_may_be_any_or_none) {
  EXPECT_TRUE(
      parse("<x:instance xmlns:x='http://openstack.org/xmlns/libvirt/nova/1.1'><x:name>a</x:name></x:instance>").nova);
  EXPECT_TRUE(parse("<instance xmlns='http://openstack.org/xmlns/libvirt/nova/1.1'><name>a</name></instance>").nova);
}

TEST(NovaXml, other_metadata_is_not_novas) {
  EXPECT_FALSE(parse("").nova);
  EXPECT_FALSE(parse("<nova:instance xmlns:nova='http://example.org/'><nova:name>a</nova:name></nova:instance>").nova);
  EXPECT_FALSE(parse("<nova:other xmlns:nova='http://openstack.org/xmlns/libvirt/nova/1.1'/>").nova);
}

TEST(NovaXml, a_flavor_size_that_is_no_number_is_missing) {
  const auto [nova, problems] =
      parse(instance("1.1",
                     "<nova:name>a</nova:name><nova:flavor name='f'><nova:memory>lots</nova:memory>"
                     "<nova:vcpus>2</nova:vcpus></nova:flavor>"));
  ASSERT_TRUE(nova);
  EXPECT_EQ(nova->flavor.number("memory"), std::nullopt);
  EXPECT_THAT(nova->flavor.number("vcpus"), Optional(2));
  EXPECT_THAT(problems, ElementsAre(HasSubstr("memory of the flavor is not a number")));
}

TEST(NovaXml, a_creation_time_that_is_no_time_is_missing) {
  const auto [nova, problems] =
      parse(instance("1.1", "<nova:name>a</nova:name><nova:creationTime>yesterday</nova:creationTime>"));
  ASSERT_TRUE(nova);
  EXPECT_EQ(nova->written, std::nullopt);
  EXPECT_THAT(problems, ElementsAre(HasSubstr("creationTime is not a time")));
}

TEST(NovaXml, an_instance_that_says_nothing_is_left_out) {
  const auto [nova, problems] = parse(instance("1.1", "<nova:garbage/>"));
  EXPECT_FALSE(nova);
  EXPECT_THAT(problems, ElementsAre(HasSubstr("is ignored")));
}

TEST(NovaXml, an_instance_booted_from_a_volume_has_no_image) {
  const auto [nova, problems] = parse(instance("1.1", "<nova:name>a</nova:name><nova:root type='volume' uuid='v1'/>"));
  ASSERT_TRUE(nova);
  EXPECT_EQ(nova->image_id, "");
  EXPECT_EQ(nova->root_type, "volume");
}

}  // namespace
}  // namespace virt
