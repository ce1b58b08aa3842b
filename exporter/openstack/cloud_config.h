// SPDX-License-Identifier: Apache-2.0
// How to log in to a cloud: what clouds.yaml, secure.yaml and the variables OS_* say, as OpenStack's own clients read
// them.
#ifndef VIRT_EXPORTER_OPENSTACK_CLOUD_CONFIG_H_
#define VIRT_EXPORTER_OPENSTACK_CLOUD_CONFIG_H_

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace virt {

// Has secrets. Empty text where nothing is said.
struct CloudConfig {
  std::string name;      // of the cloud, for people
  std::string auth_url;  // ends in "/v3"
  std::string user_id, user_name, user_domain_id, user_domain_name, password;
  std::string credential_id, credential_name, credential_secret;  // of an application credential, instead of a password
  std::string project_id, project_name, project_domain_id, project_domain_name;
  std::string domain_id, domain_name;  // that the token is to be for, instead of a project
  bool system_scope = false;
  std::string region, interface = "public";
  std::map<std::string, std::string> endpoints;  // that take the place of the catalog's, by type with '_': "network"
  bool verify = true;                            // the servers' certificates
  std::string ca_file, client_cert, client_key;  // files

  bool uses_credential() const { return !credential_id.empty() || !credential_name.empty(); }
  // "user admin", "application credential 5f2e…"
  std::string who() const;
};

// A variable's value; nothing if it is not set, or empty.
using Environment = std::function<std::optional<std::string>(const std::string& name)>;

// The text of a file of clouds, and its name for errors.
struct CloudsFile {
  std::string text, name;
};

// The cloud `name` of clouds.yaml, with what secure.yaml, which may be empty, says of it instead. Throws
// std::invalid_argument, on one line that holds no secret: what is wrong and where.
CloudConfig parse_cloud(const CloudsFile& clouds, const CloudsFile& secure, const std::string& name);

// The cloud of the variables OS_AUTH_URL, OS_USERNAME … Throws as above.
CloudConfig cloud_of_variables(const Environment& variables);

}  // namespace virt

#endif  // VIRT_EXPORTER_OPENSTACK_CLOUD_CONFIG_H_
