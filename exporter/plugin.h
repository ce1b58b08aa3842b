// SPDX-License-Identifier: Apache-2.0
// What a plug-in may have beside pollsters: sources of its own, and lines in the exporter's log.
#ifndef VIRT_EXPORTER_PLUGIN_H_
#define VIRT_EXPORTER_PLUGIN_H_

#include <chrono>
#include <memory>
#include <string_view>

#include "exporter/abi.h"
#include "exporter/pollster.h"
#include "exporter/settings.h"
#include "exporter/snapshot.h"

#pragma GCC visibility push(default)  // plug-ins find it in the program

namespace virt {

enum class LogLevel { kDebug, kInfo, kWarning, kError };
// Writes a line to the exporter's log, where --log_level lets it; what could end a line is replaced. Any thread.
void log(LogLevel level, std::string_view text);

// A source that a plug-in brings. All it has to do is to read; it may block, hang and throw. The exporter calls it on a
// thread of its own, lets scrapes that come together share a read, and answers a scrape without it when its time is up.
class BlockingSource {
 public:
  virtual ~BlockingSource() = default;
  // Reads what `needs` ask for. After `end` nobody waits for it any more; there is no other read until it returns.
  // What it throws is logged, and the source is not up in that scrape. Called by one thread at a time, not always by
  // the same. Never null.
  virtual std::shared_ptr<SnapshotBase> read(Needs needs, std::chrono::steady_clock::time_point end) = 0;
  // A snapshot for scrapes in which nothing was read. Any thread; must not block.
  virtual std::shared_ptr<SnapshotBase> nothing() const = 0;
};

}  // namespace virt

#pragma GCC visibility pop

// Makes the source known as "name", by which its pollsters ask for it. Once for each class, in its .cc file.
#define REGISTER_SOURCE(name, Class)                                                                         \
  namespace {                                                                                                \
  ::virt_source_record virt_source_##name{VIRT_EXPORTER_ABI, #name,                                          \
                                          &::virt::make_registered<::virt::BlockingSource, Class>, nullptr}; \
  const bool virt_registered_source_##name = (::virt_register_source(&virt_source_##name), true);            \
  }                                                                                                          \
  static_assert(true, "swallows the semicolon")

#endif  // VIRT_EXPORTER_PLUGIN_H_
