// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "tests/support/domstats.h"

namespace virt {
namespace {

std::string samples(const std::string& domstats) {
  return samples_only(expose("compat.inovex", snapshot_of("Domain: 'a'\n" + domstats)));
}

TEST(CompatInovex, state_comes_with_its_words) {
  EXPECT_EQ(samples("state.state=1"),
            "libvirt_domain_info_state{domain=\"a\",state_desc=\"the domain is running\"} 1\n");
  EXPECT_EQ(samples("state.state=7"),
            "libvirt_domain_info_state{domain=\"a\",state_desc=\"the domain is suspended by guest power "
            "management\"} 7\n");
  EXPECT_EQ(samples("state.state=8"), "libvirt_domain_info_state{domain=\"a\",state_desc=\"\"} 8\n")
      << "a state of a newer libvirt";
}

TEST(CompatInovex, swap_is_in_bytes) {
  EXPECT_EQ(samples("balloon.swap_in=1\nballoon.swap_out=2"),
            "libvirt_domain_memory_stats_swap_in_bytes{domain=\"a\"} 1024\n"
            "libvirt_domain_memory_stats_swap_out_bytes{domain=\"a\"} 2048\n");
}

TEST(CompatInovex, timed_out_is_the_opposite_of_responding) {
  EXPECT_EQ(samples("monitor.responding=0"), "libvirt_domain_timed_out{domain=\"a\"} 1\n");
  EXPECT_EQ(samples("monitor.responding=1"), "libvirt_domain_timed_out{domain=\"a\"} 0\n");
}

}  // namespace
}  // namespace virt
