// SPDX-License-Identifier: Apache-2.0
// What a service answers: it is a page of a list, whose parts are bounded, or refused in one line.
#include "exporter/openstack/json_page.h"

#include "exporter/openstack/lists.h"
#include "exporter/openstack/login.h"
#include "exporter/text/words.h"
#include "tests/fuzz/check.h"

namespace {

constexpr std::size_t kMaxItems = 50;

void check_page(const std::string& body, const virt::PageShape& shape) {
  virt::JsonPage page;
  const std::string error = virt::parse_page(body, shape, kMaxItems, page);
  virt::check(error.find('\n') == std::string::npos, "an error of two lines");
  virt::check(page.items.size() <= kMaxItems, "too many items");
  virt::check(error.empty() || page.items.empty(), "items of a page that is refused");
  for (const virt::Stats& item : page.items)
    for (const std::string_view field : shape.fields)
      if (const auto text = item.text(field)) virt::check(text->size() <= 256, "a long text");
}

void check_token(const std::string& body) {
  try {
    const virt::Token token = virt::parse_token(body, "id", "admin");
    virt::check(!token.scope.cloud_wide || token.scope.kind == "project", "all projects without a project");
  } catch (const std::runtime_error& error) {
    virt::check(std::string_view{error.what()}.find('\n') == std::string_view::npos, "an error of two lines");
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string body{virt::text(data, size)};
  const virt::ListSpec& list = virt::all_lists()[size % virt::all_lists().size()];
  check_page(body, {list.items, virt::split(list.fields, ' ')});
  check_token(body);
  return 0;
}
