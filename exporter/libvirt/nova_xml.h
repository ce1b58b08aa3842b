// SPDX-License-Identifier: Apache-2.0
// <nova:instance>, as OpenStack Nova writes it into a domain's <metadata>: namespace 1.0 before the
// Wallaby release, 1.1 since.
#ifndef VIRT_EXPORTER_LIBVIRT_NOVA_XML_H_
#define VIRT_EXPORTER_LIBVIRT_NOVA_XML_H_

#include <optional>
#include <pugixml.hpp>
#include <string>
#include <vector>

#include "exporter/libvirt/snapshot.h"

namespace virt {

// Nothing if there is no such element. What is broken in it is missing, and named in `problems`.
std::optional<Nova> parse_nova(const pugi::xml_node& metadata, std::vector<std::string>& problems);

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_NOVA_XML_H_
