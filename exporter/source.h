// SPDX-License-Identifier: Apache-2.0
// A source: one kind of thing that can be read, such as libvirt.
#ifndef VIRT_EXPORTER_SOURCE_H_
#define VIRT_EXPORTER_SOURCE_H_

#include <functional>
#include <memory>
#include <string_view>

#include "exporter/pollster.h"
#include "exporter/snapshot.h"
#include "exporter/waiters.h"

namespace virt {

class Source {
 public:
  virtual ~Source() = default;
  // Reads what `needs` ask for, and returns by waiters.end() with what could be had; scrapes that cannot wait so long
  // it answers on the way, with what it knows by then. Throws std::runtime_error where nothing can be reached; the next
  // call tries again. Called by one thread at a time.
  virtual std::shared_ptr<SnapshotBase> read(Needs needs, Waiters& waiters) = 0;
  // What is known where nothing could be read: a snapshot that is not up. Any thread.
  virtual std::shared_ptr<SnapshotBase> nothing() const = 0;
  // Has a read that is under way look at its waiters again: there are more, or they are in a hurry. Any thread.
  virtual void wake() = 0;
};

// A kind of source that the program can open.
struct SourceKind {
  std::string_view name;  // by which pollsters ask for it
  // What it says of itself, in each scrape that reads it; null: the exporter says the usual (virt_source_up).
  std::shared_ptr<const PollsterBase> about;
  std::function<std::unique_ptr<Source>()> open;  // throws std::invalid_argument for options that can never work
};

}  // namespace virt

#endif  // VIRT_EXPORTER_SOURCE_H_
