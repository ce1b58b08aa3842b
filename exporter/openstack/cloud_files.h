// SPDX-License-Identifier: Apache-2.0
// Where clouds.yaml and secure.yaml are found.
#ifndef VIRT_EXPORTER_OPENSTACK_CLOUD_FILES_H_
#define VIRT_EXPORTER_OPENSTACK_CLOUD_FILES_H_

#include <optional>
#include <string>

#include "exporter/openstack/cloud_config.h"

namespace virt {

std::optional<std::string> environment_variable(const std::string& name);

struct CloudOptions {
  std::string cloud;  // empty: OS_CLOUD; if that is not set either, the variables OS_AUTH_URL …
  std::string file;   // empty: OS_CLIENT_CONFIG_FILE, or the first clouds.yaml of the usual places
};

// Reads the files. Throws std::invalid_argument as above, also for files that are not there or cannot be read; logs a
// warning if others than its owner may read the file.
CloudConfig load_cloud(const CloudOptions& options, const Environment& variables = environment_variable);

}  // namespace virt

#endif  // VIRT_EXPORTER_OPENSTACK_CLOUD_FILES_H_
