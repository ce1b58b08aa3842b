// SPDX-License-Identifier: Apache-2.0
// A domain's XML, of which a tenant may have chosen names, titles and descriptions.
#include "exporter/libvirt/domain_xml.h"

#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::string> problems;
  virt::parse_domain_xml(virt::text(data, size), problems);
  for (const std::string& problem : problems) virt::check(!problem.empty(), "a problem without words");
  return 0;
}
