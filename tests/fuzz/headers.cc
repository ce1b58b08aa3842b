// SPDX-License-Identifier: Apache-2.0
// The headers that are looked into: each takes the input as its value.
#include "exporter/http/basic_auth.h"
#include "exporter/http/pages.h"
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace std::chrono_literals;
  const std::string_view value = virt::text(data, size);
  const virt::PageOptions options{"/metrics", 10s, 500ms};
  const auto budget = virt::scrape_budget(value, options);
  virt::check(budget > 0s && budget <= 10s, "a scrape without time, or with too much");
  virt::check(!virt::accepts_gzip(value) || value.find_first_of("*gG") != std::string_view::npos, "gzip unasked");
  if (const auto user = virt::parse_basic(value))
    virt::check(user->first.find(':') == std::string::npos && user->second.size() < size, "no name and password");
  return 0;
}
