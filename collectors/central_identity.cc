// SPDX-License-Identifier: Apache-2.0
// Projects, domains, users, groups and regions: Keystone's lists of them.
#include "collectors/central.h"

namespace virt {
namespace {

using namespace central;

constexpr Meter kCounts[] = {
    {"", "openstack_identity_projects", Type::kGauge, kOne, "Projects of all domains (Keystone projects)."},
    {"", "openstack_identity_domains", Type::kGauge, kOne, "Domains (Keystone domains)."},
    {"", "openstack_identity_users", Type::kGauge, kOne, "Users of all domains (Keystone users)."},
    {"", "openstack_identity_groups", Type::kGauge, kOne, "Groups of all domains (Keystone groups)."},
    {"", "openstack_identity_regions", Type::kGauge, kOne, "Regions (Keystone regions)."},
};
constexpr CloudList::One kLists[] = {CloudList::kProjects, CloudList::kDomains, CloudList::kUsers, CloudList::kGroups,
                                     CloudList::kRegions};
constexpr Meter kProject[] = {{"", "openstack_identity_project_info", Type::kGauge, kOne,
                               "Constant 1; labels describe the project (Keystone projects)."}};
constexpr Meter kDomain[] = {{"", "openstack_identity_domain_info", Type::kGauge, kOne,
                              "Constant 1; labels describe the domain (Keystone domains)."}};

class IdentityPollster : public CloudPollster {
 public:
  std::vector<Meters> meters() const override { return {kCounts, kProject, kDomain}; }
  Needs needs() const override {
    Needs needs = 0;
    for (const Needs list : kLists) needs |= list;
    return needs;
  }

  Counters get_counters(const CloudSnapshot& snapshot) const override {
    Counters counters;
    for (std::size_t i = 0; i < std::size(kCounts); ++i) sample_count(kCounts[i], snapshot.items(kLists[i]), counters);
    if (const CloudItems* const projects = snapshot.items(CloudList::kProjects))
      for (const Stats& project : *projects) sample_project(project, counters);
    if (const CloudItems* const domains = snapshot.items(CloudList::kDomains))
      for (const Stats& domain : *domains) sample_domain(domain, counters);
    return counters;
  }

 private:
  static void sample_project(const Stats& project, Counters& counters) {
    counters.sample(kProject[0], 1,
                    {nullptr,
                     {{"is_domain", flag_text(project, "is_domain")},
                      {"description", text(project, "description")},
                      {"domain_id", text(project, "domain_id")},
                      {"enabled", flag_text(project, "enabled")},
                      {"id", text(project, "id")},
                      {"name", text(project, "name")},
                      {"parent_id", text(project, "parent_id")}}});
  }

  static void sample_domain(const Stats& domain, Counters& counters) {
    counters.sample(kDomain[0], 1,
                    {nullptr,
                     {{"description", text(domain, "description")},
                      {"enabled", flag_text(domain, "enabled")},
                      {"id", text(domain, "id")},
                      {"name", text(domain, "name")}}});
  }
};

REGISTER_POLLSTER(central, identity, IdentityPollster);

}  // namespace
}  // namespace virt
