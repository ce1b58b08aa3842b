// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/snapshot.h"

#include <gtest/gtest.h>

namespace virt {
namespace {

TEST(DomainFacts, finds_a_disk_by_its_target) {
  DomainFacts facts;
  facts.disks.emplace_back().target = "vda";
  EXPECT_EQ(facts.disk("vda"), &facts.disks[0]);
  EXPECT_EQ(facts.disk("vdb"), nullptr);
}

}  // namespace
}  // namespace virt
