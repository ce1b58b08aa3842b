// SPDX-License-Identifier: Apache-2.0
// The test of a pollster of libvirt's: what `virsh domstats --raw` prints in, exposition text out.
#include <gtest/gtest.h>

#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"

namespace acme {
namespace {

std::string uptime(std::string_view domstats) {
  return virt::samples_only(virt::expose("acme.uptime", virt::snapshot_of(domstats)));
}

TEST(Uptime, is_the_time_of_the_busiest_vcpu) {
  EXPECT_EQ(uptime(R"(Domain: 'a'
  vcpu.0.time=2000000000
  vcpu.3.time=5500000000)"),
            "acme_domain_uptime_at_least_seconds{domain=\"a\"} 5.5\n");
}

TEST(Uptime, domain_that_is_shut_off_has_none) {
  EXPECT_EQ(uptime("Domain: 'a'\nstate.state=5\nvcpu.0.time=2000000000"), "");
}

TEST(Uptime, domain_without_vcpu_statistics_has_none) { EXPECT_EQ(uptime("Domain: 'a'\nstate.state=1"), ""); }

}  // namespace
}  // namespace acme
