// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/http_server.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <future>
#include <iostream>
#include <optional>
#include <stdexcept>

#include "exporter/http/http_check.h"
#include "exporter/http/web_access.h"
#include "tests/support/captured_log.h"
#include "tests/support/counted.h"
#include "tests/support/http_client.h"
#include "tests/support/ipv6.h"
#include "tests/support/temporary_directory.h"

namespace virt {
namespace {

using namespace std::chrono_literals;
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;
using testing::ThrowsMessage;

constexpr char kAnyPort[] = "127.0.0.1:0";

HttpHandler says(const std::string& text) {
  return [text](const HttpRequest&, HttpResponse& response) { response.say(200, text); };
}

// Answers with what it was asked.
void echo(const HttpRequest& request, HttpResponse& response) {
  response.begin(200, "text/plain", {{"X-Path", request.path}});
  for (const auto& [name, value] : request.query) response.write(name + "=" + value + "\n");
  response.write(std::string{request.header("x-given")});
}

HttpServer serving(HttpHandler handler) { return HttpServer{kAnyPort, {{"/", std::move(handler)}}}; }

class HttpServerTest : public testing::Test {
 protected:
  HttpReply query(const std::string& text) { return get(server.port(), "/echo?" + text); }
  int status(const std::string& target) { return get(server.port(), target).status; }

