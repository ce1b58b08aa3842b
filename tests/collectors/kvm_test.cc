// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include "exporter/testing/domstats.h"
#include "exporter/testing/expose.h"

namespace virt {
namespace {

std::string samples(std::string_view domstats) { return samples_only(expose("compute.kvm", snapshot_of(domstats))); }

TEST(KvmPollster, what_kvm_counts_is_exported_by_rule) {
  EXPECT_EQ(samples(R"(Domain: 'a'
  state.state=1
  vcpu.0.state=1
  vcpu.0.time=5770000000
  vcpu.0.exits.sum=42
  vcpu.0.halt_poll_success_ns.sum=1500000000
  vcpu.0.blocking.cur=yes
  vcpu.0.depth.max=9
  vcpu.0.longest_wait_ns.max=2000000000
  vm.remote_tlb_flush.sum=7
  vm.pages_4k.cur=5
  vm.mmu_cache-size.max=6)"),
            R"(libvirt_domain_vcpu_kvm_depth{domain="a",vcpu="0"} 9
libvirt_domain_vcpu_kvm_longest_wait_seconds{domain="a",vcpu="0"} 2
libvirt_domain_vcpu_kvm_exits_total{domain="a",vcpu="0"} 42
libvirt_domain_vcpu_kvm_halt_poll_success_seconds_total{domain="a",vcpu="0"} 1.5
libvirt_domain_vcpu_kvm_blocking{domain="a",vcpu="0"} 1
libvirt_domain_kvm_mmu_cache_size{domain="a"} 6
libvirt_domain_kvm_remote_tlb_flush_total{domain="a"} 7
libvirt_domain_kvm_pages_4k{domain="a"} 5
)");
}

TEST(KvmPollster, nanoseconds_of_halt_polling_become_seconds) {
  EXPECT_EQ(samples("Domain: 'a'\nstate.state=1\ncpu.haltpoll.success.time=1000\ncpu.haltpoll.fail.time=0"),
            R"(libvirt_domain_cpu_haltpoll_success_seconds_total{domain="a"} 1e-06
libvirt_domain_cpu_haltpoll_fail_seconds_total{domain="a"} 0
)");
}

// libvirt reads its own daemon's where there is no process of the domain.
TEST(KvmPollster, a_stopped_domain_has_no_halt_polling) {
  EXPECT_EQ(samples("Domain: 'a'\nstate.state=5\ncpu.haltpoll.success.time=1000"), "");
}

}  // namespace
}  // namespace virt
