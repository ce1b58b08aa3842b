// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/transfers.h"

#include <gmock/gmock.h>

#include <atomic>
#include <thread>

#include "tests/support/api_server.h"

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

ApiRequest request(const std::string& url, Service service = Service::kNetwork, bool behind = false) {
  ApiRequest request;
  request.service = service;
  request.url = url;
  request.behind = behind;
  return request;
}

// Sends them all and gives the answers in the order in which they come.
std::vector<ApiResponse> answers(Transfers& transfers, const std::vector<ApiRequest>& requests) {
  std::vector<ApiResponse> responses;
  for (const ApiRequest& one : requests)
    transfers.send(one, [&](ApiResponse response) { responses.push_back(std::move(response)); });
  const auto end = std::chrono::steady_clock::now() + 20s;
  while (responses.size() < requests.size() && std::chrono::steady_clock::now() < end) transfers.run(end);
  return responses;
}

ApiResponse answer(const ApiRequest& one, Transfers::Limits limits = {}) {
  Transfers transfers{CloudConfig{}, limits};
  const auto all = answers(transfers, {one});
  return all.empty() ? ApiResponse{} : all[0];
}

// Tells how many requests are there at once.
struct Crowd {
  std::atomic<int> now{0}, most{0};
  ApiReply operator()(const ApiCall&) {
    most = std::max<int>(most, ++now);
    std::this_thread::sleep_for(50ms);
    --now;
    return {200, "{}"};
  }
};

TEST(Transfers, answer_has_status_body_and_headers) {
  const ApiServer server{[](const ApiCall&) {
    return ApiReply{503, "busy", "x-subject-token:  abc \r\nRetry-After: 7\r\n"};
  }};
  const ApiResponse response = answer(request(server.url() + "/x"));
  EXPECT_EQ(response.status, 503);
  EXPECT_EQ(response.body, "busy");
  EXPECT_EQ(response.token, "abc");
  EXPECT_EQ(response.retry_after, 7s);
}

TEST(Transfers, request_has_path_headers_and_body) {
  const ApiServer server{[](const ApiCall&) { return ApiReply{}; }};
  ApiRequest post = request(server.url() + "/a/b?c=d");
  post.headers = {"X-Auth-Token: t"};
  post.body = "{}";
  answer(post);
  const ApiCall call = server.calls().at(0);
  EXPECT_EQ(call.method + " " + call.path + "?" + call.query + " " + call.body, "POST /a/b?c=d {}");
  EXPECT_EQ(call.headers.at("x-auth-token"), "t");
  EXPECT_THAT(call.headers.at("user-agent"), HasSubstr("virt_exporter/"));
}

TEST(Transfers, server_that_is_not_there_is_an_error) {
  const ApiResponse response = answer(request("http://127.0.0.1:1/"));
  EXPECT_EQ(response.status, 0);
  EXPECT_FALSE(response.timed_out);
  EXPECT_NE(response.error, "");
}

TEST(Transfers, answer_that_takes_too_long_is_given_up) {
  const ApiServer server{[](const ApiCall&) { return ApiReply{200, "{}", "", 1500ms}; }};
  Transfers::Limits limits;
  limits.total = 100ms;
  EXPECT_TRUE(answer(request(server.url()), limits).timed_out);
}

TEST(Transfers, answer_that_breaks_off_or_is_too_large_is_an_error) {
  const ApiServer server{[](const ApiCall& call) { return ApiReply{200, "0123456789", "", 0ms, call.path == "/cut"}; }};
  Transfers::Limits limits;
  limits.bytes = 10;
  EXPECT_EQ(answer(request(server.url() + "/all"), limits).body, "0123456789");
  EXPECT_EQ(answer(request(server.url() + "/cut"), limits).status, 0);
  limits.bytes = 9;
  const ApiResponse response = answer(request(server.url() + "/all"), limits);
  EXPECT_EQ(response.error, "the answer is too large");
  EXPECT_EQ(response.body, "");
}

