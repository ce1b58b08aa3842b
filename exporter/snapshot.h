// SPDX-License-Identifier: Apache-2.0
// What one read of a source found: plain values that no longer change. Pollsters see nothing else.
#ifndef VIRT_EXPORTER_SNAPSHOT_H_
#define VIRT_EXPORTER_SNAPSHOT_H_

#include <chrono>
#include <cstdint>

#pragma GCC visibility push(default)  // plug-ins find it in the program

namespace virt {

// Each source has its own, with what it found, and with its name: static constexpr std::string_view kSource.
struct SnapshotBase {
  virtual ~SnapshotBase() = default;

  bool up = false;  // the source could be read
  // Of the Needs that were asked for, those of which nothing came; where it is not up, 0 means all.
  std::uint64_t missing = 0;
  // When the read began, and how long it took, or had taken when this was needed. Set by the program; at the epoch and
  // 0 if no read began in time.
  std::chrono::system_clock::time_point timestamp;
  std::chrono::duration<double> read_duration{0};
};

}  // namespace virt

#pragma GCC visibility pop

#endif  // VIRT_EXPORTER_SNAPSHOT_H_
