// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/domain_vcpus.h"

#include <gmock/gmock.h>

#include "tests/support/test_host.h"

namespace virt {
namespace {

using testing::Ge;
using testing::Optional;

TEST(Placement, each_vcpu_of_a_running_domain_is_on_a_cpu) {
  const SharedHost host;
  const Stats stats = read_placement(host.domain("test").get());
  ASSERT_EQ(stats.group("placement").size(), 2u);
  for (const Record& vcpu : stats.group("placement")) EXPECT_THAT(vcpu.number("cpu"), Optional(Ge(0)));
}

TEST(Placement, domain_that_does_not_run_is_nowhere) {
  const SharedHost host;
  const DomainHandle domain = host.define(domain_xml("off"));
  EXPECT_TRUE(read_placement(domain.get()).empty());
}

}  // namespace
}  // namespace virt
