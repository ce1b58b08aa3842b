// SPDX-License-Identifier: Apache-2.0
// What is said to Keystone to get a token, and what it answers.
#ifndef VIRT_EXPORTER_OPENSTACK_LOGIN_H_
#define VIRT_EXPORTER_OPENSTACK_LOGIN_H_

#include <chrono>
#include <string>
#include <string_view>

#include "exporter/openstack/catalog.h"
#include "exporter/openstack/cloud_config.h"
#include "exporter/openstack/snapshot.h"

namespace virt {

struct Token {
  std::string id;                      // secret
  std::chrono::duration<double> life;  // from when it was issued; more than 0, at most a year
  CloudScope scope;
  Catalog catalog;
};

// The body of POST /v3/auth/tokens. Has secrets.
std::string login_body(const CloudConfig& config);

// Reads the answer's body; `id` is its header X-Subject-Token. The token is cloud-wide if it has the role `admin_role`
// in a project: without a project Neutron says "nothing" to it. Throws std::runtime_error with what is wrong.
Token parse_token(const std::string& body, std::string id, std::string_view admin_role);

}  // namespace virt

#endif  // VIRT_EXPORTER_OPENSTACK_LOGIN_H_
