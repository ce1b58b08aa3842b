// SPDX-License-Identifier: Apache-2.0
// What the server sends; what the browser makes of it is tests/lab/test_status_page.py's.
#include "exporter/http/status_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>

#include "tests/support/http_client.h"

namespace virt {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

class StatusPage {
 public:
  explicit StatusPage(const std::string& telemetry_path = "/metrics")
      : server_("127.0.0.1:0", {{"/", status_page(telemetry_path)}}) {}

  HttpReply get() const { return virt::get(server_.port(), "/"); }
  HttpReply head() const { return http(server_.port(), "HEAD", "/"); }

 private:
  const HttpServer server_;
};

std::string nonce_of(const HttpReply& reply) {
  const std::string& policy = reply.headers.at("content-security-policy");
  std::smatch nonce;
  return std::regex_search(policy, nonce, std::regex{"script-src 'nonce-([0-9a-f]{32})'"}) ? nonce.str(1) : "";
}

std::size_t count(const std::string& text, const std::string& what) {
  std::size_t number = 0;
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += what.size()) ++number;
  return number;
}

TEST(StatusPage, it_is_one_whole_html_page) {
  const HttpReply reply = StatusPage{}.get();
  EXPECT_EQ(reply.status, 200);
  EXPECT_EQ(reply.headers.at("content-type"), "text/html; charset=utf-8");
  EXPECT_THAT(reply.body, AllOf(testing::StartsWith("<!doctype html>"), testing::EndsWith("</html>\n")));
  EXPECT_THAT(reply.body,
              AllOf(Not(HasSubstr("{{")), HasSubstr("class TextFormat"), HasSubstr("prefers-color-scheme: dark")));
}

TEST(StatusPage, it_loads_nothing_from_elsewhere) {
  const std::string page = StatusPage{}.get().body;
  for (const char* from : {" src=", "@import", "url(", "<iframe", "//cdn", "https://"})
    EXPECT_THAT(page, Not(HasSubstr(from))) << from;
}

TEST(StatusPage, only_its_own_script_and_style_may_run) {
  const HttpReply reply = StatusPage{}.get();
  const std::string nonce = nonce_of(reply);
  EXPECT_EQ(count(reply.body, "<script"), 1);
  EXPECT_EQ(count(reply.body, "<script nonce=\"" + nonce + "\">"), 1);
  EXPECT_EQ(count(reply.body, "<style nonce=\"" + nonce + "\">"), 1);
  EXPECT_EQ(count(reply.body, " style="), 0);
  EXPECT_THAT(reply.headers.at("content-security-policy"),
              AllOf(testing::StartsWith("default-src 'none'; "), HasSubstr("style-src 'nonce-" + nonce + "'; "),
                    HasSubstr("connect-src 'self'; "), HasSubstr("frame-ancestors 'none'"), Not(HasSubstr("unsafe"))));
  EXPECT_EQ(reply.headers.at("x-content-type-options"), "nosniff");
  EXPECT_EQ(reply.headers.at("x-frame-options"), "DENY");
  EXPECT_EQ(reply.headers.at("referrer-policy"), "no-referrer");
}

TEST(StatusPage, nonce_is_another_for_each_answer_so_no_answer_is_kept) {
  const StatusPage page;
  const HttpReply one = page.get(), other = page.get();
  EXPECT_NE(nonce_of(one), nonce_of(other));
  EXPECT_EQ(one.headers.at("cache-control"), "no-store");
}

TEST(StatusPage, names_enter_the_page_as_text_only) {
  const std::string page = StatusPage{}.get().body;
  for (const char* sink : {"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function",
                           "DOMParser", "createContextualFragment"})
    EXPECT_THAT(page, Not(HasSubstr(sink))) << sink;
}

TEST(StatusPage, metrics_are_read_from_where_they_are) {
  const std::string page = StatusPage{"/a&b"}.get().body;
  EXPECT_EQ(count(page, "\"./a&amp;b\""), 2);  // for the script, and as a link
}

TEST(StatusPage, head_has_no_body) {
  const HttpReply reply = StatusPage{}.head();
  EXPECT_EQ(reply.status, 200);
  EXPECT_THAT(reply.body, IsEmpty());
  EXPECT_THAT(nonce_of(reply), Not(IsEmpty()));
}

}  // namespace
}  // namespace virt
