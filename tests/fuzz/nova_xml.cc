// SPDX-License-Identifier: Apache-2.0
// What stands in a domain's <metadata>.
#include "exporter/libvirt/nova_xml.h"

#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  pugi::xml_document document;
  document.append_child("metadata").append_buffer(data, size);
  std::vector<std::string> problems;
  virt::parse_nova(document.child("metadata"), problems);
  for (const std::string& problem : problems) virt::check(!problem.empty(), "a problem without words");
  return 0;
}
