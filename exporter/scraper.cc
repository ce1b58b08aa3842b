// SPDX-License-Identifier: Apache-2.0
#include "exporter/scraper.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "exporter/selection.h"
#include "exporter/text/collector.h"
#include "exporter/text/text_format.h"

namespace virt {

Scraper::Scraper(Reader& reader, std::vector<NamedPollster> pollsters, DomainLabels labels, Environment environment)
    : reader_(reader),
      pollsters_(std::move(pollsters)),
      labels_(std::move(labels)),
      environment_(std::move(environment)) {}

std::vector<NamedPollster> Scraper::choose(const std::vector<std::string_view>& patterns) const {
  if (patterns.empty()) return pollsters_;
  std::vector<std::string> names;
  names.reserve(pollsters_.size());
  for (const NamedPollster& pollster : pollsters_) names.push_back(pollster.name);
  const auto chosen = select(patterns, names, names);
  std::vector<NamedPollster> pollsters;
  for (const NamedPollster& pollster : pollsters_)
    if (std::find(chosen.begin(), chosen.end(), pollster.name) != chosen.end()) pollsters.push_back(pollster);
  return pollsters;
}

PollsterReport Scraper::poll(const NamedPollster& pollster, const Snapshot& snapshot, Pieces& pieces) {
  const auto start = environment_.now();
  bool success = false;
  try {
    write_families(pollster.meters, pollster.pollster->get_counters(snapshot),
                   pollster.by_default ? labels_ : no_labels_, pieces);
    success = true;
    log_.no_problem("pollster " + pollster.name, "works again");
  } catch (const std::exception& error) {
    if (pieces.has_sink_failed()) throw;  // the pollster is not to blame, and there is nobody to write for
    const char* const what = error.what();
    log_.problem("pollster " + pollster.name, what != nullptr ? what : "threw an exception without a message");
  } catch (...) {
    if (pieces.has_sink_failed()) throw;
    log_.problem("pollster " + pollster.name, "threw something that is not a std::exception");
  }
  return {pollster.name, std::chrono::duration<double>(environment_.now() - start).count(), success};
}

SnapshotPtr Scraper::read(const std::vector<NamedPollster>& pollsters, Deadline deadline) {
  Groups groups = 0;
  for (const NamedPollster& pollster : pollsters) groups |= pollster.groups;
  return reader_.read(groups, deadline);
}

void Scraper::write(const std::vector<NamedPollster>& pollsters, const Snapshot& snapshot, const Sink& sink) {
  std::vector<PollsterReport> reports;
  reports.reserve(pollsters.size());
  Pieces pieces{sink};
  for (const NamedPollster& pollster : pollsters) reports.push_back(poll(pollster, snapshot, pieces));
  const auto counters = self_counters(snapshot, reports, environment_.build, environment_.process());
  write_families({self_meters()}, counters, no_labels_, pieces);
  pieces.finish();
}

}  // namespace virt
