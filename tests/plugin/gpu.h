// SPDX-License-Identifier: Apache-2.0
// What one read of the GPUs finds.
#ifndef ACME_GPU_H_
#define ACME_GPU_H_

#include <string_view>

#include "exporter/plugin.h"

namespace acme {

struct GpuSnapshot : virt::SnapshotBase {
  static constexpr std::string_view kSource = "acme_gpus";

  virt::Stats gpus;  // "gpu.<n>.temperature", in degrees
};

}  // namespace acme

#endif  // ACME_GPU_H_
