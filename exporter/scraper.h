// SPDX-License-Identifier: Apache-2.0
// A scrape: one read of libvirt, every pollster's counters of it, and the text of them.
#ifndef VIRT_EXPORTER_SCRAPER_H_
#define VIRT_EXPORTER_SCRAPER_H_

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/process/log.h"
#include "exporter/process/process.h"
#include "exporter/reader.h"
#include "exporter/registry.h"
#include "exporter/self.h"
#include "exporter/text/domain_labels.h"
#include "exporter/text/text_format.h"

namespace virt {

class Scraper {
 public:
  // What is not the hypervisor's: tests put constants here.
  struct Environment {
    std::function<std::chrono::steady_clock::time_point()> now = std::chrono::steady_clock::now;
    std::function<Stats()> process = [reader = ProcessReader{}] { return reader.read(); };
    BuildInfo build;
  };

  // `reader` must live longer.
  Scraper(Reader& reader, std::vector<NamedPollster> pollsters, DomainLabels labels, Environment environment);

  // Those of the enabled pollsters that `patterns` choose (see selection.h); throws std::invalid_argument.
  std::vector<NamedPollster> choose(const std::vector<std::string_view>& patterns) const;

  // What `pollsters` need. Any thread, any number at once; the same goes for write().
  SnapshotPtr read(const std::vector<NamedPollster>& pollsters, Deadline deadline);

  // Writes the exposition text of `pollsters` and of the exporter itself; a pollster's counters are written
  // and freed before the next one's are made. Throws what the sink throws.
  void write(const std::vector<NamedPollster>& pollsters, const Snapshot& snapshot, const Sink& sink);

 private:
  PollsterReport poll(const NamedPollster& pollster, const Snapshot& snapshot, Pieces& pieces);

  // Constant after construction.
  Reader& reader_;
  const std::vector<NamedPollster> pollsters_;
  const DomainLabels labels_, no_labels_;
  const Environment environment_;

  LogOnce log_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_SCRAPER_H_
