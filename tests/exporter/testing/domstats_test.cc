// SPDX-License-Identifier: Apache-2.0
#include "exporter/testing/domstats.h"

#include <gmock/gmock.h>

#include <stdexcept>

namespace virt {
namespace {

using testing::Optional;
using testing::ThrowsMessage;

TEST(Domstats, one_domain_for_each_headline) {
  const Snapshot snapshot = snapshot_of("Domain: 'a'\n  cpu.time=1\n\nDomain: 'it's'\n  cpu.time=2\n");
  EXPECT_TRUE(snapshot.up);
  ASSERT_EQ(snapshot.domains.size(), 2);
  EXPECT_EQ(snapshot.domains[0].name, "a");
  EXPECT_EQ(snapshot.domains[1].name, "it's");
  EXPECT_THAT(snapshot.domains[1].number("cpu.time"), Optional(2));
}

TEST(Domstats, values_have_libvirts_types) {
  const Snapshot snapshot = snapshot_of(
      "Domain: 'a'\nvcpu.0.halted=yes\nvcpu.1.halted=no\nnet.0.name=7\nnet.0.rx.bytes=18446744073709551615");
  const Stats& stats = snapshot.domains.at(0).stats;
  EXPECT_THAT(stats.number("vcpu.0.halted"), Optional(1));
  EXPECT_THAT(stats.number("vcpu.1.halted"), Optional(0));
  EXPECT_THAT(stats.number("net.0.rx.bytes"), Optional(18446744073709551615.0));
  EXPECT_EQ(stats.number("net.0.name"), std::nullopt);
  EXPECT_THAT(stats.text("net.0.name"), Optional(std::string_view{"7"}));
}

TEST(Domstats, domain_is_active_unless_it_is_shut_off) {
  EXPECT_TRUE(snapshot_of("Domain: 'a'\nstate.state=1").domains.at(0).active);
  EXPECT_TRUE(snapshot_of("Domain: 'a'").domains.at(0).active);
  EXPECT_FALSE(snapshot_of("Domain: 'a'\nstate.state=5").domains.at(0).active);
}

TEST(Domstats, host_has_keys_of_its_own) {
  const Snapshot snapshot = snapshot_of("Host:\nnode.cpus=8\nDomain: 'a'\ncpu.time=1");
  EXPECT_THAT(snapshot.host.number("node.cpus"), Optional(8));
  EXPECT_EQ(snapshot.host.number("cpu.time"), std::nullopt);
}

TEST(Domstats, facts_come_from_the_xml_of_the_name) {
  const Snapshot snapshot = snapshot_of(
      "Domain: 'a'\nDomain: 'b'", {{"b", "<domain><devices><disk><target dev='vda'/></disk></devices></domain>"}});
  EXPECT_TRUE(snapshot.domains.at(0).facts->disks.empty());
  ASSERT_EQ(snapshot.domains.at(1).facts->disks.size(), 1);
  EXPECT_EQ(snapshot.domains[1].facts->disks[0].target, "vda");
}

TEST(Domstats, what_virsh_does_not_print_is_refused) {
  EXPECT_THAT([] { snapshot_of("Domain: 'a'\ncpu.time"); },
              ThrowsMessage<std::invalid_argument>("not a line of domstats: cpu.time"));
  EXPECT_THAT([] { snapshot_of("cpu.time=1"); },
              ThrowsMessage<std::invalid_argument>("not below a domain: cpu.time=1"));
  EXPECT_THAT(
      [] {
        snapshot_of("Domain: 'a'", {{"a", "<domain>"}});
      },
      ThrowsMessage<std::invalid_argument>(testing::StartsWith("XML of a: cannot parse its XML: ")));
}

}  // namespace
}  // namespace virt
