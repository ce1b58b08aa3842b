// SPDX-License-Identifier: Apache-2.0
// The query string of a request.
#include "exporter/http/http_server.h"
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::size_t decoded = 0;
  for (const auto& [name, value] : virt::parse_query(virt::text(data, size))) decoded += name.size() + value.size();
  virt::check(decoded <= size, "decoding made the query longer");
  return 0;
}
