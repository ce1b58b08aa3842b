// SPDX-License-Identifier: Apache-2.0
// Pages of a real server, good ones and others.
#include "exporter/openstack/list_read.h"

#include <gmock/gmock.h>

#include "tests/support/api_server.h"
#include "tests/support/captured_log.h"

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsNull;
using testing::Pointee;
using testing::SizeIs;

constexpr char kPath[] = "/network/v2.0/routers", kServers[] = "/compute/v2.1/servers/detail";

const ListSpec& list(CloudList::One bit) {
  for (const ListSpec& spec : all_lists())
    if (spec.bit == bit) return spec;
  throw std::logic_error("no such list");
}

std::string page(const std::string& id, const std::string& next = "") {
  const std::string link = next.empty() ? "" : R"(, "routers_links": [{"rel": "next", "href": ")" + next + "\"}]";
  return R"({"routers": [{"id": ")" + id + "\"}]" + link + "}";
}

class ListReadTest : public testing::Test {
 protected:
  ListResult read(CloudList::One bit = CloudList::kRouters, ListRead::Limits limits = {}) {
    return read_through(transfers_, bit, limits);
  }

  ListResult read_through(Transfers& transfers, CloudList::One bit = CloudList::kRouters,
                          ListRead::Limits limits = {}) {
    std::optional<ListResult> result;
    ListRead read{list(bit), {session_, transfers, versions_}, [&](ListResult got) { result = got; }, limits};
    read.begin();
    while (!result) transfers.run(std::chrono::steady_clock::now() + 1h);
    return *result;
  }

  void expect_failure(Failure failure, const std::string& detail) { expect_failure(read(), failure, detail); }

  static void expect_failure(const ListResult& result, Failure failure, const std::string& detail) {
    EXPECT_EQ(result.failure, failure) << to_text(result.failure);
    EXPECT_THAT(result.detail, HasSubstr(detail));
    EXPECT_THAT(result.items, IsNull());
  }

  CapturedLog log_text_;
  FakeCloud cloud_;
  LogOnce log_;
  Time now_ = std::chrono::steady_clock::now();
  Transfers transfers_{cloud_.config()};
  CloudSession session_{
      cloud_.config(), [this] { return cloud_.config(); }, {"admin", [this] { return now_; }}, transfers_, log_};
  Microversions versions_;
};

TEST_F(ListReadTest, pages_are_followed_to_the_end) {
  cloud_.answer(kPath, {{200, page("a", "http://elsewhere:1/v2.0/routers?limit=1&marker=a")},
                        {200, page("b", "/routers?limit=1&marker=b")},
                        {200, page("c")}});
  const ListResult result = read();
  EXPECT_EQ(result.failure, Failure::kNone) << result.detail;
  EXPECT_THAT(result.items, Pointee(SizeIs(3)));
  EXPECT_EQ(result.pages, 3);
  const auto calls = cloud_.calls(kPath);
  EXPECT_THAT(calls[0].query, HasSubstr("limit=1000&fields=id"));
  EXPECT_EQ(calls[1].query, "limit=1&marker=a");
  EXPECT_EQ(calls[2].query, "limit=1&marker=b");
}

TEST_F(ListReadTest, items_of_a_list_that_is_counted_are_kept_once_and_all_of_them_count) {
  const std::string port = R"({"status": "UP", "fixed_ips": []})", page = R"({"ports": [)" + port + ", " + port + "]";
  cloud_.answer("/network/v2.0/ports",
                {{200, page + R"(, "ports_links": [{"rel": "next", "href": "?marker=a"}]})"}, {200, page + "}"}});
  const ListResult result = read(CloudList::kPorts);
  EXPECT_EQ(result.count, 4);
  ASSERT_THAT(result.items, Pointee(SizeIs(1)));
  EXPECT_EQ(result.items->front().number("#"), 4);
  cloud_.answer("/network/v2.0/ports",
                {{200, page + R"(, "ports_links": [{"rel": "next", "href": "?marker=a"}]})"}, {200, page + "}"}});
  EXPECT_EQ(read(CloudList::kPorts, {200, 3}).failure, Failure::kContent);
}

