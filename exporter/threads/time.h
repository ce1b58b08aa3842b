// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_THREADS_TIME_H_
#define VIRT_EXPORTER_THREADS_TIME_H_

#include <chrono>

namespace virt {

// Of the clock that never goes back, by which everything here waits.
using Time = std::chrono::steady_clock::time_point;

}  // namespace virt

#endif  // VIRT_EXPORTER_THREADS_TIME_H_
