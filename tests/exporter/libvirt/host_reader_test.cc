// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/host_reader.h"

#include <gtest/gtest.h>

#include <memory>

#include "tests/support/test_host.h"

namespace virt {
namespace {

using std::chrono::seconds;

class HostReaderTest : public testing::Test {
 protected:
  Stats read_after(seconds passed, Groups groups = ~0u) { return reader.read(groups, now += passed); }

  const SharedHost host;
  HostReader reader{"test:///default", seconds{60}};
  HostReader::Time now{seconds{5}};
};

TEST_F(HostReaderTest, reads_the_groups_that_are_asked_for_and_no_others) {
  EXPECT_TRUE(read_after(seconds{0}, Group::kState | Group::kXml | Group::kLists).empty());
  EXPECT_TRUE(read_after(seconds{0}, Group::kHost).text("node.driver"));
  EXPECT_TRUE(read_after(seconds{0}, Group::kHost).group("pool").empty());
  EXPECT_EQ(read_after(seconds{0}, Group::kPools).group("pool").size(), 1u);
  EXPECT_EQ(read_after(seconds{0}, Group::kNetworks).group("network").size(), 1u);
  const Stats all = read_after(seconds{0});
  EXPECT_TRUE(all.text("node.driver") && all.text("pool.0.name") && all.text("network.0.name"));
}

TEST_F(HostReaderTest, what_changes_seldom_is_there_each_time) {
  for (int i = 0; i < 10; ++i) {
    const Stats stats = read_after(seconds{15});
    EXPECT_TRUE(stats.number("node.cpus") && stats.text("version.library"));
    EXPECT_EQ(stats.all().match("node.cpus*").size(), 0u);
  }
}

TEST_F(HostReaderTest, where_there_is_no_pool_or_network_one_is_seen_within_the_refresh_time) {
  using Pool = std::unique_ptr<virStoragePool, Freer<virStoragePoolFree>>;
  using Network = std::unique_ptr<virNetwork, Freer<virNetworkFree>>;
  const Pool pool{virStoragePoolLookupByName(host.connection(), "default-pool")};
  const Network network{virNetworkLookupByName(host.connection(), "default")};
  ASSERT_TRUE(pool && network);
  ASSERT_EQ(virStoragePoolDestroy(pool.get()) + virStoragePoolUndefine(pool.get()), 0);
  ASSERT_EQ(virNetworkDestroy(network.get()) + virNetworkUndefine(network.get()), 0);
  Stats stats = read_after(seconds{0});
  EXPECT_TRUE(stats.group("pool").empty() && stats.group("network").empty());
  const Pool new_pool{virStoragePoolDefineXML(
      host.connection(), "<pool type='dir'><name>new</name><target><path>/new</path></target></pool>", 0)};
  const Network new_network{virNetworkDefineXML(host.connection(), "<network><name>new</name></network>")};
  ASSERT_TRUE(new_pool && new_network);
  for (int passed = 0; passed < 60; passed += 15) stats = read_after(seconds{15});
  EXPECT_EQ(stats.text("pool.0.name"), "new");
  EXPECT_EQ(stats.text("network.0.name"), "new");
}

TEST_F(HostReaderTest, where_there_is_a_pool_another_one_is_seen_at_once) {
  read_after(seconds{0});
  const std::unique_ptr<virStoragePool, Freer<virStoragePoolFree>> pool{virStoragePoolDefineXML(
      host.connection(), "<pool type='dir'><name>new</name><target><path>/new</path></target></pool>", 0)};
  EXPECT_EQ(read_after(seconds{0}).group("pool").size(), 2u);
}

}  // namespace
}  // namespace virt
