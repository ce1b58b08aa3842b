// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/json_page.h"

#include <gmock/gmock.h>

namespace virt {
namespace {

using testing::HasSubstr;
using testing::SizeIs;

const PageShape kPorts{"ports", {"id", "up", "mtu", "fixed_ips.#", "flavor.name", "hosts.*", "parts.*.size"}};

JsonPage good(const std::string& body, const PageShape& shape = kPorts) {
  JsonPage page;
  EXPECT_EQ(parse_page(body, shape, 1000, page), "") << body;
  return page;
}

Stats item(const std::string& inside) {
  const JsonPage page = good("{\"ports\": [{" + inside + "}]}");
  EXPECT_THAT(page.items, SizeIs(1));
  return page.items.at(0);
}

std::string problem(const std::string& body, const PageShape& shape = kPorts) {
  JsonPage page;
  const std::string error = parse_page(body, shape, 3, page);
  EXPECT_THAT(page.items, SizeIs(0)) << body;
  return error;
}

TEST(JsonPage, fields_that_were_asked_for_are_kept_and_no_others) {
  const Stats port = item(R"("id": "a", "secret": "x", "up": true, "mtu": 1450)");
  EXPECT_EQ(port.text("id"), "a");
  EXPECT_EQ(port.number("up"), 1);
  EXPECT_EQ(port.number("mtu"), 1450);
  EXPECT_EQ(port.text("secret"), std::nullopt);
}

TEST(JsonPage, nested_values_have_the_keys_of_the_way_to_them) {
  const Stats server = item(R"("flavor": {"name": "m1", "id": "x"}, "hosts": ["h0", "h1"], "parts": [{"size": 3}])");
  EXPECT_EQ(server.text("flavor.name"), "m1");
  EXPECT_EQ(server.text("flavor.id"), std::nullopt);
  EXPECT_EQ(server.text("hosts.1"), "h1");
  EXPECT_EQ(server.group("parts").at(0).number("size"), 3);
}

TEST(JsonPage, null_is_absent) { EXPECT_EQ(item(R"("id": null)").text("id"), std::nullopt); }

TEST(JsonPage, lists_and_objects_are_counted) {
  EXPECT_EQ(item(R"("fixed_ips": [{"ip": 1}, {"ip": 2}])").number("fixed_ips.#"), 2);
  EXPECT_EQ(item(R"("fixed_ips": [])").number("fixed_ips.#"), 0);
  EXPECT_EQ(item(R"("fixed_ips": {"a": 1})").number("fixed_ips.#"), 1);
  EXPECT_EQ(item(R"("id": "a")").number("fixed_ips.#"), std::nullopt);
}

TEST(JsonPage, numbers_beyond_64_bits_are_numbers) {
  EXPECT_EQ(item(R"("mtu": 18446744073709551616)").number("mtu"), 18446744073709551616.0);
  EXPECT_EQ(item(R"("mtu": -3)").number("mtu"), -3);
}

TEST(JsonPage, next_page_is_where_each_service_says_it) {
  const std::string of_neutron = R"({"ports": [], "ports_links": [{"rel": "previous", "href": "http://a/p"},
                                     {"href": "http://a/n?marker=2", "rel": "next"}]})";
  EXPECT_EQ(good(of_neutron).next, "http://a/n?marker=2");
  EXPECT_EQ(good(R"({"links": {"next": "http://a/?marker=3", "self": "x"}, "ports": []})").next, "http://a/?marker=3");
  EXPECT_EQ(good(R"({"next": "/v2/images?marker=4", "ports": []})").next, "/v2/images?marker=4");
  EXPECT_EQ(good(R"({"links": {"next": null}, "ports": []})").next, "");
}

TEST(JsonPage, links_of_an_item_lead_to_no_page) {
  EXPECT_EQ(good(R"({"ports": [{"links": {"next": "x"}, "ports_links": [{"rel": "next", "href": "y"}]}]})").next, "");
}

TEST(JsonPage, list_that_was_cut_says_so) {
  EXPECT_TRUE(good(R"({"ports": [], "truncated": true})").truncated);
  EXPECT_FALSE(good(R"({"ports": [{"truncated": true}]})").truncated);
}

TEST(JsonPage, without_a_list_the_document_is_the_item) {
  const auto page = good(R"({"token": {"roles": [{"name": "admin"}]}})", {"", {"token.roles.*.name"}});
  EXPECT_EQ(page.items.at(0).record("token").group("roles").at(0).text("name"), "admin");
}

TEST(JsonPage, what_is_no_list_is_refused) {
  EXPECT_THAT(problem("<html>502</html>"), HasSubstr("is not JSON"));
  EXPECT_THAT(problem(""), HasSubstr("is not JSON"));
  EXPECT_THAT(problem(R"({"ports": [{"id": "a"}, {"id")"), HasSubstr("is not JSON"));
  EXPECT_EQ(problem("[]"), "is not an object");
  EXPECT_EQ(problem("7"), "is not an object");
  EXPECT_EQ(problem(R"({"itemNotFound": {"code": 404}})"), "has no list \"ports\"");
  EXPECT_EQ(problem(R"({"ports": {"id": "a"}})"), "has no list \"ports\"");
  EXPECT_EQ(problem(R"({"ports": "none"})"), "has no list \"ports\"");
}

TEST(JsonPage, items_of_other_kinds_are_passed_over) {
  EXPECT_THAT(good(R"({"ports": [1, null, [{"id": "a"}], {"id": "b"}]})").items, SizeIs(1));
}

TEST(JsonPage, value_of_another_type_is_of_that_type) {
  const Stats port = item(R"("id": 5, "mtu": "many")");
  EXPECT_EQ(port.text("id"), std::nullopt);
  EXPECT_EQ(port.number("id"), 5);
  EXPECT_EQ(port.number("mtu"), std::nullopt);
}

TEST(JsonPage, payload_is_bounded) {
  EXPECT_EQ(problem(R"({"ports": [{}, {}, {}, {}]})"), "has too many items");
  const std::string deep(100, '[');
  EXPECT_EQ(problem("{\"ports\": [{\"id\": " + deep), "is nested too deep");
  std::string many = "{\"ports\": [{\"hosts\": [0";
  for (int i = 0; i < 70000; ++i) many += ",0";
  EXPECT_EQ(problem(many + "]}]}"), "has an item with too many values");
}

TEST(JsonPage, long_text_is_cut_between_characters) {
  EXPECT_EQ(item("\"id\": \"" + std::string(10000, 'x') + "\"").text("id")->size(), 256);
  std::string umlauts;
  for (int i = 0; i < 200; ++i) umlauts += "ü";
  EXPECT_EQ(item("\"id\": \"x" + umlauts + "\"").text("id"), "x" + umlauts.substr(0, 254));
}

TEST(JsonPage, bytes_that_are_not_utf8_are_replaced) {
  EXPECT_EQ(item("\"id\": \"a\xff\xc3\"").text("id"), "a\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(item(R"("id": "a\u0000\n\u001b")").text("id"), (std::string_view{"a\0\n\x1b", 4}));
}

TEST(JsonPage, pages_add_up_and_a_bad_one_adds_nothing) {
  JsonPage page;
  EXPECT_EQ(parse_page(R"({"ports": [{"id": "a"}], "next": "/x?2"})", kPorts, 10, page), "");
  EXPECT_NE(parse_page(R"({"ports": [{"id": "b"}, )", kPorts, 10, page), "");
  EXPECT_THAT(page.items, SizeIs(1));
  EXPECT_EQ(parse_page(R"({"ports": [{"id": "b"}]})", kPorts, 10, page), "");
  EXPECT_THAT(page.items, SizeIs(2));
  EXPECT_EQ(page.next, "");
}

}  // namespace
}  // namespace virt
