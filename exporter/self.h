// SPDX-License-Identifier: Apache-2.0
// What the exporter says of itself in each scrape.
#ifndef VIRT_EXPORTER_SELF_H_
#define VIRT_EXPORTER_SELF_H_

#include <string>
#include <vector>

#include "exporter/pollster.h"
#include "exporter/waiters.h"

namespace virt {

// How a pollster fared in this scrape.
struct PollsterReport {
  std::string name;
  double seconds;
  bool success;
};

// How a source that says nothing of itself fared in this scrape.
struct SourceReport {
  std::string name;
  SnapshotPtr snapshot;
};

// What is built in, beside the version: told in virt_exporter_build_info.
struct BuildInfo {
  std::string version, revision, compiler, libvirt;
};

// With the instruments that are no source's own.
std::vector<Meters> self_meters();
// `process` has what ProcessReader reads.
Counters self_counters(const std::vector<PollsterReport>& pollsters, const std::vector<SourceReport>& sources,
                       const BuildInfo& build, const Stats& process);

}  // namespace virt

#endif  // VIRT_EXPORTER_SELF_H_
