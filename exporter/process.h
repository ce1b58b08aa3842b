// SPDX-License-Identifier: Apache-2.0
// What this process costs, from /proc.
#ifndef VIRT_EXPORTER_PROCESS_H_
#define VIRT_EXPORTER_PROCESS_H_

#include <string>

#include "exporter/snapshot.h"

namespace virt {

// "process.cpu" and ".start" (seconds; since the epoch), ".resident" and ".virtual" (bytes), ".threads", ".fds",
// ".max_fds". What cannot be read is absent. `proc` is for tests.
Stats read_process(const std::string& proc = "/proc");

}  // namespace virt

#endif  // VIRT_EXPORTER_PROCESS_H_
