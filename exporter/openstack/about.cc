// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/about.h"

namespace virt {
namespace {

constexpr Meter kUp[] = {
    {"identity", "openstack_identity_up", Type::kGauge, kOne,
     "1 if Keystone gave a token and answered every request for a list, else 0; virt_openstack_list_failed says why."},
    {"neutron", "openstack_neutron_up", Type::kGauge, kOne,
     "1 if Neutron answered every request for a list, else 0; virt_openstack_list_failed says why. Absent if the token "
     "may ask it nothing, or the catalog does not have it."},
    {"nova", "openstack_nova_up", Type::kGauge, kOne,
     "1 if Nova answered every request for a list, else 0; virt_openstack_list_failed says why. Absent if the catalog "
     "does not have it."},
    {"glance", "openstack_glance_up", Type::kGauge, kOne,
     "1 if Glance answered every request for a list, else 0; virt_openstack_list_failed says why. Absent if the token "
     "may ask it nothing, or the catalog does not have it."},
    {"cinder", "openstack_cinder_up", Type::kGauge, kOne,
     "1 if Cinder answered every request for a list, else 0; virt_openstack_list_failed says why. Absent if the "
     "catalog does not have it."},
    {"placement", "openstack_placement_up", Type::kGauge, kOne,
     "1 if Placement answered every request for a list, else 0; virt_openstack_list_failed says why. Absent if the "
     "catalog does not have it."},
};
constexpr Meter kScope[] = {
    {"", "openstack_scope_info", Type::kGauge, kOne,
     "Constant 1; labels describe what the token is for, its user and roles. Unless cloud_wide is true it does not see "
     "all projects, and lists that it would see only in part are not exported (Keystone token)."}};
constexpr Meter kSuccess[] = {{"", "virt_openstack_list_success", Type::kGauge, kOne,
                               "1 if the last read of the list succeeded, what it found is still shown, and no later "
                               "read has taken more than 5 seconds so far; else 0."}};
constexpr Meter kFailed[] = {
    {"", "virt_openstack_list_failed", Type::kGauge, kOne,
     "Constant 1 for a list that could not be read; reason is pending, stale, login, scope, no_service, absent, "
     "unauthorized, forbidden, status, no_answer, timeout, content or too_many."}};
constexpr Meter kAge[] = {{"", "virt_openstack_list_age_seconds", Type::kGauge, kOne,
                           "Time since the read of the list behind this scrape began."}};
constexpr Meter kDuration[] = {{"", "virt_openstack_list_duration_seconds", Type::kGauge, kOne,
                                "Duration of the read of the list behind this scrape."}};
constexpr Meter kPages[] = {
    {"", "virt_openstack_list_pages", Type::kGauge, kOne, "Pages of the list behind this scrape."}};
constexpr Meter kItems[] = {
    {"", "virt_openstack_list_items", Type::kGauge, kOne, "Items of the list behind this scrape."}};
constexpr Meter kRequests[] = {
    {"", "virt_openstack_requests_total", Type::kCumulative, kOne,
     "Requests to a service's API; code is the status of the answer, or timeout, or error if there was none."}};
constexpr Meter kLogins[] = {
    {"", "virt_openstack_logins_total", Type::kCumulative, kOne, "Tokens that Keystone gave to the exporter."}};

void sample_scope(const CloudScope& scope, Counters& counters) {
  counters.sample(kScope[0], 1,
                  {nullptr,
                   {{"scope", scope.kind},
                    {"cloud_wide", scope.cloud_wide ? "true" : "false"},
                    {"project_id", scope.project_id},
                    {"project_name", scope.project_name},
                    {"user_name", scope.user_name},
                    {"roles", scope.roles}}});
}

void sample_list(const CloudListReport& report, Counters& counters) {
  const Resource list{nullptr, {{"service", report.service}, {"list", report.list}}};
  const auto add = [&](const Meter& meter, auto value) {
    if (value) counters.sample(meter, static_cast<double>(*value), list);
  };
  counters.sample(kSuccess[0], report.success ? 1 : 0, list);
  add(kAge[0], report.age);
  add(kDuration[0], report.duration);
  add(kPages[0], report.pages);
  add(kItems[0], report.items);
  if (!report.reason.empty())
    counters.sample(kFailed[0], 1,
                    {nullptr, {{"service", report.service}, {"list", report.list}, {"reason", report.reason}}});
}

}  // namespace

std::vector<Meters> AboutOpenstack::meters() const {
  return {kUp, kScope, kSuccess, kAge, kDuration, kPages, kItems, kFailed, kRequests, kLogins};
}

Counters AboutOpenstack::get_counters(const CloudSnapshot& snapshot) const {
  Counters counters;
  for (const CloudService& service : snapshot.services)
    for (const Meter& meter : kUp)
      if (meter.key == service.name) counters.sample(meter, service.up ? 1 : 0, {});
  if (snapshot.scope) sample_scope(*snapshot.scope, counters);
  for (const CloudListReport& report : snapshot.reports) sample_list(report, counters);
  for (const CloudRequests& requests : snapshot.requests)
    counters.sample(kRequests[0], static_cast<double>(requests.count),
                    {nullptr, {{"service", requests.service}, {"code", requests.code}}});
  counters.sample(kLogins[0], static_cast<double>(snapshot.logins), {});
  return counters;
}

}  // namespace virt
