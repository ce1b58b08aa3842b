// SPDX-License-Identifier: Apache-2.0
// On libvirt's test driver; what QEMU lists is tested in the lab.
#include "exporter/libvirt/domain_lists.h"

#include <gmock/gmock.h>

#include "tests/support/test_host.h"

namespace virt {
namespace {

using std::chrono::seconds;
using testing::Eq;
using testing::Optional;

class DomainListsTest : public testing::Test {
 protected:
  DomainListsTest() {
    host.define(domain_xml("a"));
    host.define(domain_xml("b"));
  }

  std::optional<double> value_after(seconds passed, const std::string& domain, const char* key) {
    auto readings = read_list(host.connection());
    lists.add(host.connection(), readings, now += passed);
    for (const Reading& reading : readings)
      if (reading.domain.name == domain) return reading.domain.number(key);
    return std::nullopt;
  }

  void set_autostart(const std::string& domain) { ASSERT_EQ(virDomainSetAutostart(host.domain(domain).get(), 1), 0); }

  const SharedHost host;
  DomainLists lists{seconds{60}};
  Time now{seconds{5}};
};

TEST_F(DomainListsTest, each_domain_has_a_value_whether_it_is_listed_or_not) {
  set_autostart("b");
  EXPECT_THAT(value_after(seconds{0}, "a", "list.autostart"), Optional(0));
  EXPECT_THAT(value_after(seconds{0}, "b", "list.autostart"), Optional(1));
  EXPECT_THAT(value_after(seconds{0}, "a", "list.persistent"), Optional(1));
  EXPECT_THAT(value_after(seconds{0}, "a", "list.managed_save"), Optional(0));
}

TEST_F(DomainListsTest, snapshots_are_counted) {
  const DomainHandle domain = host.domain("test");
  for (const char* xml :
       {"<domainsnapshot><name>1</name></domainsnapshot>", "<domainsnapshot><name>2</name></domainsnapshot>"})
    virDomainSnapshotFree(virDomainSnapshotCreateXML(domain.get(), xml, 0));
  EXPECT_THAT(value_after(seconds{0}, "test", "list.snapshots"), Optional(2));
  EXPECT_THAT(value_after(seconds{0}, "a", "list.snapshots"), Optional(0));
}

TEST_F(DomainListsTest, change_that_nobody_tells_is_seen_within_the_refresh_time) {
  EXPECT_THAT(value_after(seconds{0}, "a", "list.autostart"), Optional(0));
  set_autostart("a");
  EXPECT_THAT(value_after(seconds{15}, "a", "list.autostart"), Optional(0)) << "the list is kept";
  value_after(seconds{15}, "a", "list.autostart");
  value_after(seconds{15}, "a", "list.autostart");
  EXPECT_THAT(value_after(seconds{15}, "a", "list.autostart"), Optional(1));
}

TEST_F(DomainListsTest, change_that_somebody_tells_is_seen_at_once) {
  value_after(seconds{0}, "a", "list.autostart");
  set_autostart("a");
  lists.forget();
  EXPECT_THAT(value_after(seconds{0}, "a", "list.autostart"), Optional(1));
}

}  // namespace
}  // namespace virt
