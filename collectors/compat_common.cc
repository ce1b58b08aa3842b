// SPDX-License-Identifier: Apache-2.0
// What other libvirt exporters agree on and what is called otherwise here, for dashboards that have it.
#include "collectors/other_vocabulary.h"
#include "exporter/libvirt/snapshot.h"

namespace virt {
namespace {

constexpr Meter kMeters[] = {
    {"", "libvirt_domain_memory_stats_used_percent", Type::kGauge, kOne,
     "Percentage of its memory that the guest uses; prefer 1 - libvirt_domain_memory_stats_usable_bytes / "
     "libvirt_domain_memory_stats_available_bytes (libvirt balloon.available, balloon.usable)."},
};

class CompatCommonPollster : public OtherVocabulary {
 public:
  std::vector<Meters> meters() const override { return {kMeters}; }
  Needs needs() const override { return Group::kState | Group::kBalloon; }

  Counters get_counters(const Snapshot& snapshot) const override {
    Counters counters;
    for (const Domain& domain : snapshot.domains) {
      const Record balloon = domain.stats.record("balloon");
      const auto available = balloon.number("available"), usable = balloon.number("usable");
      if (available && usable && *available > 0)
        counters.sample(kMeters[0], 100 * (*available - *usable) / *available, {&domain, {}});
    }
    return counters;
  }
};

REGISTER_POLLSTER(compat, common, CompatCommonPollster);

}  // namespace
}  // namespace virt
