// SPDX-License-Identifier: Apache-2.0
#include "exporter/text/domain_labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>

namespace virt {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::Pair;
using testing::ThrowsMessage;

using Pairs = std::vector<std::pair<std::string, std::string>>;

Domain domain_with(DomainFacts facts) {
  Domain domain;
  domain.name = "instance-1";
  domain.uuid = "d3a1";
  domain.facts = std::make_shared<const DomainFacts>(std::move(facts));
  return domain;
}

Domain instance() {
  Nova nova;
  nova.name = "web";
  nova.project_id = "p1";
  nova.project_name = "shop";
  nova.user_id = "u1";
  nova.user_name = "ann";
  nova.flavor_name = "m1.small";
  DomainFacts facts;
  facts.nova = nova;
  facts.title = "Shop front, Berlin";
  facts.os = "http://debian.org/debian/12";
  return domain_with(facts);
}

Pairs values(std::string_view list, const Domain& domain) {
  Pairs pairs;
  const DomainLabels labels{list};
  for (const auto& [name, value] : labels.chosen()) pairs.emplace_back(name, value(domain));
  return pairs;
}

TEST(DomainLabels, domain_is_there_anyway) {
  EXPECT_THAT(DomainLabels{}.chosen(), IsEmpty());
  EXPECT_THAT(DomainLabels{""}.chosen(), IsEmpty());
  EXPECT_THAT(DomainLabels{"domain"}.chosen(), IsEmpty());
}

TEST(DomainLabels, every_choice_says_what_it_is_called_for) {
  EXPECT_THAT(values("uuid,instance_name,project_id,project_name,user_id,user_name,flavor_name,title,os", instance()),
              ElementsAre(Pair("uuid", "d3a1"), Pair("instance_name", "web"), Pair("project_id", "p1"),
                          Pair("project_name", "shop"), Pair("user_id", "u1"), Pair("user_name", "ann"),
                          Pair("flavor_name", "m1.small"), Pair("title", "Shop front, Berlin"),
                          Pair("os", "http://debian.org/debian/12")));
}

TEST(DomainLabels, order_is_that_of_the_list_and_blanks_do_not_matter) {
  EXPECT_THAT(values(" user_id ,domain,\tuuid,", instance()), ElementsAre(Pair("user_id", "u1"), Pair("uuid", "d3a1")));
}

TEST(DomainLabels, label_named_twice_is_there_once) {
  EXPECT_THAT(values("uuid,project_id,uuid", instance()), ElementsAre(Pair("uuid", "d3a1"), Pair("project_id", "p1")));
}

TEST(DomainLabels, domain_without_metadata_has_empty_values) {
  EXPECT_THAT(values("uuid,project_id,flavor_name,title", domain_with({})),
              ElementsAre(Pair("uuid", "d3a1"), Pair("project_id", ""), Pair("flavor_name", ""), Pair("title", "")));
}

TEST(DomainLabels, unknown_label_is_an_error_that_lists_the_choices) {
  EXPECT_THAT([] { DomainLabels{"uuid,colour"}; },
              ThrowsMessage<std::invalid_argument>(
                  "--domain_labels: unknown label 'colour'; choose from domain, uuid, instance_name, project_id, "
                  "project_name, user_id, user_name, flavor_name, title, os"));
}

}  // namespace
}  // namespace virt
