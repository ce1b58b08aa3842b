// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "exporter/libvirt/domain_statistics.h"
#include "exporter/libvirt/domain_xml.h"
#include "tests/support/temporary_directory.h"
#include "tests/support/test_host.h"

namespace virt {
namespace {

using testing::Each;
using testing::ElementsAre;
using testing::Eq;
using testing::IsEmpty;
using testing::IsSupersetOf;
using testing::Optional;
using testing::SizeIs;
using testing::StartsWith;
using testing::ThrowsMessage;
using testing::UnorderedElementsAre;

constexpr Groups kAll = ~0u;
constexpr char kDevices[] =
    "<disk type='file' device='disk'><source file='/a.img'/><target dev='vda'/></disk>"
    "<disk type='file' device='cdrom'><target dev='sda'/></disk>"
    "<interface type='bridge'><source bridge='br0'/><target dev='tap-a'/></interface>"
    "<interface type='bridge'><source bridge='br0'/><target dev='tap-b'/></interface>";

std::string text_of(virDomainPtr domain) { return LibvirtText{virDomainGetXMLDesc(domain, 0)}.get(); }

// A host with one domain, which is "a".
class OneDomainHost {
 public:
  explicit OneDomainHost(const std::string& domain)
      : connection_(open_connection("test://" + directory_.write("host.xml", host_xml(domain)))) {}

  Reading reading() const {
    Reading reading = std::move(read_list(connection_.get()).at(0));
    std::vector<std::string> problems;
    reading.domain.facts =
        std::make_shared<const DomainFacts>(parse_domain_xml(text_of(reading.handle.get()), problems));
    return reading;
  }

  Stats stats(Groups groups) const {
    Reading result = reading();
    read_domain(result.handle.get(), groups, result.domain);
    return result.domain.stats;
  }

