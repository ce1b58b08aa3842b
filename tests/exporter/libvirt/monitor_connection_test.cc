// SPDX-License-Identifier: Apache-2.0
// On libvirt's test driver, whose bulk call knows the state only; QEMU's side is tested in the lab.
#include "exporter/libvirt/monitor_connection.h"

#include <gmock/gmock.h>

#include "tests/support/test_host.h"

namespace virt {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Eq;
using testing::Optional;

class MonitorConnectionTest : public testing::Test {
 protected:
  MonitorConnectionTest() {
    for (const char* name : {"a", "b", "c"}) host.define(domain_xml(name));
  }

  const SharedHost host;
  MonitorConnection connection{"test:///default"};
};

// The state of each domain that was asked; nothing of one that is gone.
std::vector<std::optional<double>> states(const Answers& answers) {
  std::vector<std::optional<double>> states;
  for (const auto& answer : answers) states.push_back(answer ? answer->stats.number("state.state") : std::nullopt);
  return states;
}

std::vector<WantedOfMonitor> wanted(const std::vector<std::string>& uuids) {
  std::vector<WantedOfMonitor> wanted;
  for (const std::string& uuid : uuids) wanted.push_back({uuid, Group::kState});
  return wanted;
}

TEST_F(MonitorConnectionTest, domains_are_read_in_the_order_in_which_they_are_asked) {
  virDomainCreate(host.domain("b").get());
  const std::string a = uuid_for("a"), b = uuid_for("b"), c = uuid_for("c");
  EXPECT_THAT(states(connection.read(wanted({c, b, a}))),
              ElementsAre(Optional(VIR_DOMAIN_SHUTOFF), Optional(VIR_DOMAIN_RUNNING), Optional(VIR_DOMAIN_SHUTOFF)));
  EXPECT_THAT(states(connection.read(wanted({b, c, a}))),
              ElementsAre(Optional(VIR_DOMAIN_RUNNING), Optional(VIR_DOMAIN_SHUTOFF), Optional(VIR_DOMAIN_SHUTOFF)));
}

TEST_F(MonitorConnectionTest, each_domain_has_its_groups_and_its_place) {
  const std::string a = uuid_for("a"), b = uuid_for("b"), c = uuid_for("c");
  virDomainUndefine(host.domain("b").get());
  EXPECT_THAT(states(connection.read({{a, Group::kBalloon}, {b, Group::kState}, {c, Group::kState}})),
              ElementsAre(Eq(std::nullopt), Eq(std::nullopt), Optional(VIR_DOMAIN_SHUTOFF)));
}

TEST_F(MonitorConnectionTest, vanished_domains_have_no_answer_whenever_they_vanished) {
  const std::string a = uuid_for("a"), b = uuid_for("b"), c = uuid_for("c");
  virDomainCreate(host.domain("c").get());
  virDomainUndefine(host.domain("a").get());
  EXPECT_THAT(states(connection.read(wanted({a, b, c}))),
              ElementsAre(Eq(std::nullopt), Optional(VIR_DOMAIN_SHUTOFF), Optional(VIR_DOMAIN_RUNNING)));
  virDomainUndefine(host.domain("b").get());
  EXPECT_THAT(states(connection.read(wanted({c, b}))), ElementsAre(Optional(VIR_DOMAIN_RUNNING), Eq(std::nullopt)));
  EXPECT_THAT(states(connection.read(wanted({b, c}))), ElementsAre(Eq(std::nullopt), Optional(VIR_DOMAIN_RUNNING)));
  EXPECT_THAT(states(connection.read(wanted({"of no domain"}))), Each(Eq(std::nullopt)));
}

// It has the name of another one that was asked, and still is who it is.
TEST_F(MonitorConnectionTest, domain_with_a_new_name_is_known_by_its_uuid) {
  const std::string a = uuid_for("a"), b = uuid_for("b");
  connection.read(wanted({a, b}));
  for (const char* name : {"a", "b"}) virDomainUndefine(host.domain(name).get());
  const auto define = [&](const std::string& name, const std::string& uuid) {
    std::string xml = domain_xml(name);
    host.define(xml.replace(xml.find(uuid_for(name)), uuid.size(), uuid));
  };
  define("b", a);
  define("a", b);
  virDomainCreate(host.domain("a").get());
  EXPECT_THAT(states(connection.read(wanted({a, b}))),
              ElementsAre(Optional(VIR_DOMAIN_SHUTOFF), Optional(VIR_DOMAIN_RUNNING)));
}

TEST_F(MonitorConnectionTest, a_new_domain_is_found_beside_those_that_are_known) {
  connection.read(wanted({uuid_for("a")}));
  host.define(domain_xml("d"));
  virDomainCreate(host.domain("d").get());
  EXPECT_THAT(states(connection.read(wanted({uuid_for("a"), uuid_for("d")}))),
              ElementsAre(Optional(VIR_DOMAIN_SHUTOFF), Optional(VIR_DOMAIN_RUNNING)));
}

TEST(MonitorConnection, connects_when_it_is_first_used) {
  MonitorConnection connection{"test:///nowhere/host.xml"};
  EXPECT_THROW(connection.read({}), std::runtime_error);
}

}  // namespace
}  // namespace virt
