// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/handles.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/test_host.h"

namespace virt {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::IsNull;
using testing::Not;
using testing::NotNull;
using testing::Optional;
using testing::SizeIs;
using testing::StartsWith;
using testing::StrEq;
using testing::UnorderedElementsAre;

std::vector<std::string> names(const std::vector<DomainHandle>& domains) {
  std::vector<std::string> result;
  for (const DomainHandle& domain : domains) result.emplace_back(virDomainGetName(domain.get()));
  return result;
}

TEST(Handles, error_tells_what_failed_why_and_its_code) {
  const SharedHost host;
  EXPECT_FALSE(host.domain("nobody"));
  const LibvirtError error{"cannot find it"};
  EXPECT_THAT(error.what(), StartsWith("cannot find it: Domain not found"));
  EXPECT_EQ(error.code(), VIR_ERR_NO_DOMAIN);
}

TEST(Handles, error_without_a_reason_says_so) {
  virResetLastError();
  const LibvirtError error{"cannot find it"};
  EXPECT_THAT(error.what(), StrEq("cannot find it: no reason given"));
  EXPECT_EQ(error.code(), VIR_ERR_OK);
}

// libvirt's complaints about XML quote the place on lines of their own.
TEST(Handles, error_is_one_line) {
  const SharedHost host;
  EXPECT_EQ(virDomainDefineXML(host.connection(), "<domain"), nullptr);
  EXPECT_THAT(LibvirtError{"cannot define it"}.what(), Not(HasSubstr("\n")));
}

TEST(Handles, uuid_is_that_of_the_domain) {
  const SharedHost host;
  const DomainHandle domain = host.define(domain_xml("a"));
  EXPECT_EQ(uuid_of(domain.get()), uuid_for("a"));
}

TEST(Handles, all_domains_are_found_running_or_not) {
  const SharedHost host;
  host.define(domain_xml("off"));
  EXPECT_THAT(names(*find_domains(host.connection(), 0)), UnorderedElementsAre("test", "off"));
}

TEST(Handles, flags_narrow_what_is_found) {
  const SharedHost host;
  host.define(domain_xml("off"));
  EXPECT_THAT(names(*find_domains(host.connection(), VIR_CONNECT_LIST_DOMAINS_INACTIVE)), ElementsAre("off"));
  EXPECT_THAT(find_domains(host.connection(), VIR_CONNECT_LIST_DOMAINS_AUTOSTART), Optional(IsEmpty()));
}

TEST(Handles, call_that_fails_finds_nothing_and_leaves_its_reason) {
  const SharedHost host;  // libvirt gives reasons once it was used
  EXPECT_FALSE(find_domains(nullptr, 0));
  EXPECT_EQ(LibvirtError{"cannot list"}.code(), VIR_ERR_INVALID_CONN);
}

// Each domain that is held holds its connection; closing tells how many references are left.
TEST(Handles, domains_are_given_back) {
  Connection connection = open_connection("test:///default");
  {
    const auto domains = find_domains(connection.get(), 0);
    EXPECT_THAT(domains, Optional(SizeIs(1)));
  }
  EXPECT_EQ(virConnectClose(connection.release()), 0);
}

TEST(KnownUuids, are_asked_for_once_for_each_run_of_a_domain) {
  const SharedHost host;
  const DomainHandle a = host.define(domain_xml("a")), b = host.define(domain_xml("b"));
  KnownUuids uuids;
  EXPECT_EQ(uuids.of(a.get(), "a", 7), uuid_for("a"));
  EXPECT_EQ(uuids.of(b.get(), "a", 7), uuid_for("a")) << "known without a look at the handle";
  EXPECT_EQ(uuids.of(b.get(), "a", 8), uuid_for("b")) << "another run";
  EXPECT_EQ(uuids.of(a.get(), "a", KnownUuids::kNoId), uuid_for("a")) << "nothing is known of one that does not run";
}

TEST(KnownUuids, are_forgotten_when_there_are_far_more_than_domains) {
  const SharedHost host;
  const DomainHandle a = host.define(domain_xml("a")), b = host.define(domain_xml("b"));
  KnownUuids uuids;
  for (int i = 0; i < 100; ++i) uuids.of(a.get(), std::to_string(i), 7);
  uuids.trim(100);
  EXPECT_EQ(uuids.of(b.get(), "0", 7), uuid_for("a"));
  uuids.trim(10);
  EXPECT_EQ(uuids.of(b.get(), "0", 7), uuid_for("b"));
}

TEST(KnownDomains, are_those_of_the_uuids_in_their_order_as_far_as_they_are_there) {
  const SharedHost host;
  for (const char* name : {"a", "b", "c"}) host.define(domain_xml(name));
  KnownDomains domains;
  const auto found = domains.find(host.connection(), {uuid_for("c"), "of no domain", uuid_for("a")});
  ASSERT_THAT(found, SizeIs(3));
  EXPECT_STREQ(virDomainGetName(found[0]), "c");
  EXPECT_EQ(found[1], nullptr);
  EXPECT_STREQ(virDomainGetName(found[2]), "a");
}

TEST(KnownDomains, one_that_vanished_is_known_until_it_is_forgotten) {
  const SharedHost host;
  host.define(domain_xml("a"));
  KnownDomains domains;
  EXPECT_STREQ(virDomainGetName(domains.find_one(host.connection(), uuid_for("a"))), "a");
  virDomainUndefine(host.domain("a").get());
  EXPECT_THAT(domains.find(host.connection(), {uuid_for("a")}), ElementsAre(NotNull())) << "known without a call";
  domains.forget(uuid_for("a"));
  host.define(domain_xml("b"));
  EXPECT_THAT(domains.find(host.connection(), {uuid_for("a"), uuid_for("b")}), ElementsAre(IsNull(), NotNull()));
}

TEST(KnownDomains, lost_connection_is_told_from_a_domain_that_is_not_there) {
  const SharedHost host;
  KnownDomains domains;
  EXPECT_EQ(domains.find_one(host.connection(), "of no domain"), nullptr);
  EXPECT_THROW(domains.find_one(nullptr, uuid_for("a")), LibvirtError);
}

}  // namespace
}  // namespace virt
