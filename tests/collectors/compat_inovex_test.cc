// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"

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

TEST(CompatInovex, storage_pool_timed_out_if_it_was_asked_and_did_not_answer) {
  EXPECT_EQ(samples("Host:\n"
                    "pool.0.name=good\npool.0.responding=1\n"
                    "pool.1.name=hangs\npool.1.responding=0\n"
                    "pool.2.name=not-asked"),
            "libvirt_storage_pool_timed_out{storage_pool=\"good\"} 0\n"
            "libvirt_storage_pool_timed_out{storage_pool=\"hangs\"} 1\n");
}

}  // namespace
}  // namespace virt
