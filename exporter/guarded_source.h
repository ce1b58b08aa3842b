// SPDX-License-Identifier: Apache-2.0
// A plug-in's source as the exporter reads it: whatever its read does, a scrape ends in time.
#ifndef VIRT_EXPORTER_GUARDED_SOURCE_H_
#define VIRT_EXPORTER_GUARDED_SOURCE_H_

#include <cstddef>
#include <memory>

#include "exporter/plugin.h"
#include "exporter/source.h"
#include "exporter/threads/guarded_calls.h"

namespace virt {

// One read at a time, on a thread of its own. One that is late is left behind, and until it is back there is no other:
// then read() waits for it, and throws if the scrapes' time is up. So it does if the source throws.
class GuardedSource : public Source {
 public:
  // Shared with a read that is left behind.
  explicit GuardedSource(std::shared_ptr<BlockingSource> source) : source_(std::move(source)) {}

  std::shared_ptr<SnapshotBase> read(Needs needs, Waiters& waiters) override;
  std::shared_ptr<SnapshotBase> nothing() const override { return source_->nothing(); }
  void wake() override { runner_->wake(); }

 private:
  static constexpr std::size_t kIdleThreads = 1;

  const std::shared_ptr<BlockingSource> source_;
  const std::shared_ptr<ThreadRunner> runner_ = std::make_shared<ThreadRunner>("plugin-source", kIdleThreads);
  GuardedCalls calls_{runner_};
};

}  // namespace virt

#endif  // VIRT_EXPORTER_GUARDED_SOURCE_H_
