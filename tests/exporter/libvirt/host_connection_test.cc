// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/host_connection.h"

#include <gtest/gtest.h>

#include "tests/support/lost_connection.h"
#include "tests/support/test_host.h"

namespace virt {
namespace {

using std::chrono::seconds;

class HostConnectionTest : public testing::Test {
 protected:
  Stats read_after(seconds passed) {
    connection.open();
    return connection.read(now += passed);
  }

  const SharedHost host;
  HostConnection connection{"test:///default", seconds{60}};
  Time now{seconds{5}};
};

TEST_F(HostConnectionTest, reads_the_host_and_neither_pools_nor_networks) {
  const Stats host = read_after(seconds{0});
  EXPECT_TRUE(host.text("node.driver"));
  EXPECT_TRUE(host.group("pool").empty() && host.group("network").empty());
}

TEST_F(HostConnectionTest, what_is_missing_as_libvirt_has_gone_is_not_taken_for_what_the_host_does_not_have) {
  read_after(seconds{0});
  const LostConnection lost;
  EXPECT_THROW(connection.read(now), LibvirtError);
}

TEST_F(HostConnectionTest, what_changes_seldom_is_there_each_time) {
  for (int i = 0; i < 10; ++i) {
    const Stats stats = read_after(seconds{15});
    EXPECT_TRUE(stats.number("node.cpus") && stats.text("version.library"));
    EXPECT_EQ(stats.all().match("node.cpus*").size(), 0u);
  }
}

}  // namespace
}  // namespace virt
