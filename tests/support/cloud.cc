// SPDX-License-Identifier: Apache-2.0
#include "tests/support/cloud.h"

#include <fstream>
#include <iterator>
#include <stdexcept>

#include "exporter/openstack/json_page.h"
#include "exporter/openstack/lists.h"
#include "exporter/registry.h"
#include "exporter/testing/expose.h"
#include "exporter/text/words.h"

namespace virt {
namespace {

const ListSpec& spec_of(CloudList::One bit) {
  for (const ListSpec& list : all_lists())
    if (list.bit == bit) return list;
  throw std::invalid_argument("no such list");
}

}  // namespace

CloudSnapshot cloud_of(const std::map<CloudList::One, std::string>& pages) {
  CloudSnapshot snapshot;
  snapshot.up = true;
  for (const auto& [bit, text] : pages) {
    const ListSpec& list = spec_of(bit);
    JsonPage page;
    if (const auto error = parse_page(text, {list.items, split(list.fields, ' ')}, 100000, page); !error.empty())
      throw std::invalid_argument(std::string{list.name} + " " + error);
    snapshot.lists[bit] = std::make_shared<const CloudItems>(std::move(page.items));
  }
  return snapshot;
}

std::string recorded(const std::string& name) {
  std::ifstream file{std::string{VIRT_EXPORTER_SOURCE} + "/tests/collectors/openstack/" + name + ".json"};
  return {std::istreambuf_iterator<char>{file}, {}};
}

std::string cloud_samples(const std::string& pollster, const CloudSnapshot& snapshot) {
  return samples_only(expose(pollster, snapshot));
}

bool is_on_by_default(const std::string& pollster) {
  for (const NamedPollster& named : make_pollsters())
    if (named.name == pollster) return named.by_default;
  throw std::invalid_argument("no pollster " + pollster);
}

}  // namespace virt
