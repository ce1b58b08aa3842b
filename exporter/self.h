// SPDX-License-Identifier: Apache-2.0
// What the exporter says of itself in each scrape.
#ifndef VIRT_EXPORTER_SELF_H_
#define VIRT_EXPORTER_SELF_H_

#include <string>
#include <vector>

#include "exporter/pollster.h"

namespace virt {

// How a pollster fared in this scrape.
struct PollsterReport {
  std::string name;
  double seconds;
  bool success;
};

// What is built in, beside the version: told in virt_exporter_build_info.
struct BuildInfo {
  std::string version, revision, compiler, libvirt;
};

std::vector<Meters> self_meters();
// `process` has what ProcessReader reads.
Counters self_counters(const std::vector<PollsterReport>& reports, const BuildInfo& build, const Stats& process);

}  // namespace virt

#endif  // VIRT_EXPORTER_SELF_H_