TEST(Transfers, redirection_is_not_followed) {
  const ApiServer server{[](const ApiCall&) { return ApiReply{302, "", "Location: http://127.0.0.1:1/\r\n"}; }};
  EXPECT_EQ(answer(request(server.url())).status, 302);
}

TEST(Transfers, service_gets_two_requests_at_once_and_all_get_four) {
  Crowd crowd;
  const ApiServer server{[&](const ApiCall& call) { return crowd(call); }};
  Transfers transfers{CloudConfig{}};
  answers(transfers, std::vector(6, request(server.url())));
  EXPECT_EQ(crowd.most, 2);
  std::vector<ApiRequest> mixed;
  for (int i = 0; i < 4; ++i)
    for (const Service service : {Service::kIdentity, Service::kNetwork, Service::kCompute})
      mixed.push_back(request(server.url(), service));
  answers(transfers, mixed);
  EXPECT_EQ(crowd.most, 4);
}

TEST(Transfers, services_that_hang_keep_no_other_one_waiting) {
  const ApiServer server{[](const ApiCall& call) {
    return call.path == "/quick" ? ApiReply{200, "quick"} : ApiReply{200, "slow", "", 3s};
  }};
  Transfers::Limits limits;
  limits.hanging = 100ms;
  Transfers transfers{CloudConfig{}, limits};
  std::vector<ApiRequest> requests;
  for (const Service service : {Service::kIdentity, Service::kIdentity, Service::kNetwork, Service::kNetwork})
    requests.push_back(request(server.url() + "/slow", service));
  requests.push_back(request(server.url() + "/quick", Service::kCompute));
  EXPECT_EQ(answers(transfers, requests).at(0).body, "quick");
}

TEST(Transfers, what_nobody_waits_for_leaves_room_and_goes_last) {
  Crowd crowd;
  const ApiServer server{[&](const ApiCall& call) { return crowd(call); }};
  Transfers transfers{CloudConfig{}};
  const std::string url = server.url();
  answers(transfers, std::vector(3, request(url + "/behind", Service::kNetwork, true)));
  EXPECT_EQ(crowd.most, 1);
  answers(transfers, {request(url + "/1", Service::kNetwork, true), request(url + "/2", Service::kNetwork, true),
                      request(url + "/3"), request(url + "/4")});
  EXPECT_EQ(server.calls().back().path, "/2");
}

TEST(Transfers, requests_are_counted_by_what_they_end_with) {
  const ApiServer server{[](const ApiCall& call) { return ApiReply{call.path == "/no" ? 403 : 200, "{}"}; }};
  Transfers transfers{CloudConfig{}};
  answers(transfers, {request(server.url()), request(server.url() + "/no"), request(server.url()),
                      request("http://127.0.0.1:1/", Service::kCompute)});
  EXPECT_THAT(transfers.counts(),
              ElementsAre(Pair(Pair(Service::kNetwork, "200"), 2), Pair(Pair(Service::kNetwork, "403"), 1),
                          Pair(Pair(Service::kCompute, "error"), 1)));
}

TEST(Transfers, request_that_cannot_be_sent_ends_at_once) {
  const auto begun = std::chrono::steady_clock::now();
  const ApiResponse response = answer(request("http://127.0.0.1:1/" + std::string(9000000, 'a')));
  EXPECT_EQ(response.status, 0);
  EXPECT_NE(response.error, "");
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
}

TEST(Transfers, wake_ends_the_wait) {
  Transfers transfers{CloudConfig{}};
  std::thread waker{[&] { transfers.wake(); }};
  const auto begun = std::chrono::steady_clock::now();
  transfers.run(begun + 20s);
  waker.join();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, 10s);
}

TEST(Transfers, certificates_that_cannot_be_read_are_an_error) {
  CloudConfig config;
  config.ca_file = "/nowhere/ca.pem";
  Transfers transfers{config};
  const auto all = answers(transfers, {request("https://127.0.0.1:1/")});
  EXPECT_EQ(all.at(0).status, 0);
}

}  // namespace
}  // namespace virt
