// SPDX-License-Identifier: Apache-2.0
// Whether this process may have the threads that it needs.
#ifndef VIRT_EXPORTER_PROCESS_REQUIRED_THREADS_H_
#define VIRT_EXPORTER_PROCESS_REQUIRED_THREADS_H_

#include <string>

namespace virt {

// Starts `count` threads, which do nothing, and returns when all of them have ended and no longer count against any
// limit. Trying is the only way to know: a user and every cgroup above have limits, and others use up part of them.
// Throws std::runtime_error where there are fewer; its text gives both numbers, with those threads that run already,
// and ends in `remedy`.
void require_threads(unsigned count, const std::string& remedy);

}  // namespace virt

#endif  // VIRT_EXPORTER_PROCESS_REQUIRED_THREADS_H_
