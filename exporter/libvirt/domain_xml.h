// SPDX-License-Identifier: Apache-2.0
// What a domain's XML says: devices, throttling, and the metadata that OpenStack Nova puts there.
#ifndef VIRT_EXPORTER_LIBVIRT_DOMAIN_XML_H_
#define VIRT_EXPORTER_LIBVIRT_DOMAIN_XML_H_

#include <string>
#include <string_view>
#include <vector>

#include "exporter/libvirt/snapshot.h"

namespace virt {

// `problems` gets a line for each thing that is not as libvirt and Nova write it; that thing is missing,
// and everything else is there. XML that is not well-formed gives empty facts.
DomainFacts parse_domain_xml(std::string_view xml, std::vector<std::string>& problems);

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_DOMAIN_XML_H_
