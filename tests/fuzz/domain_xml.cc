// SPDX-License-Identifier: Apache-2.0
// A domain's XML, of which a tenant may have chosen names, titles and descriptions.
#include "exporter/libvirt/domain_xml.h"

#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<std::string> problems;
  const virt::DomainFacts facts = virt::parse_domain_xml(virt::text(data, size), problems);
  for (const std::string* line : {&facts.title, &facts.description, &facts.os}) {
    virt::check(line->size() <= 256, "a text that anybody wrote is longer than a label may be");
    virt::check(line->find_first_of("\r\n") == std::string::npos, "a text that anybody wrote is more than a line");
  }
  for (const std::string& problem : problems) virt::check(!problem.empty(), "a problem without words");
  return 0;
}
