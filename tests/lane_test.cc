// SPDX-License-Identifier: Apache-2.0
// On libvirt's test driver, whose bulk call knows the state only; QEMU's side is tested in the lab.
#include "exporter/libvirt/lane.h"

#include <gmock/gmock.h>

#include "tests/support/test_host.h"

namespace virt {
namespace {

using testing::Key;
using testing::Optional;
using testing::UnorderedElementsAre;

class LaneTest : public testing::Test {
 protected:
  LaneTest() {
    for (const char* name : {"a", "b", "c"}) host.define(domain_xml(name));
  }

  const SharedHost host;
  Lane lane{"test:///default"};
};

TEST_F(LaneTest, domains_that_were_asked_are_read_by_uuid) {
  const StatisticsByUuid answer = lane.read({uuid_for("c"), uuid_for("a")}, Group::kState);
  EXPECT_THAT(answer, UnorderedElementsAre(Key(uuid_for("a")), Key(uuid_for("c"))));
  EXPECT_THAT(answer.at(uuid_for("a")).stats.number("state.state"), Optional(VIR_DOMAIN_SHUTOFF));
}

TEST_F(LaneTest, vanished_domains_are_missing_whenever_they_vanished) {
  virDomainUndefine(host.domain("a").get());
  EXPECT_THAT(lane.read({uuid_for("a"), uuid_for("b")}, Group::kState), UnorderedElementsAre(Key(uuid_for("b"))));
  virDomainUndefine(host.domain("b").get());
  EXPECT_THAT(lane.read({uuid_for("b"), uuid_for("c")}, Group::kState), UnorderedElementsAre(Key(uuid_for("c"))));
  virDomainUndefine(host.domain("c").get());
  EXPECT_THAT(lane.read({uuid_for("c")}, Group::kState), UnorderedElementsAre());
  EXPECT_THAT(lane.read({"of no domain"}, Group::kState), UnorderedElementsAre());
}

TEST_F(LaneTest, a_new_domain_is_found_beside_those_that_are_known) {
  lane.read({uuid_for("a")}, Group::kState);
  host.define(domain_xml("d"));
  EXPECT_THAT(lane.read({uuid_for("a"), uuid_for("d")}, Group::kState),
              UnorderedElementsAre(Key(uuid_for("a")), Key(uuid_for("d"))));
}

TEST(Lane, connects_when_it_is_first_used) {
  Lane lane{"test:///nowhere/host.xml"};
  EXPECT_THROW(lane.read({}, Group::kState), std::runtime_error);
}

}  // namespace
}  // namespace virt
