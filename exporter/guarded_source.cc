// SPDX-License-Identifier: Apache-2.0
#include "exporter/guarded_source.h"

#include <stdexcept>
#include <utility>

namespace virt {

std::shared_ptr<SnapshotBase> GuardedSource::read(Needs needs, Waiters& waiters) {
  auto snapshot =
      calls_.await([source = source_, needs, end = waiters.end()] { return source->read(needs, end); }, waiters);
  if (!snapshot) throw std::runtime_error("did not respond before the scrape's deadline");
  if (!*snapshot) throw std::runtime_error("returned no snapshot");
  return *std::move(snapshot);
}

}  // namespace virt
