// SPDX-License-Identifier: Apache-2.0
#include <gmock/gmock.h>

#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"

namespace virt {
namespace {

std::string samples(const std::string& domstats) {
  return samples_only(expose("compute.iothread", snapshot_of("Domain: 'a'\n" + domstats)));
}

TEST(IothreadPollster, polling_is_told_by_thread) {
  EXPECT_EQ(samples(R"(iothread.count=2
      iothread.1.poll-max-ns=32768
      iothread.1.poll-grow=2
      iothread.1.poll-shrink=0
      iothread.4.poll-max-ns=0
      iothread.4.poll-weight=3)"),
            R"(libvirt_domain_iothread_poll_max_seconds{domain="a",iothread="1"} 3.2768e-05
libvirt_domain_iothread_poll_max_seconds{domain="a",iothread="4"} 0
libvirt_domain_iothread_poll_grow{domain="a",iothread="1"} 2
libvirt_domain_iothread_poll_shrink{domain="a",iothread="1"} 0
libvirt_domain_iothread_poll_weight{domain="a",iothread="4"} 3
)");
}

TEST(IothreadPollster, domain_without_threads_has_none) { EXPECT_EQ(samples("iothread.count=0"), ""); }

}  // namespace
}  // namespace virt
