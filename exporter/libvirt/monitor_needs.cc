// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/monitor_needs.h"

#include <utility>

#include "exporter/libvirt/domain_statistics.h"

namespace virt {
namespace {

// Those that do not say something of every domain that runs.
constexpr Groups kOfSome = Group::kCpuTotal | Group::kIothread | Group::kDirtyRate;

}  // namespace

// But for kDirtyRate where it is not known to say something.
Groups MonitorNeeds::needed(const Domain& domain, const Known& known, Groups groups) const {
  const bool may_have_any = !known.has_answered || domain.facts == DomainFacts::none();
  Groups of_some = 0;
  if ((groups & Group::kHaltPolling) != 0 || !domain.number("cpu.time") || domain.facts->has_cpu_monitors ||
      may_have_any)
    of_some |= Group::kCpuTotal;
  if (domain.facts->has_iothreads || may_have_any) of_some |= Group::kIothread;
  if (known.dirty_rate_status.value_or(0) > 0) of_some |= Group::kDirtyRate;
  return groups & (~kOfSome | of_some);
}

std::vector<Groups> MonitorNeeds::choose(const std::vector<Domain>& domains, Groups groups, Time now) {
  groups_ = groups;
  now_ = now;
  std::vector<Groups> chosen;
  chosen.reserve(domains.size());
  using Candidate = std::pair<Groups*, const Known*>;
  std::vector<Candidate> unmeasured;
  for (const Domain& domain : domains) {
    Groups& of_domain = chosen.emplace_back(groups & ~kOfSome);
    if (!domain.active) continue;
    Known& known = known_.keep(domain.uuid);
    if (known.id != domain.id) known = {.id = domain.id};
    of_domain = needed(domain, known, groups);
    if ((groups & ~of_domain & Group::kDirtyRate) != 0) unmeasured.emplace_back(&of_domain, &known);
  }
  known_.forget_others();
  if ((groups & Group::kDirtyRate) == 0) return chosen;
  const auto asked = [](const Candidate& candidate) { return candidate.second->dirty_rate_asked; };
  for (const auto& [of_domain, known] : rotation_.choose(std::move(unmeasured), now, asked))
    *of_domain |= Group::kDirtyRate;
  return chosen;
}

const Stats& MonitorNeeds::answered(const std::string& uuid, Groups asked, const Stats& answer) {
  static const Stats nothing, unmeasured = to_stats({{"dirtyrate.calc_status", 0}});
  Known* const known = known_.find(uuid);
  if (known == nullptr) return nothing;
  known->has_answered = true;
  if ((asked & Group::kDirtyRate) != 0) {
    known->dirty_rate_asked = now_;
    known->dirty_rate_status = answer.number("dirtyrate.calc_status");
  }
  return (groups_ & ~asked & Group::kDirtyRate) != 0 && known->dirty_rate_status == 0.0 ? unmeasured : nothing;
}

}  // namespace virt
