// SPDX-License-Identifier: Apache-2.0
// The patterns of --pollsters and of the query, with commas between.
#include "exporter/selection.h"

#include <algorithm>
#include <stdexcept>

#include "exporter/text/words.h"
#include "tests/fuzz/check.h"

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const std::vector<std::string> kNames = {"compute.cpu", "compute.disk", "compute.openstack", "ceilometer.cpu"};
  const auto patterns = virt::split(virt::text(data, size), ',');
  try {
    const auto chosen = virt::select_names(patterns, kNames, {kNames.begin(), kNames.begin() + 3});
    virt::check(!chosen.empty(), "nothing is chosen");
    const auto is_name = [](const auto& name) { return std::find(kNames.begin(), kNames.end(), name) != kNames.end(); };
    virt::check(std::all_of(chosen.begin(), chosen.end(), is_name), "something else is chosen");
  } catch (const std::invalid_argument&) {  // a pattern that chooses nothing
  }
  return 0;
}
