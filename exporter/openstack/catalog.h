// SPDX-License-Identifier: Apache-2.0
// Where the services of a cloud are, by the catalog that comes with a token.
#ifndef VIRT_EXPORTER_OPENSTACK_CATALOG_H_
#define VIRT_EXPORTER_OPENSTACK_CATALOG_H_

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/openstack/cloud_config.h"
#include "exporter/openstack/lists.h"

namespace virt {

struct Endpoint {
  std::string type, interface, region, url;
};

class Catalog {
 public:
  explicit Catalog(std::vector<Endpoint> endpoints = {}) : endpoints_(std::move(endpoints)) {}

  // The URL of a service's API with its version, "http://host:8774/v2.1"; empty if there is none. Of several regions
  // the configuration must name one (see regions()).
  std::string url(const ServiceSpec& service, const CloudConfig& config) const;

  // Of endpoints of the configured interface.
  std::set<std::string> regions(const CloudConfig& config) const;

 private:
  std::vector<Endpoint> endpoints_;
};

// `url` up to and with the version of the service: what follows the version is a project's id, which no request needs.
std::string versioned_url(std::string url, std::string_view version);

}  // namespace virt

#endif  // VIRT_EXPORTER_OPENSTACK_CATALOG_H_
