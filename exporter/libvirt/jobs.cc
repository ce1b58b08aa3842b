// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/jobs.h"

#include <algorithm>
#include <utility>

#include "exporter/libvirt/connection.h"
#include "exporter/libvirt/domain_statistics.h"
#include "exporter/stats_builder.h"

namespace virt {
namespace {

// States that a domain has only while it migrates, is saved, dumped or snapshotted.
constexpr std::pair<int, int> kOfJobs[] = {
    {VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_POSTCOPY}, {VIR_DOMAIN_RUNNING, VIR_DOMAIN_RUNNING_POSTCOPY_FAILED},
    {VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_MIGRATION},  {VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_SAVE},
    {VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_DUMP},       {VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_SNAPSHOT},
    {VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_POSTCOPY},   {VIR_DOMAIN_PAUSED, VIR_DOMAIN_PAUSED_POSTCOPY_FAILED},
};

bool looks_busy(const Domain& domain) {
  if (domain.number("monitor.responding") == 0.0) return true;
  const auto state = domain.number("state.state"), reason = domain.number("state.reason");
  return std::any_of(std::begin(kOfJobs), std::end(kOfJobs),
                     [&](const auto& job) { return state == job.first && reason == job.second; });
}

}  // namespace

Stats read_job(virDomainPtr domain) {
  StatsBuilder stats;
  int type = VIR_DOMAIN_JOB_NONE, count = 0;
  virTypedParameterPtr parameters = nullptr;
  if (virDomainGetJobStats(domain, &type, &parameters, &count, 0) < 0) return {};
  if (type != VIR_DOMAIN_JOB_NONE) {
    stats.add("job.type", type);
    const Stats job = to_stats(parameters, count);
    for (const auto& match : job.all().match("*")) stats.add("job." + std::string{match.star}, match.number);
  }
  virTypedParamsFree(parameters, count);
  return stats.build();
}

void JobConnection::open() {
  if (keep_open(uri_, connection_)) domains_.clear();
}

Reply<JobConnection::Wanted, FoundJob> JobConnection::read(const Wanted& wanted) {
  FoundJob found{wanted.uuid, {}};
  if (virDomainPtr domain = domains_.find_one(connection_.get(), wanted.uuid)) found.job = read_job(domain);
  check_alive(connection_);  // else that there is none may not be true
  return {std::move(found)};
}

std::vector<std::string> JobRotation::choose(const std::vector<Domain>& domains, Time now) {
  std::vector<std::string> chosen;
  std::vector<std::pair<const std::string*, Known*>> others;
  for (const Domain& domain : domains) {
    if (!domain.active) continue;
    Known& known = known_.keep(domain.uuid);
    if (known.has_job || looks_busy(domain)) {
      chosen.push_back(domain.uuid);
      known.asked = now;
    } else {
      others.emplace_back(&domain.uuid, &known);
    }
  }
  known_.forget_others();

  for (const auto& [uuid, known] :
       rotation_.choose(others, now, [](const auto& other) { return other.second->asked; })) {
    chosen.push_back(*uuid);
    known->asked = now;
  }
  return chosen;
}

void JobRotation::answered(const std::string& uuid, bool has_job) {
  if (Known* known = known_.find(uuid)) known->has_job = has_job;
}

}  // namespace virt
