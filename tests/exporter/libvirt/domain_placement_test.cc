// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/domain_placement.h"

#include <gmock/gmock.h>

#include "tests/support/test_host.h"

namespace virt {
namespace {

using testing::Ge;
using testing::Optional;

TEST(Placement, each_vcpu_of_a_running_domain_is_on_a_cpu) {
  const SharedHost host;
  Stats stats;
  read_placement(host.domain("test").get(), stats);
  ASSERT_EQ(stats.group("placement").size(), 2u);
  for (const Record& vcpu : stats.group("placement")) EXPECT_THAT(vcpu.number("cpu"), Optional(Ge(0)));
}

TEST(Placement, domain_that_does_not_run_is_nowhere) {
  const SharedHost host;
  const DomainHandle domain = host.define(domain_xml("off"));
  Stats stats;
  read_placement(domain.get(), stats);
  EXPECT_TRUE(stats.empty());
}

}  // namespace
}  // namespace virt
