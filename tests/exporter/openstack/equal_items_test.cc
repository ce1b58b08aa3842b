// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/equal_items.h"

#include <gmock/gmock.h>

#include "exporter/openstack/json_page.h"

namespace virt {
namespace {

using testing::SizeIs;

const std::vector<std::string_view> kFields{"owner", "status", "ips"};

CloudItems items(const std::string& list) {
  JsonPage page;
  EXPECT_EQ(parse_page("{\"ports\": " + list + "}", {"ports", kFields}, 1000, page), "");
  return page.items;
}

TEST(EqualItems, equal_ones_are_kept_once_with_their_number_in_the_order_in_which_they_came) {
  EqualItems equal{kFields};
  equal.add(items(R"([{"owner": "b", "ips": 2}, {"owner": "a"}, {"owner": "b", "ips": 2}])"));
  equal.add(items(R"([{"owner": "b", "ips": 2}])"));
  EXPECT_EQ(equal.size(), 4);
  const CloudItems different = equal.take();
  ASSERT_THAT(different, SizeIs(2));
  EXPECT_EQ(different[0].text("owner"), "b");
  EXPECT_EQ(different[0].number("ips"), 2);
  EXPECT_EQ(different[0].number("#"), 3);
  EXPECT_EQ(different[1].text("owner"), "a");
  EXPECT_EQ(different[1].number("#"), 1);
}

TEST(EqualItems, whatever_differs_makes_different_ones) {
  EqualItems equal{kFields};
  equal.add(items(R"([{"owner": "a"}, {"status": "a"}, {"owner": "1"}, {"owner": 1}, {"owner": 2}, {}, {"owner": ""},
                      {"owner": "a", "status": ""}, {"owner": "at0:"}])"));
  EXPECT_THAT(equal.take(), SizeIs(9));
}

TEST(EqualItems, numbers_differ_by_their_last_digit) {
  EqualItems equal{kFields};
  equal.add(items(R"([{"ips": 1e-7}, {"ips": 2e-7}, {"ips": 0.1}, {"ips": 0.10000000000000002}, {"ips": 1e300},
                      {"ips": -1e300}, {"ips": 0.1}])"));
  EXPECT_THAT(equal.take(), SizeIs(6));
}

TEST(EqualItems, is_empty_at_first_and_afterwards) {
  EqualItems equal{kFields};
  EXPECT_THAT(equal.take(), SizeIs(0));
  equal.add(items(R"([{"owner": "a"}])"));
  equal.take();
  EXPECT_EQ(equal.size(), 0);
  equal.add(items(R"([{"owner": "a"}])"));
  EXPECT_EQ(equal.take().at(0).number("#"), 1);
}

}  // namespace
}  // namespace virt