 private:
  const TemporaryDirectory directory_;
  const Connection connection_;
};

std::vector<std::string> numbers(const Stats& stats) {
  std::vector<std::string> keys;
  for (const Record::Match& match : stats.all().match("*")) keys.emplace_back(match.star);
  return keys;
}

TEST(DomainStatistics, list_has_all_domains_with_their_identity) {
  const SharedHost host;
  host.define(domain_xml("off"));
  const auto readings = read_list(host.connection());
  ASSERT_THAT(readings, SizeIs(2));
  const Domain& off = readings[readings[0].domain.name == "off" ? 0 : 1].domain;
  const Domain& on = readings[readings[0].domain.name == "off" ? 1 : 0].domain;
  EXPECT_EQ(off.uuid, uuid_for("off"));
  EXPECT_FALSE(off.active);
  EXPECT_EQ(on.name, "test");
  EXPECT_TRUE(on.active);
}

TEST(DomainStatistics, list_that_fails_throws_its_reason) {
  const SharedHost host;  // libvirt gives reasons once it was used
  EXPECT_THAT([] { read_list(nullptr); }, ThrowsMessage<LibvirtError>(StartsWith("cannot list domains: ")));
}

TEST(DomainStatistics, running_domain_has_the_keys_of_the_bulk_call) {
  const Stats stats = OneDomainHost{domain_xml("a", "", kDevices)}.stats(kAll);
  EXPECT_THAT(stats.number("state.state"), Optional(VIR_DOMAIN_RUNNING));
  EXPECT_THAT(stats.number("balloon.current"), Optional(524288));
  EXPECT_THAT(stats.number("balloon.maximum"), Optional(1048576));
  EXPECT_THAT(stats.number("vcpu.current"), Optional(2));
  EXPECT_THAT(stats.number("vcpu.maximum"), Optional(4));
  EXPECT_THAT(numbers(stats), IsSupersetOf({"state.reason", "cpu.time", "vcpu.0.time", "vcpu.1.state", "vcpu.1.time"}));
  EXPECT_THAT(stats.group("vcpu"), SizeIs(2));
}

TEST(DomainStatistics, devices_are_numbered_and_named_as_in_the_bulk_call) {
  const Stats stats = OneDomainHost{domain_xml("a", "", kDevices)}.stats(kAll);
  EXPECT_THAT(stats.text("block.0.name"), Optional(Eq("vda")));
  EXPECT_THAT(stats.text("block.1.name"), Optional(Eq("sda")));
  EXPECT_THAT(stats.text("net.0.name"), Optional(Eq("tap-a")));
  EXPECT_THAT(stats.text("net.1.name"), Optional(Eq("tap-b")));
  for (const char* key : {"rd.reqs", "rd.bytes", "wr.reqs", "wr.bytes", "errors", "allocation", "capacity", "physical"})
    EXPECT_GT(stats.number(std::string{"block.0."} + key), 0) << key;
  for (const char* key : {"rx.bytes", "rx.pkts", "rx.errs", "rx.drop", "tx.bytes", "tx.pkts", "tx.errs", "tx.drop"})
    EXPECT_GT(stats.number(std::string{"net.1."} + key), 0) << key;
}

TEST(DomainStatistics, memory_that_the_guest_reports_has_its_keys) {
  const SharedHost host;
  Reading reading = std::move(read_list(host.connection()).at(0));
  read_domain(reading.handle.get(), Group::kBalloon, reading.domain);
  EXPECT_THAT(
      numbers(reading.domain.stats),
      UnorderedElementsAre("state.state", "state.reason", "balloon.current", "balloon.maximum", "balloon.swap_in",
                           "balloon.swap_out", "balloon.major_fault", "balloon.minor_fault", "balloon.unused",
                           "balloon.available", "balloon.usable", "balloon.last-update", "balloon.rss",
                           "balloon.disk_caches", "balloon.hugetlb_pgalloc", "balloon.hugetlb_pgfail"));
}

TEST(DomainStatistics, domain_that_is_shut_off_has_sizes_and_no_cpu_time) {
  const Stats stats = OneDomainHost{domain_xml("a", kShutOff, kDevices)}.stats(kAll);
  EXPECT_THAT(numbers(stats), UnorderedElementsAre("state.state", "state.reason", "balloon.current", "balloon.maximum",
                                                   "vcpu.current"));
  EXPECT_THAT(stats.group("block"), IsEmpty());
}

TEST(DomainStatistics, paused_domain_keeps_its_counters) {
  const Stats stats = OneDomainHost{domain_xml("a", "<test:runstate>3</test:runstate>", kDevices)}.stats(kAll);
  EXPECT_THAT(stats.number("state.state"), Optional(VIR_DOMAIN_PAUSED));
  EXPECT_THAT(numbers(stats), IsSupersetOf({"cpu.time", "vcpu.0.time", "block.0.rd.bytes", "net.1.rx.bytes"}));
}

TEST(DomainStatistics, only_the_groups_that_are_asked_are_read) {
  const OneDomainHost host{domain_xml("a", "", kDevices)};
  EXPECT_THAT(numbers(host.stats(0)), ElementsAre("state.state", "state.reason"));
  for (const auto& [group, prefix] : {std::pair{Group::kCpuTotal, "cpu."},
                                      {Group::kBalloon, "balloon."},
                                      {Group::kVcpu, "vcpu."},
                                      {Group::kInterface, "net."},
                                      {Group::kBlock, "block."}}) {
    auto keys = numbers(host.stats(group));
    keys.erase(keys.begin(), keys.begin() + 2);  // the state
    EXPECT_THAT(keys, testing::AllOf(Each(StartsWith(prefix)), testing::Not(IsEmpty())));
  }
}

TEST(DomainStatistics, device_without_a_target_is_passed_over_and_an_unknown_one_has_only_its_name) {
  Reading reading = OneDomainHost{domain_xml("a", "", kDevices)}.reading();
  DomainFacts facts;
  facts.interfaces.resize(2);
  facts.interfaces[1].target = "tap-b";
  facts.disks.resize(1);
  facts.disks[0].target = "vdz";
  reading.domain.facts = std::make_shared<const DomainFacts>(facts);
  read_domain(reading.handle.get(), Group::kInterface | Group::kBlock, reading.domain);
  EXPECT_THAT(reading.domain.stats.text("net.0.name"), Optional(Eq("tap-b")));
  EXPECT_THAT(reading.domain.stats.group("net"), SizeIs(1));
  EXPECT_THAT(reading.domain.stats.text("block.0.name"), Optional(Eq("vdz")));
  EXPECT_THAT(reading.domain.stats.record("block").match("*"), IsEmpty());
}

TEST(DomainStatistics, domain_that_vanished_since_it_was_listed_has_no_statistics) {
  const SharedHost host;
  Reading reading = std::move(read_list(host.connection()).at(0));
  virDomainDestroy(host.domain("test").get());
  virDomainUndefine(host.domain("test").get());
  read_domain(reading.handle.get(), kAll, reading.domain);
  EXPECT_TRUE(reading.domain.stats.empty());
}

// Each domain that is held holds its connection; closing tells how many references are left.
TEST(DomainStatistics, domains_are_given_back) {
  Connection connection = open_connection("test:///default");
  for (Reading& reading : read_list(connection.get())) read_domain(reading.handle.get(), kAll, reading.domain);
  EXPECT_EQ(virConnectClose(connection.release()), 0);
}

}  // namespace
}  // namespace virt
