// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"

namespace virt {
namespace {

TEST(RunPollster, active_domain_has_the_id_of_its_run) {
  Snapshot snapshot = snapshot_of("Domain: 'a'\nstate.state=1\nDomain: 'b'\nstate.state=3");
  snapshot.domains[0].id = 7;
  snapshot.domains[1].id = 12;
  EXPECT_EQ(samples_only(expose("compute.run", snapshot)),
            "libvirt_domain_id{domain=\"a\"} 7\nlibvirt_domain_id{domain=\"b\"} 12\n");
}

TEST(RunPollster, domain_that_is_shut_off_has_none) {
  EXPECT_EQ(expose("compute.run", snapshot_of("Domain: 'a'\nstate.state=5")), "");
}

}  // namespace
}  // namespace virt
