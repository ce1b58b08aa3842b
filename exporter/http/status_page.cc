// SPDX-License-Identifier: Apache-2.0
#include "exporter/http/status_page.h"

#include <string_view>
#include <utility>

#include "exporter/http/random_token.h"

namespace virt {
namespace {

void replace_all(std::string& text, std::string_view what, std::string_view by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
}

HttpResponse::Headers headers(const std::string& nonce) {
  const std::string own = "'nonce-" + nonce + "'";
  return {{"Content-Security-Policy", "default-src 'none'; script-src " + own + "; style-src " + own +
                                          "; connect-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; "
                                          "frame-ancestors 'none'; require-trusted-types-for 'script'"},
          {"X-Frame-Options", "DENY"},
          {"Referrer-Policy", "no-referrer"},
          {"Cache-Control", "no-store"}};
}

std::string in_attribute(std::string text) {
  replace_all(text, "&", "&amp;");
  replace_all(text, "\"", "&quot;");
  return text;
}

}  // namespace

HttpHandler status_page(const std::string& telemetry_path) {
  std::string page = kStatusPage;
  replace_all(page, "{{metrics}}", in_attribute("." + telemetry_path));
  return [page = std::move(page)](const HttpRequest&, HttpResponse& response) {
    const std::string nonce = random_token();
    response.begin(200, "text/html; charset=utf-8", headers(nonce));
    if (response.head_only()) return;
    std::string body = page;
    replace_all(body, "{{nonce}}", nonce);
    response.write(body);
  };
}

}  // namespace virt
