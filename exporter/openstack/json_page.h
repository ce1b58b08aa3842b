// SPDX-License-Identifier: Apache-2.0
// A page of a list as OpenStack's APIs write it, read without keeping what nobody asked for.
#ifndef VIRT_EXPORTER_OPENSTACK_JSON_PAGE_H_
#define VIRT_EXPORTER_OPENSTACK_JSON_PAGE_H_

#include <string>
#include <string_view>
#include <vector>

#include "exporter/openstack/snapshot.h"

namespace virt {

// What is wanted of a page.
struct PageShape {
  // The key of the list. Empty: the document itself is the only item.
  std::string_view items;
  // Keys of an item, nested ones after dots; a '*' stands for any key or index, and "tags.#" is how many "tags" has.
  std::vector<std::string_view> fields;
};

struct JsonPage {
  CloudItems items;
  std::string next;        // the link to the next page, whatever its host; empty on the last page
  bool truncated = false;  // the server says that there are more, and does not give them
};

// Adds the page in `body` to `page`. Returns what is wrong with it, or "". Whatever the body holds: at most `max_items`
// items, 256 bytes of each text, 32 levels, 65536 values of an item. Bytes that are not UTF-8 become U+FFFD. Any
// thread.
std::string parse_page(const std::string& body, const PageShape& shape, std::size_t max_items, JsonPage& page);

}  // namespace virt

#endif  // VIRT_EXPORTER_OPENSTACK_JSON_PAGE_H_
