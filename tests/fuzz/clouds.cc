// SPDX-License-Identifier: Apache-2.0
// The text of a clouds.yaml: a cloud of it can be logged in to, or is refused in one line.
#include <stdexcept>

#include "exporter/openstack/cloud_config.h"
#include "exporter/openstack/login.h"
#include "tests/fuzz/check.h"

namespace {

void check_config(const virt::CloudConfig& config) {
  virt::check(config.auth_url.starts_with("http"), "a URL that libcurl may take for another protocol");
  virt::check(config.auth_url.ends_with("/v3"), "a URL without its version");
  virt::check(config.uses_credential() ? !config.credential_secret.empty() : !config.password.empty(), "no secret");
  virt::check(!virt::login_body(config).empty(), "nothing to say to Keystone");
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text{virt::text(data, size)};
  const std::string clouds = text.substr(0, text.find('\0'));
  const std::string secure = text.substr(std::min(clouds.size() + 1, text.size()));
  try {
    check_config(virt::parse_cloud({clouds, "clouds.yaml"}, {secure, "secure.yaml"}, "c"));
  } catch (const std::invalid_argument& error) {
    const std::string_view line = error.what();
    virt::check(!line.empty() && line.find('\n') == std::string_view::npos, "an error of two lines, or of none");
  }
  return 0;
}
