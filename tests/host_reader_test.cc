// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/host_reader.h"

#include <gtest/gtest.h>

#include "tests/support/test_host.h"

namespace virt {
namespace {

TEST(HostReader, reads_the_groups_that_are_asked_for_and_no_others) {
  const SharedHost host;
  HostReader reader{"test:///default"};
  EXPECT_TRUE(reader.read(Group::kState | Group::kXml | Group::kLists).empty());
  EXPECT_TRUE(reader.read(Group::kHost).text("node.driver"));
  EXPECT_TRUE(reader.read(Group::kHost).group("pool").empty());
  EXPECT_EQ(reader.read(Group::kPools).group("pool").size(), 1u);
  EXPECT_EQ(reader.read(Group::kNetworks).group("network").size(), 1u);
  const Stats all = reader.read(~0u);
  EXPECT_TRUE(all.text("node.driver") && all.text("pool.0.name") && all.text("network.0.name"));
}

}  // namespace
}  // namespace virt
