// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/lists.h"

#include <gmock/gmock.h>

#include <set>

#include "exporter/text/words.h"

namespace virt {
namespace {

using testing::HasSubstr;
using testing::Not;

const ListSpec& list(CloudList::One bit) {
  for (const ListSpec& spec : all_lists())
    if (spec.bit == bit) return spec;
  throw std::logic_error("no such list");
}

std::string query(CloudList::One bit) {
  using namespace std::chrono;
  return first_query(list(bit), sys_days{year{2026} / 2 / 28} + hours{23});
}

TEST(Lists, each_has_a_bit_and_a_name_of_its_own) {
  std::set<Needs> bits;
  std::set<std::pair<Service, std::string_view>> names;
  for (const ListSpec& spec : all_lists()) {
    EXPECT_TRUE(bits.insert(spec.bit).second) << spec.name;
    EXPECT_TRUE(names.insert({spec.service, spec.name}).second) << spec.name;
  }
}

TEST(Lists, none_is_shown_longer_than_it_is_stale_or_read_all_the_time) {
  for (const ListSpec& spec : all_lists()) {
    EXPECT_GE(spec.max_age.count(), 1) << spec.name;
    EXPECT_GT(spec.stale, spec.max_age) << spec.name;
  }
}

TEST(Lists, what_neutron_and_glance_cut_without_a_word_is_marked) {
  for (const ListSpec& spec : all_lists())
    EXPECT_TRUE((spec.service != Service::kNetwork && spec.service != Service::kImage) || spec.is(kFiltered))
        << spec.name;
}

TEST(Lists, what_cinder_cuts_to_one_project_is_marked) {
  for (const ListSpec& spec : all_lists())
    EXPECT_TRUE(spec.service != Service::kVolume || spec.query != "all_tenants=1" || spec.is(kFiltered)) << spec.name;
}

TEST(Lists, cinder_is_asked_in_a_version_in_which_it_asks_nobody_else) {
  EXPECT_LT(spec_of(Service::kVolume).newest, (Microversion{3, 49}));
}

TEST(Lists, neutron_is_asked_for_the_fields_that_are_kept_once_each) {
  EXPECT_EQ(query(CloudList::kSecurityGroups), "limit=1000&fields=id");
  EXPECT_EQ(query(CloudList::kIpAvailabilities),
            "fields=network_id&fields=network_name&fields=project_id&fields=subnet_ip_availability");
}

TEST(Lists, nova_is_asked_for_servers_of_all_projects_page_by_page) {
  EXPECT_EQ(query(CloudList::kServers), "all_tenants=1&limit=250");
  EXPECT_EQ(query(CloudList::kAggregates), "");
}

TEST(Lists, usage_begins_with_the_month) {
  EXPECT_EQ(query(CloudList::kUsage), "start=2026-02-01T00:00:00&limit=1000");
}

TEST(Lists, capacities_are_asked_for_in_a_version_that_has_them) {
  EXPECT_LE(spec_of(Service::kCompute).newest, (Microversion{2, 87}));
  EXPECT_EQ(list(CloudList::kUsage).oldest, (Microversion{2, 40}));
}

TEST(Lists, no_secret_is_asked_for) {
  for (const ListSpec& spec : all_lists())
    for (const char* secret : {"password", "psk", "token", "user_data", "admin_pass", "metadata.*"})
      EXPECT_THAT(std::string{spec.fields}, Not(HasSubstr(secret))) << spec.name;
}

}  // namespace
}  // namespace virt
