// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/about.h"

#include <gmock/gmock.h>

#include "exporter/openstack/lists.h"
#include "exporter/testing/expose.h"
#include "exporter/text/families.h"

namespace virt {
namespace {

std::string samples(const CloudSnapshot& snapshot) {
  const AboutOpenstack about;
  return samples_only(families_text(about.meters(), about.counters(snapshot)));
}

TEST(AboutOpenstack, without_a_read_only_the_logins_are_told) {
  EXPECT_EQ(samples({}), "virt_openstack_logins_total 0\n");
}

TEST(AboutOpenstack, services_that_were_asked_are_up_or_not) {
  CloudSnapshot snapshot;
  snapshot.services = {{"neutron", true}, {"nova", false}};
  EXPECT_EQ(samples(snapshot), "openstack_neutron_up 1\nopenstack_nova_up 0\nvirt_openstack_logins_total 0\n");
}

TEST(AboutOpenstack, every_service_is_up_or_not) {
  for (const ServiceSpec& service : all_services()) {
    CloudSnapshot snapshot;
    snapshot.services = {{service.name, true}};
    EXPECT_THAT(samples(snapshot), testing::HasSubstr("openstack_" + std::string{service.name} + "_up 1\n"));
  }
}

TEST(AboutOpenstack, scope_of_the_token_is_told) {
  CloudSnapshot snapshot;
  snapshot.scope = CloudScope{"project", "p1", "ops", "u", "admin,reader", true};
  EXPECT_EQ(samples(snapshot),
            "openstack_scope_info{scope=\"project\",cloud_wide=\"true\",project_id=\"p1\",project_name=\"ops\","
            "user_name=\"u\",roles=\"admin,reader\"} 1\nvirt_openstack_logins_total 0\n");
}

TEST(AboutOpenstack, list_that_was_read_has_its_figures) {
  CloudSnapshot snapshot;
  snapshot.reports.push_back({"neutron", "ports", true, "", 1.5, 0.25, 2, 1069});
  EXPECT_EQ(samples(snapshot), R"(virt_openstack_list_success{service="neutron",list="ports"} 1
virt_openstack_list_age_seconds{service="neutron",list="ports"} 1.5
virt_openstack_list_duration_seconds{service="neutron",list="ports"} 0.25
virt_openstack_list_pages{service="neutron",list="ports"} 2
virt_openstack_list_items{service="neutron",list="ports"} 1069
virt_openstack_logins_total 0
)");
}

TEST(AboutOpenstack, list_that_failed_has_its_reason_and_no_figures) {
  CloudSnapshot snapshot;
  CloudListReport report;
  report.service = "nova";
  report.list = "servers";
  report.reason = "forbidden";
  snapshot.reports.push_back(report);
  EXPECT_EQ(samples(snapshot), R"(virt_openstack_list_success{service="nova",list="servers"} 0
virt_openstack_list_failed{service="nova",list="servers",reason="forbidden"} 1
virt_openstack_logins_total 0
)");
}

TEST(AboutOpenstack, requests_are_counted_by_service_and_outcome) {
  CloudSnapshot snapshot;
  snapshot.requests = {{"nova", "200", 7}, {"nova", "timeout", 1}};
  snapshot.logins = 2;
  EXPECT_EQ(samples(snapshot), R"(virt_openstack_requests_total{service="nova",code="200"} 7
virt_openstack_requests_total{service="nova",code="timeout"} 1
virt_openstack_logins_total 2
)");
}

}  // namespace
}  // namespace virt
