// SPDX-License-Identifier: Apache-2.0
// What this process costs, from /proc, and what it may.
#ifndef VIRT_EXPORTER_PROCESS_PROCESS_H_
#define VIRT_EXPORTER_PROCESS_PROCESS_H_

#include <optional>
#include <string>

#include "exporter/record.h"
#include "exporter/stats_builder.h"

namespace virt {

// Any thread.
class ProcessReader {
 public:
  // `proc` is for tests.
  explicit ProcessReader(std::string proc = "/proc");

  // "process.cpu" and ".start" (seconds; since the epoch), ".resident" and ".virtual" (bytes), ".threads", ".fds",
  // ".max_fds". What cannot be read is absent.
  Stats read() const;

 private:
  void add_stat(StatsBuilder& stats) const;
  std::string files() const { return proc_ + "/self/fd"; }

  const std::string proc_;
  bool size_is_count_ = false;        // the size of the directory of open files is their number, as since Linux 6.2
  const std::optional<double> boot_;  // of the machine, seconds since the epoch; the file that has it is a long one
};

}  // namespace virt

#endif  // VIRT_EXPORTER_PROCESS_PROCESS_H_
