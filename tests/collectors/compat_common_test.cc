// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"

namespace virt {
namespace {

std::string samples(const std::string& domstats) {
  return samples_only(expose("compat.common", snapshot_of("Domain: 'a'\n" + domstats)));
}

TEST(CompatCommon, used_percent_is_what_the_guest_uses_of_what_it_sees) {
  EXPECT_EQ(samples("balloon.available=2000\nballoon.usable=500"),
            "libvirt_domain_memory_stats_used_percent{domain=\"a\"} 75\n");
}

TEST(CompatCommon, guest_that_does_not_report_has_no_percentage) {
  EXPECT_EQ(samples("balloon.available=2000"), "");
  EXPECT_EQ(samples("balloon.usable=2000"), "");
  EXPECT_EQ(samples("balloon.available=0\nballoon.usable=0"), "") << "and no NaN";
}

}  // namespace
}  // namespace virt
