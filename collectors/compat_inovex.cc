// SPDX-License-Identifier: Apache-2.0
// Names of inovex/prometheus-libvirt-exporter that are odd and that somebody's dashboard needs.
#include <iterator>

#include "collectors/other_vocabulary.h"
#include "exporter/libvirt/snapshot.h"

namespace virt {
namespace {

constexpr Meter kState[] = {
    {"", "libvirt_domain_info_state", Type::kGauge, kOne,
     "Same as libvirt_domain_state_code, with a label that describes the state (libvirt state.state)."}};
constexpr Meter kTimedOut[] = {
    {"", "libvirt_domain_timed_out", Type::kGauge, kOne,
     "1 if the domain's QEMU monitor was asked and did not answer, 0 if it answered; the inverse of "
     "libvirt_domain_responding (virDomainListGetStats)."}};

constexpr Meter kPoolTimedOut[] = {
    {"", "libvirt_storage_pool_timed_out", Type::kGauge, kOne,
     "1 if the storage pool was asked and did not answer, 0 if it answered (virStoragePoolGetInfo)."}};

constexpr Meter kSwap[] = {
    {"swap_in", "libvirt_domain_memory_stats_swap_in_bytes", Type::kGauge, kKibibytes,
     "Same as libvirt_domain_memory_stats_swap_in_bytes_total (libvirt balloon.swap_in)."},
    {"swap_out", "libvirt_domain_memory_stats_swap_out_bytes", Type::kGauge, kKibibytes,
     "Same as libvirt_domain_memory_stats_swap_out_bytes_total (libvirt balloon.swap_out)."},
};

// Its words for virDomainState, by number.
constexpr std::string_view kWords[] = {
    "no state",
    "the domain is running",
    "the domain is blocked on resource",
    "the domain is paused by user",
    "the domain is being shut down",
    "the domain is shut off",
    "the domain is crashed",
    "the domain is suspended by guest power management",
};

class CompatInovexPollster : public OtherVocabulary {
 public:
  std::vector<Meters> meters() const override { return {kState, kTimedOut, kPoolTimedOut, kSwap}; }
  Needs needs() const override { return Group::kState | Group::kBalloon | Group::kPools; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Domain& domain : snapshot.domains) {
      if (const auto state = domain.number("state.state")) sample_state(domain, *state, counters);
      if (const auto responding = domain.number("monitor.responding"))
        counters.sample(kTimedOut[0], 1 - *responding, {&domain, {}});
      counters.sample(kSwap, domain.stats.record("balloon"), {&domain, {}});
    }
    for (const Record& pool : snapshot.host.group("pool"))
      if (const auto responding = pool.number("responding"))
        counters.sample(kPoolTimedOut[0], 1 - *responding,
                        {nullptr, {{"storage_pool", pool.text("name").value_or("")}}});
    return counters;
  }

 private:
  static void sample_state(const Domain& domain, double state, Counters& counters) {
    const bool known = state >= 0 && state < static_cast<double>(std::size(kWords));
    const auto words = known ? kWords[static_cast<std::size_t>(state)] : std::string_view{};
    counters.sample(kState[0], state, {&domain, {{"state_desc", words}}});
  }
};

REGISTER_POLLSTER(compat, inovex, CompatInovexPollster);

}  // namespace
}  // namespace virt