TEST_F(ListReadTest, token_goes_with_each_page) {
  cloud_.answer(kPath, {{200, page("a", "?marker=a")}, {200, page("b")}});
  read();
  for (const ApiCall& call : cloud_.calls(kPath)) EXPECT_EQ(call.headers.at("x-auth-token"), "token-1");
}

TEST_F(ListReadTest, refused_page_is_asked_for_again_with_a_new_token) {
  session_.with_token([](const TokenPtr&) {});
  cloud_.answer(kPath, {{200, page("a", "?marker=a")}, {401, "expired"}, {200, page("b")}});
  cloud_.answer("/network/v2.0/subnets", {{200, R"({"subnets": []})"}});
  read(CloudList::kSubnets);  // so that there is a token
  now_ += 61s;
  const ListResult result = read();
  EXPECT_EQ(result.failure, Failure::kNone) << result.detail;
  EXPECT_THAT(result.items, Pointee(SizeIs(2)));
  EXPECT_EQ(cloud_.calls(kPath).back().headers.at("x-auth-token"), "token-2");
  EXPECT_EQ(cloud_.calls(kPath).back().query, "marker=a");
}

TEST_F(ListReadTest, page_that_is_refused_again_ends_it) {
  cloud_.answer(kPath, {{401, ""}});
  expect_failure(Failure::kUnauthorized, "status 401");
  EXPECT_LE(cloud_.count(kPath), 2);
}

TEST_F(ListReadTest, list_whose_next_page_is_gone_is_begun_again_once) {
  cloud_.answer(kPath, {{200, page("a", "?marker=a")}, {404, "{}"}, {200, page("b", "?marker=b")}, {200, page("c")}});
  const ListResult result = read();
  EXPECT_THAT(result.items, Pointee(SizeIs(2)));
  EXPECT_EQ(result.pages, 2);
  cloud_.answer(kPath, {{200, page("a", "?marker=a")}, {404, "{}"}, {200, page("a", "?marker=a")}, {404, "{}"}});
  expect_failure(Failure::kAbsent, "status 404");
}

TEST_F(ListReadTest, page_of_nova_that_is_gone_is_a_bad_request) {
  cloud_.answer(kPath, {{200, page("a", "?marker=a")}, {400, "{}"}, {200, page("b", "?marker=b")}, {200, page("c")}});
  EXPECT_THAT(read().items, Pointee(SizeIs(2)));
}

TEST_F(ListReadTest, statuses_have_their_reasons) {
  cloud_.answer(kPath, {{403, ""}});
  expect_failure(Failure::kForbidden, "status 403");
  cloud_.answer(kPath, {{404, ""}});
  expect_failure(Failure::kAbsent, "status 404");
  cloud_.answer(kPath, {{500, "<html>"}});
  expect_failure(Failure::kStatus, "status 500");
  cloud_.answer(kPath, {{302, "", "Location: http://127.0.0.1:1/\r\n"}});
  expect_failure(Failure::kStatus, "status 302");
}

TEST_F(ListReadTest, service_that_is_busy_says_when_to_come_again) {
  cloud_.answer(kPath, {{503, "", "Retry-After: 30\r\n"}});
  EXPECT_EQ(read().retry_after, 30s);
}

