// SPDX-License-Identifier: Apache-2.0
// The text of a web configuration: it is accepted, or refused with a place in one line.
#include "exporter/http/web_config.h"

#include <stdexcept>
#include <string>

#include "exporter/http/basic_auth.h"
#include "tests/fuzz/check.h"

namespace {

void check_values(const virt::WebConfig& config) {
  for (const auto& [name, hash] : config.users) virt::check(virt::is_bcrypt(hash), "a password in clear");
  for (const auto& [name, value] : config.headers)
    virt::check(value.find_first_of("\r\n") == std::string::npos, "a header of two lines");
  virt::check(config.rate_limit.interval.count() == 0 || config.rate_limit.burst > 0, "nothing would pass");
  if (config.tls) virt::check(!config.tls->cert.empty() && !config.tls->key.empty(), "TLS without certificate");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  try {
    check_values(virt::parse_web_config(std::string{virt::text(data, size)}, "web.yml"));
  } catch (const std::invalid_argument& error) {
    const std::string_view line = error.what();
    virt::check(line.starts_with("web.yml:") && line[8] >= '1' && line[8] <= '9', "an error without its place");
    virt::check(line.find('\n') == std::string_view::npos, "an error of two lines");
  }
  return 0;
}
