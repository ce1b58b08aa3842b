// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include <algorithm>

#include "exporter/libvirt/host_connection.h"
#include "tests/support/test_host.h"

namespace virt {
namespace {

using testing::ElementsAre;
using testing::Eq;
using testing::Ge;
using testing::Gt;
using testing::Optional;

TEST(Node, topology_has_cells_and_page_sizes) {
  const SharedHost host;
  const HostConstants topology = read_constants(host.connection());
  EXPECT_THAT(topology.cells, ElementsAre(0, 1));
  EXPECT_TRUE(std::is_sorted(topology.page_sizes.begin(), topology.page_sizes.end()));
}

TEST(Node, what_the_driver_knows_is_there_and_the_rest_is_absent) {
  const SharedHost host;
  const HostConstants constants = read_constants(host.connection());
  Stats stats = read_info(host.connection());
  extend(stats, constants.stats);
  EXPECT_THAT(stats.text("node.driver"), Optional(Eq("TEST")));
  EXPECT_THAT(stats.text("node.model"), Optional(Eq("i686")));
  EXPECT_THAT(stats.number("node.cpus"), Optional(16));
  EXPECT_THAT(stats.number("node.cells"), Optional(2));
  EXPECT_THAT(stats.number("node.mhz"), Optional(1400));
  EXPECT_TRUE(stats.text("version.libvirtd"));
  EXPECT_TRUE(stats.text("version.library"));
}

}  // namespace
}  // namespace virt