TEST_F(ListReadTest, content_that_is_no_list_is_refused) {
  cloud_.answer(kPath, {{200, "<html><body>Bad gateway</body></html>"}});
  expect_failure(Failure::kContent, "is not JSON");
  cloud_.answer(kPath, {{200, R"({"routers": [{"id": "a)"}});
  expect_failure(Failure::kContent, "is not JSON");
  cloud_.answer(kPath, {{200, R"({"networks": []})"}});
  expect_failure(Failure::kContent, "has no list \"routers\"");
}

TEST_F(ListReadTest, bad_second_page_costs_the_list) {
  cloud_.answer(kPath, {{200, page("a", "?marker=a")}, {200, R"({"routers": [{)"}});
  expect_failure(Failure::kContent, "is not JSON");
  cloud_.answer(kPath, {{200, page("a", "?marker=a")}, {500, ""}});
  expect_failure(Failure::kStatus, "status 500");
}

TEST_F(ListReadTest, answer_that_breaks_off_or_never_comes_is_none) {
  cloud_.answer(kPath, {{200, page("a"), "", 0ms, true}});
  expect_failure(Failure::kNoAnswer, "");
}

TEST_F(ListReadTest, answer_that_takes_too_long_is_none) {
  cloud_.answer(kPath, {{200, page("a")}, {200, page("a"), "", 2000ms}});
  read();  // so that there is a token
  Transfers::Limits limits;
  limits.total = 100ms;
  Transfers hasty{cloud_.config(), limits};
  expect_failure(read_through(hasty), Failure::kTimeout, "");
}

TEST_F(ListReadTest, links_that_lead_nowhere_end_it) {
  cloud_.answer(kPath, {{200, page("a", "?marker=a")}});  // the same link on each page
  expect_failure(Failure::kContent, "leads nowhere");
  cloud_.answer(kPath, {{200, page("a", "http://h/routers")}});
  expect_failure(Failure::kContent, "leads nowhere");
  cloud_.answer(kPath, {{200, page("a", "?marker=a\\r\\nX-Evil: 1")}});
  expect_failure(Failure::kContent, "leads nowhere");
}

TEST_F(ListReadTest, pages_and_items_are_bounded) {
  cloud_.answer(kPath, {{200, page("a", "?marker=a")}, {200, page("b", "?marker=b")}, {200, page("c")}});
  EXPECT_EQ(read(CloudList::kRouters, {2, 100}).failure, Failure::kTooMany);
  cloud_.answer(kPath, {{200, page("a", "?marker=a")}, {200, page("b", "?marker=b")}, {200, page("c")}});
  EXPECT_EQ(read(CloudList::kRouters, {9, 2}).failure, Failure::kContent);
}

TEST_F(ListReadTest, pages_are_enough_for_the_items_of_each_list) {
  const ListRead::Limits limits;
  for (const ListSpec& spec : all_lists())
    EXPECT_TRUE(spec.page_size == 0 || limits.pages * spec.page_size >= limits.items) << spec.name;
}

TEST_F(ListReadTest, part_of_a_list_is_none) {
  cloud_.answer("/identity/v3/users", {{200, R"({"users": [{"enabled": true}], "truncated": true})"}});
  EXPECT_EQ(read(CloudList::kUsers).failure, Failure::kTooMany);
}

TEST_F(ListReadTest, token_that_does_not_see_all_asks_nothing_that_would_be_cut) {
  cloud_.give_tokens("reader");
  expect_failure(Failure::kScope, "all projects");
  EXPECT_EQ(cloud_.count(kPath), 0);
  cloud_.answer("/identity/v3/users", {{200, R"({"users": []})"}});
  EXPECT_EQ(read(CloudList::kUsers).failure, Failure::kNone);
}

// ---- More of each item -------------------------------------------------------------------------------------

constexpr char kProviders[] = "/placement/resource_providers";

std::string provider(const std::string& id, const std::string& document) {
  return std::string{kProviders} + "/" + id + "/" + document;
}

class DetailsTest : public ListReadTest {
 protected:
  DetailsTest() {
    cloud_.answer(kProviders, {{200, R"({"resource_providers": [{"uuid": "a"}, {"uuid": "b"}]})"}});
    for (const char* id : {"a", "b"}) {
      cloud_.answer(provider(id, "inventories"), {{200, R"({"inventories": {"VCPU": {"total": 4, "step_size": 1}}})"}});
      cloud_.answer(provider(id, "usages"), {{200, R"({"resource_provider_generation": 7, "usages": {"VCPU": 3}})"}});
    }
  }
};

TEST_F(DetailsTest, documents_of_each_item_are_added_to_it) {
  const ListResult result = read(CloudList::kResourceProviders);
  ASSERT_THAT(result.items, Pointee(SizeIs(2)));
  for (const Stats& item : *result.items) {
    EXPECT_EQ(item.number("inventories.VCPU.total"), 4);
    EXPECT_EQ(item.number("usages.VCPU"), 3);
    EXPECT_EQ(item.number("inventories.VCPU.step_size"), std::nullopt) << "nobody asked for it";
  }
  EXPECT_EQ(cloud_.calls(kProviders).at(0).headers.at("openstack-api-version"), "placement 1.30");
}

TEST_F(DetailsTest, item_that_is_deleted_meanwhile_is_not_there) {
  cloud_.answer(provider("a", "usages"), {{404, ""}});
  const ListResult result = read(CloudList::kResourceProviders);
  ASSERT_THAT(result.items, Pointee(SizeIs(1)));
  EXPECT_EQ(result.items->front().text("uuid"), "b");
  EXPECT_EQ(result.items->front().number("usages.VCPU"), 3);
}

TEST_F(DetailsTest, document_that_fails_costs_the_list) {
  cloud_.answer(provider("b", "inventories"), {{500, ""}});
  EXPECT_EQ(read(CloudList::kResourceProviders).failure, Failure::kStatus);
  cloud_.answer(provider("b", "inventories"), {{200, "<html>"}});
  EXPECT_EQ(read(CloudList::kResourceProviders).failure, Failure::kContent);
}

TEST_F(DetailsTest, refused_document_is_asked_for_again_with_a_new_token) {
  cloud_.answer(provider("b", "inventories"), {{401, ""}, {200, R"({"inventories": {"VCPU": {"total": 8}}})"}});
  const ListResult result = read(CloudList::kResourceProviders);
  ASSERT_THAT(result.items, Pointee(SizeIs(2)));
  EXPECT_EQ(result.items->back().number("inventories.VCPU.total"), 8);
  EXPECT_EQ(cloud_.count(kProviders), 1);
  EXPECT_EQ(cloud_.count("/identity/v3/auth/tokens"), 2);
}

TEST_F(DetailsTest, id_that_leads_elsewhere_is_not_followed) {
  cloud_.answer(kProviders, {{200, R"({"resource_providers": [{"uuid": "../../identity/v3/users?x="}]})"}});
  EXPECT_EQ(read(CloudList::kResourceProviders).failure, Failure::kContent);
}

TEST_F(ListReadTest, without_a_token_there_is_no_list) {
  cloud_.answer("/identity/v3/auth/tokens", {{500, ""}});
  expect_failure(Failure::kLogin, "");
}

TEST_F(ListReadTest, microversion_is_the_newest_that_both_know_and_asked_for_once) {
  cloud_.answer(kServers, {{200, R"({"servers": []})"}});
  read(CloudList::kServers);
  read(CloudList::kServers);
  EXPECT_EQ(cloud_.calls(kServers).at(1).headers.at("openstack-api-version"), "compute 2.87");
  EXPECT_EQ(cloud_.count("/compute/v2.1/"), 1);
}

TEST_F(ListReadTest, microversion_may_stand_in_a_list_of_versions) {
  cloud_.answer("/volume/v3/os-services", {{200, R"({"services": []})"}});
  EXPECT_EQ(read(CloudList::kVolumeServices).failure, Failure::kNone);
  EXPECT_EQ(cloud_.calls("/volume/v3/os-services").at(0).headers.at("openstack-api-version"), "volume 3.48");
}

TEST_F(ListReadTest, link_to_the_next_page_may_be_a_path) {
  cloud_.answer("/image/v2/images", {{200, R"({"images": [{"id": "a"}], "next": "/v2/images?limit=1000&marker=a"})"},
                                     {200, R"({"images": [{"id": "b"}], "first": "/v2/images"})"}});
  EXPECT_THAT(read(CloudList::kImages).items, Pointee(SizeIs(2)));
  EXPECT_EQ(cloud_.calls("/image/v2/images").at(1).query, "limit=1000&marker=a");
}

TEST_F(ListReadTest, old_cloud_is_asked_in_its_own_version) {
  cloud_.answer("/compute/v2.1/", {{200, R"({"version": {"version": "2.38"}})"}});
  cloud_.answer(kServers, {{200, R"({"servers": []})"}});
  EXPECT_EQ(read(CloudList::kServers).failure, Failure::kNone);
  EXPECT_EQ(cloud_.calls(kServers).at(0).headers.at("openstack-api-version"), "compute 2.38");
  const ListResult usage = read(CloudList::kUsage);
  EXPECT_EQ(usage.failure, Failure::kAbsent);
  EXPECT_EQ(usage.detail, "the API has no microversion 2.40");
}

TEST_F(ListReadTest, services_without_microversions_get_no_header_of_them) {
  cloud_.answer(kPath, {{200, page("a")}});
  read();
  EXPECT_EQ(cloud_.calls(kPath).at(0).headers.count("openstack-api-version"), 0);
}

}  // namespace
}  // namespace virt
