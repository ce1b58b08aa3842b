// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/xml_connection.h"

#include <gmock/gmock.h>

#include <thread>

#include "tests/support/held_domains.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_host.h"

namespace virt {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::Field;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsNull;
using testing::NotNull;

constexpr char kUri[] = "test:///default";

using XmlCall = PartCall<XmlConnection>;
const CallKinds& kinds() {
  static const CallKinds kinds{Instruments{}};
  return kinds;
}
const std::shared_ptr<const Runner>& clock_of_calls() {
  static const std::shared_ptr<const Runner> clock = std::make_shared<ThreadRunner>("xml", 1);
  return clock;
}

auto found(const std::string& name) {
  return AllOf(Field(&FoundXml::uuid, uuid_for(name)), Field(&FoundXml::facts, NotNull()));
}
WantedXml wanted(const std::string& name) { return {uuid_for(name), name, std::nullopt}; }

class XmlConnectionTest : public testing::Test {
 protected:
  XmlConnectionTest() {
    for (const char* name : {"a", "b", "c"}) host.define(domain_xml(name));
  }

  std::vector<FoundXml> run() {
    call->run(*kinds().xml);
    return call->take();
  }

  const SharedHost host;
  const std::shared_ptr<XmlCall> call =
      std::make_shared<XmlCall>(std::make_shared<XmlConnection>(kUri),
                                std::vector<WantedXml>{wanted("a"), wanted("b"), wanted("c")}, clock_of_calls());
};

TEST_F(XmlConnectionTest, reads_one_domain_after_the_other) {
  EXPECT_THAT(call->open(), ElementsAre(uuid_for("a"), uuid_for("b"), uuid_for("c")));
  EXPECT_THAT(run(), ElementsAre(found("a"), found("b"), found("c")));
  EXPECT_THAT(call->open(), IsEmpty());
  EXPECT_FALSE(call->since());
  EXPECT_THAT(call->connection(), NotNull());
}

TEST_F(XmlConnectionTest, xml_that_is_known_is_not_parsed_again) {
  XmlConnection connection{kUri};
  connection.open();
  WantedXml xml = wanted("a");
  xml.known = connection.read(xml).found->hash;
  EXPECT_THAT(connection.read(xml).found->facts, IsNull());
}

TEST_F(XmlConnectionTest, domain_that_vanished_has_neither_facts_nor_an_error) {
  virDomainUndefine(host.domain("a").get());
  const auto all = run();
  ASSERT_EQ(all.size(), 3u);
  EXPECT_THAT(all[0].facts, IsNull());
  EXPECT_EQ(all[0].error, "");
  EXPECT_THAT(all[1], found("b"));
}

TEST_F(XmlConnectionTest, domain_that_is_held_for_long_is_passed_over) {
  HeldDomains held{{"b"}};
  held.tell(30'000);
  EXPECT_THAT(run(), ElementsAre(found("a"), found("c")));
  EXPECT_EQ(held.calls(), 2);
}

TEST_F(XmlConnectionTest, domain_that_is_held_for_a_moment_is_read_after_the_others) {
  HeldDomains held{{"a"}};
  held.tell(10);
  std::thread reading{[this] { call->run(*kinds().xml); }};
  std::vector<FoundXml> all;
  while (all.size() < 2)
    for (FoundXml& one : call->take()) all.push_back(std::move(one));
  EXPECT_THAT(all, ElementsAre(found("b"), found("c")));
  held.release();
  reading.join();
  EXPECT_THAT(call->take(), ElementsAre(found("a")));
}

TEST_F(XmlConnectionTest, moments_come_to_an_end) {
  HeldDomains held{{"a"}};
  held.tell(10);
  EXPECT_THAT(run(), ElementsAre(found("b"), found("c")));
}

TEST_F(XmlConnectionTest, call_that_hangs_is_left_at_its_domain) {
  HeldDomains held{{"b"}};
  std::thread reading{[this] { call->run(*kinds().xml); }};
  held.wait_for_hanging(1);
  EXPECT_TRUE(call->since());
  EXPECT_THAT(call->open(), ElementsAre(uuid_for("b"), uuid_for("c")));
  EXPECT_THAT(call->leave(), ElementsAre(Field(&WantedXml::name, "c")));
  EXPECT_THAT(call->open(), ElementsAre(uuid_for("b")));
  EXPECT_THAT(call->take(), ElementsAre(found("a")));
  held.release();
  reading.join();
  EXPECT_EQ(held.calls(), 2) << "c is another call's";
}

// Without UUIDs in its file, the test driver makes up others for each connection.
TEST(XmlConnection, domain_of_a_host_of_the_connections_own_is_found_by_its_name) {
  const TemporaryDirectory directory;
  const std::string file = directory.write("host.xml", R"(<node><domain type='test'><name>a</name><memory>1024</memory>
      <os><type>hvm</type></os></domain></node>)");
  XmlCall call{std::make_shared<XmlConnection>("test://" + file), {wanted("a"), wanted("b")}, clock_of_calls()};
  call.run(*kinds().xml);
  EXPECT_THAT(call.take(),
              ElementsAre(found("a"), AllOf(Field(&FoundXml::uuid, uuid_for("b")), Field(&FoundXml::facts, IsNull()))));
}

TEST(XmlConnection, connection_that_cannot_be_opened_is_of_no_use) {
  XmlCall call{std::make_shared<XmlConnection>("test:///no/such/file"), {wanted("a")}, clock_of_calls()};
  call.run(*kinds().xml);
  EXPECT_THAT(call.connection(), IsNull());
  EXPECT_THAT(call.error(), HasSubstr("cannot connect to test:///no/such/file"));
}

}  // namespace
}  // namespace virt
