// SPDX-License-Identifier: Apache-2.0
#include "exporter/scraper.h"

#include <algorithm>
#include <exception>
#include <utility>

#include "exporter/text/collected.h"
#include "exporter/text/families.h"
#include "exporter/text/text_format.h"

namespace virt {

namespace {

// Whether anything came of what a pollster needs.
bool has_come(Needs needs, const SnapshotBase& snapshot) {
  const bool is_lost = !snapshot.up && snapshot.missing == 0;
  return !is_lost && (needs == 0 || (needs & ~snapshot.missing) != 0);
}

}  // namespace

bool all_up(const Snapshots& snapshots) {
  return std::all_of(snapshots.begin(), snapshots.end(), [](const auto& entry) { return entry.second->up; });
}

Scraper::Scraper(std::vector<Feed> feeds, std::vector<NamedPollster> pollsters, DomainLabels labels,
                 Environment environment)
    : feeds_(std::move(feeds)),
      pollsters_(std::move(pollsters)),
      labels_(std::move(labels)),
      environment_(std::move(environment)) {}

std::vector<NamedPollster> Scraper::choose(const std::vector<std::string_view>& patterns) const {
  if (patterns.empty()) return pollsters_;
  return select_pollsters(pollsters_, patterns, false);
}

PollsterReport Scraper::poll(const NamedPollster& pollster, const SnapshotBase& snapshot, Pieces& pieces) {
  const auto start = environment_.now();
  bool success = false;
  try {
    write_families(pollster.meters, pollster.pollster->counters(snapshot),
                   pollster.takes_domain_labels ? labels_ : no_labels_, pieces);
    success = has_come(pollster.needs, snapshot);
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

Snapshots Scraper::read(const std::vector<NamedPollster>& pollsters, Deadline deadline) {
  std::map<std::string_view, Needs> needs;
  for (const NamedPollster& pollster : pollsters) needs[pollster.source] |= pollster.needs;
  std::vector<std::pair<std::string_view, Reader::Ticket>> tickets;
  for (const Feed& feed : feeds_)
    if (const auto asked = needs.find(feed.source.name); asked != needs.end())
      tickets.emplace_back(feed.source.name, feed.reader->begin(asked->second, deadline));
  Snapshots snapshots;
  for (const auto& [source, ticket] : tickets) snapshots.emplace(source, Reader::wait(ticket));
  return snapshots;
}

void Scraper::write(const std::vector<NamedPollster>& pollsters, const Snapshots& snapshots, const Sink& sink) {
  std::vector<PollsterReport> reports;
  reports.reserve(pollsters.size());
  Pieces pieces{sink};
  for (const NamedPollster& pollster : pollsters)
    reports.push_back(poll(pollster, *snapshots.at(pollster.source), pieces));
  std::vector<SourceReport> sources;
  for (const auto& [source, reader] : feeds_) {
    const auto found = snapshots.find(source.name);
    if (found == snapshots.end()) continue;
    if (source.about)
      write_families(source.about->meters(), source.about->counters(*found->second), no_labels_, pieces);
    else
      sources.push_back({found->first, found->second});
  }
  const auto counters = self_counters(reports, sources, environment_.build, environment_.process());
  write_families(self_meters(), counters, no_labels_, pieces);
  write_collected(environment_.instruments.collect(), pieces);
  pieces.finish();
}

}  // namespace virt
