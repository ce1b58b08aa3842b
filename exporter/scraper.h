// SPDX-License-Identifier: Apache-2.0
// A scrape: one read of each source, every pollster's counters of its source's, and the text of them.
#ifndef VIRT_EXPORTER_SCRAPER_H_
#define VIRT_EXPORTER_SCRAPER_H_

#include <chrono>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/instruments.h"
#include "exporter/process/log.h"
#include "exporter/process/process.h"
#include "exporter/reader.h"
#include "exporter/registry.h"
#include "exporter/self.h"
#include "exporter/text/domain_labels.h"
#include "exporter/text/text_format.h"

namespace virt {

// What one scrape found, by the names of the sources.
using Snapshots = std::map<std::string, SnapshotPtr, std::less<>>;
bool all_up(const Snapshots& snapshots);

class Scraper {
 public:
  // A source that is open; the reader is the caller's, and must live longer.
  struct Feed {
    SourceKind source;
    Reader* reader;
  };
  // What is no source's: tests put constants here.
  struct Environment {
    std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
    std::function<Stats()> process = [reader = ProcessReader{}] { return reader.read(); };
    BuildInfo build = {};
    Instruments instruments = {};
  };

  // `feeds` has the sources of all of the pollsters.
  Scraper(std::vector<Feed> feeds, std::vector<NamedPollster> pollsters, DomainLabels labels, Environment environment);

  // Those of the enabled pollsters that `patterns` choose (see selection.h); throws std::invalid_argument.
  std::vector<NamedPollster> choose(const std::vector<std::string_view>& patterns) const;

  // What `pollsters` need, from their sources and from no others; all are asked before the first is waited for. Any
  // thread, any number at once; the same goes for write().
  Snapshots read(const std::vector<NamedPollster>& pollsters, Deadline deadline);

  // Writes the exposition text of `pollsters`, of their sources and of the exporter itself; a pollster's counters are
  // written and freed before the next one's are made. Throws what the sink throws.
  void write(const std::vector<NamedPollster>& pollsters, const Snapshots& snapshots, const Sink& sink);

 private:
  PollsterReport poll(const NamedPollster& pollster, const SnapshotBase& snapshot, Pieces& pieces);

  // Constant after construction.
  const std::vector<Feed> feeds_;
  const std::vector<NamedPollster> pollsters_;
  const DomainLabels labels_, no_labels_;
  const Environment environment_;

  LogOnce log_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_SCRAPER_H_