  HttpServer server{kAnyPort, {{"/metrics", says("some text")}, {"/echo", echo}}};
};

TEST_F(HttpServerTest, get_has_status_type_and_body) {
  const HttpReply reply = get(server.port(), "/metrics");
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.headers.at("content-type"), "text/plain; charset=utf-8");
  EXPECT_EQ(reply.headers.at("connection"), "close");
  EXPECT_EQ(reply.body, "some text\n");
}

TEST_F(HttpServerTest, head_is_get_without_a_body) {
  for (const std::string version : {"1.0", "1.1"}) {
    const std::string end = " /metrics HTTP/" + version + "\r\n\r\n";
    const std::string with_body = round_trip(server.port(), "GET" + end);
    EXPECT_EQ(round_trip(server.port(), "HEAD" + end), with_body.substr(0, with_body.find("\r\n\r\n") + 4));
  }
}

TEST_F(HttpServerTest, http_1_1_gets_chunks_and_http_1_0_does_not) {
  const HttpReply chunked = get(server.port(), "/echo?a=1&b=2");
  EXPECT_EQ(chunked.headers.at("transfer-encoding"), "chunked");
  EXPECT_TRUE(chunked.complete);
  EXPECT_EQ(chunked.body, "a=1\nb=2\n");
  const HttpReply plain = http(server.port(), "GET", "/echo?a=1&b=2", "", "1.0");
  EXPECT_EQ(plain.headers.count("transfer-encoding"), 0);
  EXPECT_EQ(plain.body, "a=1\nb=2\n");
}

TEST_F(HttpServerTest, only_the_exact_path_is_found) {
  for (const char* target :
       {"/metricsfoo", "/metrics/", "/metrics/foo", "/Metrics", "/", "/metric", "/echo/../nothing"})
    EXPECT_EQ(status(target), 404) << target;
}

TEST_F(HttpServerTest, path_is_decoded_and_its_dots_resolved) {
  for (const char* target : {"/%6detrics", "/metrics?", "/echo/../metrics", "/../../metrics", "/%2e%2e/metrics"})
    EXPECT_EQ(status(target), 200) << target;
  EXPECT_EQ(get(server.port(), "/x/../%65cho").headers.at("x-path"), "/echo");
}

TEST_F(HttpServerTest, target_may_name_any_host_and_port) {
  const std::string own = ":" + std::to_string(server.port());
  for (const std::string& authority :
       {"http://127.0.0.1" + own, "http://example.org" + own, std::string{"http://example.org"},
        std::string{"http://example.org:1"}, std::string{"HTTPS://example.org:65535"}, std::string{"http://[::1]:9177"},
        "http://user@[::1]" + own}) {
    EXPECT_EQ(status(authority + "/metrics"), 200) << authority;
    EXPECT_EQ(get(server.port(), authority + "/echo?a=b:c&d=http://e/f").body, "a=b:c\nd=http://e/f\n") << authority;
    for (const char* target : {"/metricsfoo", "/", "", "/metrics/", "?/metrics"})
      EXPECT_EQ(status(authority + target), 404) << authority << target;
  }
  EXPECT_EQ(status("http:/metrics"), 400);
  EXPECT_EQ(status("ftp://example.org/metrics"), 400);
  EXPECT_EQ(status("*"), 404);
  EXPECT_EQ(round_trip(server.port(), "GET http://example.org/metrics HTTP/9.9\r\n\r\n").substr(0, 12), "HTTP/9.9 505");
}

TEST_F(HttpServerTest, other_methods_are_refused_with_those_that_are_allowed) {
  for (const char* method : {"POST", "PUT", "DELETE", "OPTIONS", "PATCH"}) {
    const HttpReply reply = http(server.port(), method, "/metrics");
    EXPECT_EQ(reply.status, 405) << method;
    EXPECT_EQ(reply.headers.at("allow"), "GET, HEAD") << method;
  }
  EXPECT_EQ(http(server.port(), "POST", "/metrics", "Content-Length: 5\r\n\r\nhello").status, 405);
}

TEST_F(HttpServerTest, garbage_is_answered_and_the_next_request_is_served) {
  EXPECT_THAT(round_trip(server.port(), "garbage\r\n\r\n"), HasSubstr(" 400 "));
  EXPECT_THAT(round_trip(server.port(), "GET /metrics HTTP/1.1\r\nX: " + std::string(40'000, 'a') + "\r\n\r\n"),
              HasSubstr(" 400 "));
  EXPECT_EQ(status("/metrics"), 200);
}

TEST_F(HttpServerTest, query_is_decoded_in_its_order) {
  EXPECT_EQ(query("pollster%5B%5D=compute.disk&pollster[]=a%20b+c").body,
            "pollster[]=compute.disk\npollster[]=a b c\n");
  EXPECT_EQ(query("a=b=c%26d&&=e&f&g=").body, "a=b=c&d\n=e\nf=\ng=\n");
  EXPECT_EQ(query("").body, "");
}

TEST_F(HttpServerTest, header_is_found_whatever_its_case) {
  EXPECT_EQ(get(server.port(), "/echo", "X-GIVEN: some Value\r\n").body, "some Value");
  EXPECT_EQ(get(server.port(), "/echo").body, "");
}

TEST_F(HttpServerTest, query_is_taken_apart_whatever_it_holds) {
  using Parameters = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(parse_query("a=1&b"), (Parameters{{"a", "1"}, {"b", ""}}));
  EXPECT_EQ(parse_query("%"), (Parameters{{"%", ""}}));
  EXPECT_EQ(parse_query("a=%zz&%00=%"), (Parameters{{"a", "%zz"}, {std::string(1, '\0'), "%"}}));
}

class GuardedHttpServerTest : public testing::Test {
 protected:
  void configure(const std::string& text) { directory.write("web.yml", text); }
  HttpReply ask(const std::string& target, const std::string& headers = "") {
    if (!server)
      server.emplace(kAnyPort, std::map<std::string, HttpHandler>{{"/metrics", says("some text")}},
                     std::make_unique<WebAccess>(directory.path("web.yml")));
    return get(server->port(), target, headers);
  }

  static constexpr char kUsers[] =
      "basic_auth_users:\n  alice: $2y$04$hCi/O6ucQIbN5vYpVCaViObXNo2QI44iuscnHZo0eFDp/ZX0QSH5a\n";
  static constexpr char kAlice[] = "Authorization: Basic YWxpY2U6c2VjcmV0\r\n";

  const CapturedLog log;
  const TemporaryDirectory directory;
  std::optional<HttpServer> server;
};

TEST_F(GuardedHttpServerTest, without_the_password_nothing_is_told) {
  configure(kUsers);
  for (const char* target : {"/metrics", "/nothing", "/"})
    for (const char* headers : {"", "Authorization: Basic YWxpY2U6U2VjcmV0\r\n", "Authorization: Bearer secret\r\n"}) {
      const HttpReply reply = ask(target, headers);
      EXPECT_EQ(reply.status, 401) << target << headers;
      EXPECT_EQ(reply.headers.at("www-authenticate"), "Basic realm=\"virt_exporter\", charset=\"UTF-8\"");
      EXPECT_EQ(reply.body, "unauthorized\n");
    }
}

TEST_F(GuardedHttpServerTest, no_form_of_a_target_passes_without_the_password) {
  configure(kUsers);
  for (const char* target : {"http://example.org/metrics", "http://example.org:1/metrics", "http://[::1]/metrics"}) {
    EXPECT_EQ(ask(target).status, 401) << target;
    EXPECT_EQ(ask(target, kAlice).status, 200) << target;
  }
}

TEST_F(GuardedHttpServerTest, with_the_password_all_is_as_usual) {
  configure(kUsers);
  EXPECT_EQ(ask("/metrics", kAlice).body, "some text\n");
  EXPECT_EQ(ask("/nothing", kAlice).status, 404);
}

TEST_F(GuardedHttpServerTest, headers_go_with_every_answer_once) {
  configure(std::string{kUsers} +
            "http_server_config: {headers: {X-Frame-Options: deny, X-Content-Type-Options: nosniff}}\n");
  for (const HttpReply& reply : {ask("/metrics", kAlice), ask("/nothing", kAlice), ask("/metrics")}) {
    EXPECT_EQ(reply.headers.at("x-frame-options"), "deny") << reply.status;
    EXPECT_EQ(reply.headers.at("x-content-type-options"), "nosniff") << reply.status;
  }
  const std::string text = round_trip(server->port(), "GET /metrics HTTP/1.0\r\n\r\n");
  EXPECT_EQ(text.find("X-Content-Type-Options"), text.rfind("X-Content-Type-Options"));
}

TEST_F(GuardedHttpServerTest, requests_above_the_limit_are_refused) {
  configure("rate_limit: {interval: 1h, burst: 2}\n");
  EXPECT_EQ(ask("/metrics").status, 200);
  EXPECT_EQ(ask("/metrics").status, 200);
  EXPECT_EQ(ask("/metrics").status, 429);
}

TEST_F(GuardedHttpServerTest, watchdogs_own_requests_take_nothing_of_the_limit) {
  configure(std::string{kUsers} + "rate_limit: {interval: 1h, burst: 2}\n");
  EXPECT_EQ(ask("/metrics", kAlice).status, 200);
  const ListenAddress address = server->addresses().front();
  for (int i = 0; i < 5; ++i) EXPECT_TRUE(http_answers(address, std::chrono::steady_clock::now() + 20s));
  EXPECT_EQ(ask("/metrics", kAlice).status, 200);
  EXPECT_EQ(ask("/metrics", std::string{kAlice} + "X-Self-Check: guessed\r\n").status, 429);
}

TEST_F(GuardedHttpServerTest, watchdogs_own_requests_need_the_password_like_all) {
  configure(kUsers);
  EXPECT_EQ(ask("/metrics", "X-Self-Check: " + self_check_token() + "\r\n").status, 401);
}

TEST_F(GuardedHttpServerTest, change_of_the_configuration_counts_for_the_next_request) {
  configure("# for all\n");
  EXPECT_EQ(ask("/metrics").status, 200);
  configure(kUsers);
  EXPECT_EQ(ask("/metrics").status, 401);
}

TEST(HttpServer, large_answer_arrives_whole) {
  const HttpServer server = serving([piece = std::string(100'000, 'x')](const HttpRequest&, HttpResponse& response) {
    response.begin(200, "text/plain");
    for (int i = 0; i < 100; ++i) response.write(piece);
  });
  EXPECT_EQ(get(server.port(), "/").body.size(), 10'000'000);
  EXPECT_EQ(http(server.port(), "GET", "/", "", "1.0").body.size(), 10'000'000);
}

HttpHandler pieces_of(std::size_t size) {
  return [size](const HttpRequest&, HttpResponse& response) {
    response.begin(200, "text/plain");
    for (const char letter : {'a', 'b', 'c'}) {
      std::string memory(Piece::kMargin + size, letter);
      response.write(Piece{memory.data() + Piece::kMargin, size});
    }
  };
}

TEST(HttpServer, pieces_arrive_whole_and_each_is_a_chunk) {
  const HttpServer server = serving(pieces_of(5));
  EXPECT_EQ(get(server.port(), "/").body, "aaaaabbbbbccccc");
  EXPECT_EQ(http(server.port(), "GET", "/", "", "1.0").body, "aaaaabbbbbccccc");
  EXPECT_THAT(round_trip(server.port(), "GET / HTTP/1.1\r\n\r\n"),
              EndsWith("\r\n\r\n5\r\naaaaa\r\n5\r\nbbbbb\r\n5\r\nccccc\r\n0\r\n\r\n"));
}

TEST(HttpServer, pieces_that_are_empty_are_none) { EXPECT_EQ(get(serving(pieces_of(0)).port(), "/").body, ""); }

// With more to read than anybody reads in that time.
TEST(HttpServer, answer_that_takes_too_long_breaks_off) {
  HttpLimits limits;
  limits.answer = 50ms;
  const auto endless = [piece = std::string(100'000, 'x')](const HttpRequest&, HttpResponse& response) {
    response.begin(200, "text/plain");
    for (int i = 0; i < 100'000; ++i) response.write(piece);
  };
  const HttpServer server{kAnyPort, {{"/", endless}}, nullptr, limits};
  for (const char* version : {"1.0", "1.1"})
    EXPECT_FALSE(http(server.port(), "GET", "/", "", version).complete) << version;
}

// Its first write goes out in part.
TEST(HttpServer, client_that_stalls_and_reads_on_gets_no_answer_with_a_gap) {
  HttpLimits limits;
  limits.request = 200ms;
  for (const std::string version : {"1.0", "1.1"}) {
    std::promise<void> stalled;
    const auto large = [&, piece = std::string(20'000'000, 'x')](const HttpRequest&, HttpResponse& response) {
      response.begin(200, "text/plain");
      response.write(piece);
      stalled.set_value();
      response.write("the end");
    };
    const HttpServer server{kAnyPort, {{"/", large}}, nullptr, limits};
    Socket client{server.port()};
    const int size = 4096;
    setsockopt(client.descriptor(), SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
    client.send("GET / HTTP/" + version + "\r\n\r\n");
    stalled.get_future().wait();
    const std::string bytes = client.receive();
    EXPECT_THAT(bytes, Not(HasSubstr("the end"))) << version;
    EXPECT_LT(bytes.size(), 20'000'000) << version;
    EXPECT_TRUE(client.was_reset()) << version;
  }
}

TEST(HttpServer, clients_that_say_nothing_give_their_connections_back) {
  HttpLimits limits;
  limits.connections = 2;
  limits.request = 200ms;
  const HttpServer server{kAnyPort, {{"/", says("some text")}}, nullptr, limits};
  const Socket silent[] = {Socket{server.port()}, Socket{server.port()}, Socket{server.port()}, Socket{server.port()}};
  EXPECT_EQ(get(server.port(), "/").status, 200);
}

// CivetWeb's threads have 100 KiB.
TEST(HttpServer, handler_has_room_on_its_stack) {
  std::atomic<std::size_t> size = 0;
  const HttpServer server = serving([&](const HttpRequest&, HttpResponse& response) {
    pthread_attr_t attributes;
    std::size_t of_this_thread = 0;
    pthread_getattr_np(pthread_self(), &attributes);
    pthread_attr_getstacksize(&attributes, &of_this_thread);
    pthread_attr_destroy(&attributes);
    size = of_this_thread;
    response.say(200, "");
  });
  get(server.port(), "/");
  EXPECT_GE(size.load(), 1024u * 1024);
}

TEST(HttpServer, exception_is_a_500_that_tells_nothing_and_the_log_tells_all) {
  const CapturedLog log;
  HttpServer server = serving([](const HttpRequest&, HttpResponse&) { throw std::runtime_error("secret"); });
  const HttpReply reply = get(server.port(), "/");
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.body, "internal error\n");
  EXPECT_EQ(get(server.port(), "/").status, 500);
  server.stop();
  EXPECT_THAT(log.text(), StartsWith("error request failed: secret\n"));
}

TEST(HttpServer, exception_before_anything_was_sent_is_a_500_as_well) {
  const CapturedLog log;
  const HttpServer server = serving([](const HttpRequest&, HttpResponse& response) {
    response.begin(200, "text/plain");
    throw std::runtime_error("failed");
  });
  const HttpReply reply = get(server.port(), "/");
  EXPECT_EQ(reply.status, 500);
  EXPECT_EQ(reply.body, "internal error\n");
}

TEST(HttpServer, requests_count_for_their_page_and_code) {
  const CapturedLog log;
  const TemporaryDirectory directory;
  const std::string config = directory.write(
      "web.yml", "basic_auth_users:\n  alice: $2y$04$hCi/O6ucQIbN5vYpVCaViObXNo2QI44iuscnHZo0eFDp/ZX0QSH5a\n");
  const auto fails = [](const HttpRequest&, HttpResponse&) { throw std::runtime_error("failed"); };
  const Instruments closed, open;
  {
    const HttpServer server{
        kAnyPort, {{"/metrics", says("")}}, std::make_unique<WebAccess>(config), {}, HttpInstruments{closed}};
    for (const char* target : {"/metrics", "/nothing"}) EXPECT_EQ(get(server.port(), target).status, 401);
  }
  {
    const HttpServer server{kAnyPort, {{"/metrics", fails}, {"/", says("")}}, nullptr, {}, HttpInstruments{open}};
    get(server.port(), "/metrics");
    get(server.port(), "/?a=b");
    get(server.port(), "/nothing");
    http(server.port(), "POST", "/");
    round_trip(server.port(), "nonsense\r\n\r\n");
  }
  EXPECT_THAT(counted(closed), HasSubstr("virt_exporter_http_requests_total{code=\"401\",handler=\"/metrics\"} 1\n"
                                         "virt_exporter_http_requests_total{code=\"401\",handler=\"none\"} 1\n"));
  EXPECT_THAT(counted(open), HasSubstr("virt_exporter_http_requests_total{code=\"200\",handler=\"/\"} 1\n"
                                       "virt_exporter_http_requests_total{code=\"400\",handler=\"none\"} 1\n"
                                       "virt_exporter_http_requests_total{code=\"404\",handler=\"none\"} 1\n"
                                       "virt_exporter_http_requests_total{code=\"405\",handler=\"/\"} 1\n"
                                       "virt_exporter_http_requests_total{code=\"500\",handler=\"/metrics\"} 1\n"));
  EXPECT_THAT(counted(open), HasSubstr("virt_exporter_http_request_duration_seconds_count{handler=\"/\"} 2\n"));
}

// Prometheus must not take a part for the whole.
TEST(HttpServer, exception_in_the_middle_of_an_answer_leaves_it_incomplete) {
  const CapturedLog log;
  const HttpServer server = serving([](const HttpRequest&, HttpResponse& response) {
    response.begin(200, "text/plain");
    response.write("half of it");
    throw std::runtime_error("failed");
  });
  for (const char* version : {"1.0", "1.1"}) {
    const HttpReply reply = http(server.port(), "GET", "/", "", version);
    EXPECT_EQ(reply.body, "half of it") << version;
    EXPECT_FALSE(reply.complete) << version;
  }
}

// Of a user who may have no more threads.
TEST(HttpServerDeathTest, lack_of_threads_refuses_a_request_and_no_more) {
  const auto serve = [] {
    const HttpServer server = serving(says("some text"));
    constexpr uid_t kNobody = 65534;
    const rlimit none{1, 1};
    if (setrlimit(RLIMIT_NPROC, &none) != 0 || setuid(kNobody) != 0) std::cerr << "this test needs root\n";
    std::cerr << get(server.port(), "/").status << ' ' << get(server.port(), "/").body;
    std::_Exit(0);
  };
  EXPECT_EXIT(serve(), testing::ExitedWithCode(0), testing::StrEq("503 out of threads\n"));
}

// The answer is too large for the sockets to hold it, so what is cut off would be missed.
TEST(HttpServer, stop_waits_for_the_answer_under_way_and_refuses_new_ones) {
  std::promise<void> entered, released;
  const auto slow = [&, piece = std::string(1'000'000, 'x')](const HttpRequest&, HttpResponse& response) {
    response.begin(200, "text/plain");
    entered.set_value();
    released.get_future().wait();
    for (int i = 0; i < 20; ++i) response.write(piece);
  };
  HttpServer server{kAnyPort, {{"/slow", slow}, {"/quick", says("quick")}}};
  const int port = server.port();
  auto answer = std::async(std::launch::async, [&] { return get(port, "/slow"); });
  entered.get_future().wait();
  auto stopped = std::async(std::launch::async, [&] { server.stop(); });
  HttpReply refused = get(port, "/quick");
  for (const auto start = std::chrono::steady_clock::now();
       refused.status == 200 && std::chrono::steady_clock::now() < start + 30s;)
    refused = get(port, "/quick");
  EXPECT_EQ(refused.status, 503);
  EXPECT_EQ(refused.body, "shutting down\n");
  EXPECT_EQ(stopped.wait_for(100ms), std::future_status::timeout);
  released.set_value();
  EXPECT_EQ(answer.get().body.size(), 20'000'000);
  stopped.get();
  EXPECT_THROW(get(port, "/quick"), std::runtime_error);
}

TEST(HttpServer, stop_cuts_off_what_takes_longer_than_its_patience) {
  std::promise<void> begun;
  const auto large = [&, piece = std::string(20'000'000, 'x')](const HttpRequest&, HttpResponse& response) {
    response.begin(200, "text/plain");
    begun.set_value();
    response.write(piece);
  };
  HttpServer server = serving(large);
  Socket client{server.port()};
  client.send("GET / HTTP/1.0\r\n\r\n");
  begun.get_future().wait();
  const auto start = std::chrono::steady_clock::now();
  server.stop(100ms);
  EXPECT_LT(std::chrono::steady_clock::now() - start, 1s);
  client.receive();
  EXPECT_TRUE(client.was_reset());
}

TEST(HttpServer, stop_leaves_a_handler_that_hangs_to_the_destructor) {
  std::promise<void> entered, released;
  auto server = std::make_unique<HttpServer>(
      kAnyPort, std::map<std::string, HttpHandler>{{"/", [&](const HttpRequest&, HttpResponse&) {
                                                      entered.set_value();
                                                      released.get_future().wait();
                                                    }}});
  const Socket client{server->port()};
  client.send("GET / HTTP/1.0\r\n\r\n");
  entered.get_future().wait();
  server->stop(1ms);
  auto destroyed = std::async(std::launch::async, [&] { server.reset(); });
  EXPECT_EQ(destroyed.wait_for(50ms), std::future_status::timeout);
  released.set_value();
}

TEST(HttpServer, stop_does_not_wait_for_clients_that_never_ask) {
  HttpServer server = serving(says("some text"));
  Socket client{server.port()};
  const auto start = std::chrono::steady_clock::now();
  server.stop();
  EXPECT_LT(std::chrono::steady_clock::now() - start, 1s);
  EXPECT_EQ(client.receive(), "");
}

TEST(HttpServer, stop_is_quick_when_idle) {
  for (const char* address :
       {":0", "0.0.0.0:0", "127.0.0.1:0", "localhost:0", "127.0.0.2:0", "127.0.0.1:0,127.0.0.2:0"})
    for (int i = 0; i < 3; ++i) {
      HttpServer server{address, {}};
      const auto start = std::chrono::steady_clock::now();
      server.stop();
      EXPECT_LT(std::chrono::steady_clock::now() - start, 1s) << address;
    }
}

TEST(HttpServer, port_in_use_is_said) {
  HttpServer first{kAnyPort, {}};
  const std::string address = "127.0.0.1:" + std::to_string(first.port());
  EXPECT_THAT([&] { HttpServer(address, {}); },
              ThrowsMessage<std::runtime_error>("--listen_address: cannot listen on " + address +
                                                ": 98 (Address already in use)"));
}

TEST(HttpServer, address_of_another_host_is_said) {
  EXPECT_THAT([] { HttpServer("192.0.2.1:9177", {}); },
              ThrowsMessage<std::runtime_error>(HasSubstr("Cannot assign requested address")));
}

TEST(HttpServer, text_that_is_no_address_is_refused_with_an_example) {
  EXPECT_THAT([&] { HttpServer("127.0.0.1:0,9177", {}); },
              ThrowsMessage<std::invalid_argument>("--listen_address: '9177' is not a HOST:PORT; try 0.0.0.0:9177"));
}

TEST(HttpServer, every_address_of_a_list_has_its_own_free_port) {
  const HttpServer server{"127.0.0.1:0,127.0.0.2:0,127.0.0.1:0", {{"/", says("some text")}}};
  const auto& addresses = server.addresses();
  ASSERT_EQ(addresses.size(), 3);
  EXPECT_NE(addresses[0].port, addresses[2].port);
  for (const ListenAddress& address : addresses) {
    EXPECT_GT(address.port, 0);
    EXPECT_EQ(get_at(address.host, address.port, "/").body, "some text\n") << address.text();
  }
}

TEST(HttpServer, address_of_a_list_that_cannot_be_had_is_named_and_none_is_served) {
  const HttpServer first{kAnyPort, {}};
  const std::string taken = first.addresses().front().text();
  EXPECT_THAT([&] { HttpServer("127.0.0.2:0," + taken + ",127.0.0.3:0", {}); },
              ThrowsMessage<std::runtime_error>("--listen_address: cannot listen on " + taken +
                                                ": 98 (Address already in use)"));
}

TEST(HttpServer, stop_ends_listening_on_every_address) {
  HttpServer server{"127.0.0.1:0,127.0.0.2:0", {}};
  server.stop();
  for (const ListenAddress& address : server.addresses())
    EXPECT_THROW(get_at(address.host, address.port, "/"), std::runtime_error) << address.text();
}

// Where IPv6 cannot be served, each of these lists is refused with what is missing.
class Ipv6Test : public testing::Test {
 protected:
  // Null where the list is refused, as it has to be without IPv6.
  static std::unique_ptr<HttpServer> serve(const std::string& list, HttpHandler handler = says("some text")) {
    if (can_serve_ipv6()) return std::make_unique<HttpServer>(list, std::map<std::string, HttpHandler>{{"/", handler}});
    const char* const reason = civetweb_has_ipv6() ? "needs IPv6, but this machine has it switched off"
                                                   : "needs IPv6, but this program's CivetWeb was built without it";
    EXPECT_THAT([&] { HttpServer(list, {}); }, ThrowsMessage<std::invalid_argument>(HasSubstr(reason))) << list;
    return nullptr;
  }

  static std::string body_at(const std::string& host, int port) { return get_at(host, port, "/").body; }
};

TEST_F(Ipv6Test, address_in_brackets_is_served_alone) {
  const auto server = serve("[::1]:0");
  if (!server) return;
  EXPECT_EQ(server->addresses(), (std::vector<ListenAddress>{{"::1", server->addresses().at(0).port}}));
  EXPECT_EQ(body_at("::1", server->port()), "some text\n");
  EXPECT_THROW(body_at("127.0.0.1", server->port()), std::runtime_error);
}

TEST_F(Ipv6Test, unspecified_address_serves_both_families) {
  const auto server = serve("[::]:0");
  if (!server) return;
  for (const char* host : {"::1", "127.0.0.1", "127.0.0.2"})
    EXPECT_EQ(body_at(host, server->port()), "some text\n") << host;
}

TEST_F(Ipv6Test, no_host_serves_all_families_that_there_are) {
  const HttpServer server{":0", {{"/", says("some text")}}};
  EXPECT_EQ(server.addresses().front().host, can_serve_ipv6() ? "::" : "0.0.0.0");
  EXPECT_EQ(body_at("127.0.0.1", server.port()), "some text\n");
  if (can_serve_ipv6()) {
    EXPECT_EQ(body_at("::1", server.port()), "some text\n");
  }
}

TEST_F(Ipv6Test, unspecified_addresses_of_both_families_share_a_port) {
  int port = 0;
  { port = HttpServer{":0", {}}.port(); }
  const std::string number = std::to_string(port);
  for (const std::string& list : {"0.0.0.0:" + number + ",[::]:" + number, "[::]:" + number + ",127.0.0.1:" + number}) {
    const auto server = serve(list);
    if (!server) continue;
    EXPECT_EQ(server->addresses().size(), 2);
    for (const char* host : {"::1", "127.0.0.1"}) EXPECT_EQ(body_at(host, port), "some text\n") << list << ' ' << host;
  }
}

TEST_F(Ipv6Test, link_local_address_is_served_by_its_zone) {
  const std::string link_local = link_local_address();
  if (link_local.empty()) {
    if (!can_serve_ipv6()) return void(serve("[fe80::1%lo]:0"));
    EXPECT_THAT([] { HttpServer("[fe80::1%lo]:0", {}); },
                ThrowsMessage<std::runtime_error>(HasSubstr("Cannot assign requested address")));
    return;
  }
  const auto server = serve("[" + link_local + "]:0");
  if (!server) return;
  EXPECT_EQ(body_at(link_local, server->port()), "some text\n");
}

TEST_F(Ipv6Test, port_in_use_is_said_with_the_address) {
  const auto first = serve("127.0.0.1:0,[::1]:0");
  if (!first) return;
  const std::string taken = first->addresses().at(1).text();
  EXPECT_THAT([&] { HttpServer("127.0.0.1:0," + taken, {}); },
              ThrowsMessage<std::runtime_error>("--listen_address: cannot listen on " + taken +
                                                ": 98 (Address already in use)"));
}

TEST_F(Ipv6Test, absolute_form_names_an_address_in_brackets) {
  const auto server = serve("[::1]:0");
  if (!server) return;
  const std::string own = "http://" + server->addresses().front().text();
  for (const std::string& target : {own + "/", std::string{"http://[::1]/"}, std::string{"http://[::1]:1/"}})
    EXPECT_EQ(get_at("::1", server->port(), target).body, "some text\n") << target;
}

// A client of the other family is one of an address such as ::ffff:127.0.0.1.
TEST_F(Ipv6Test, answer_that_is_cut_off_ends_with_a_reset_for_either_family) {
  const auto server = serve("[::]:0", [](const HttpRequest&, HttpResponse& response) {
    response.begin(200, "text/plain");
    response.write("begun\n");
    throw std::runtime_error("no more");
  });
  if (!server) return;
  for (const char* host : {"::1", "127.0.0.1"}) EXPECT_FALSE(get_at(host, server->port(), "/").complete) << host;
}

TEST_F(Ipv6Test, stop_is_quick_when_idle) {
  const auto server = serve("[::]:0,[::1]:0");
  if (!server) return;
  const auto start = std::chrono::steady_clock::now();
  server->stop();
  EXPECT_LT(std::chrono::steady_clock::now() - start, 1s);
  for (const ListenAddress& address : server->addresses())
    EXPECT_THROW(body_at("::1", address.port), std::runtime_error) << address.text();
}

}  // namespace
}  // namespace virt
