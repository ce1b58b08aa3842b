// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/catalog.h"

#include <algorithm>

#include "exporter/text/words.h"

namespace virt {
namespace {

// "v3", "v2.1": a letter and a number.
bool is_version(std::string_view part) {
  return part.size() > 1 && part[0] == 'v' &&
         std::all_of(part.begin() + 1, part.end(), [](char c) { return (c >= '0' && c <= '9') || c == '.'; });
}

std::string underlined(std::string_view type) {
  std::string text{type};
  std::replace(text.begin(), text.end(), '-', '_');
  return text;
}

}  // namespace

std::string versioned_url(std::string url, std::string_view version) {
  const auto host = url.find("://");
  for (auto slash = url.find('/', host == std::string::npos ? 0 : host + 3); slash != std::string::npos;
       slash = url.find('/', slash + 1)) {
    if (!is_version(std::string_view{url}.substr(slash + 1, url.find('/', slash + 1) - slash - 1))) continue;
    url.resize(slash);
    break;
  }
  while (url.ends_with('/')) url.pop_back();
  return version.empty() ? url : url + "/" + std::string{version};
}

std::string Catalog::url(const ServiceSpec& service, const CloudConfig& config) const {
  for (const std::string_view type : split(service.types, ' ')) {
    if (const auto own = config.endpoints.find(underlined(type)); own != config.endpoints.end())
      return versioned_url(own->second, service.version);
    for (const Endpoint& endpoint : endpoints_)
      if (endpoint.type == type && endpoint.interface == config.interface &&
          (config.region.empty() || endpoint.region == config.region))
        return versioned_url(endpoint.url, service.version);
  }
  return "";
}

std::set<std::string> Catalog::regions(const CloudConfig& config) const {
  std::set<std::string> regions;
  for (const Endpoint& endpoint : endpoints_)
    if (endpoint.interface == config.interface) regions.insert(endpoint.region);
  return regions;
}

}  // namespace virt
