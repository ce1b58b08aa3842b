// SPDX-License-Identifier: Apache-2.0
#include "tests/support/domstats.h"

#include <charconv>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "exporter/libvirt/domain_xml.h"
#include "exporter/libvirt/libvirt_source.h"
#include "exporter/registry.h"
#include "exporter/text/families.h"
#include "exporter/text/text_format.h"

namespace virt {
namespace {

// Keys that are text in libvirt, even where the text is a number.
bool is_text(std::string_view key) {
  return key.ends_with(".name") || key.ends_with(".path") || key.ends_with(".vcpus");
}

std::optional<double> to_number(std::string_view text) {
  if (text == "yes" || text == "no") return text == "yes" ? 1 : 0;
  double number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

void add_line(const std::string& line, Stats& stats) {
  const auto equals = line.find('=');
  if (equals == std::string::npos) throw std::invalid_argument("no domstats line: " + line);
  const std::string key = line.substr(0, equals), value = line.substr(equals + 1);
  if (const auto number = to_number(value); number && !is_text(key))
    stats.add(key, *number);
  else
    stats.add(key, std::string_view{value});
}

constexpr std::string_view kStart = "Domain: '";

// The name may itself hold quotes and newlines, but not the end of the line that ends it.
Domain start_domain(const std::string& line, const std::map<std::string, std::string>& xml) {
  Domain domain;
  domain.name = line.substr(kStart.size(), line.rfind('\'') - kStart.size());
  domain.uuid = "00000000-0000-0000-0000-00000000000" + std::to_string(domain.name.size() % 10);
  std::vector<std::string> problems;
  if (const auto found = xml.find(domain.name); found != xml.end())
    domain.facts = std::make_shared<const DomainFacts>(parse_domain_xml(found->second, problems));
  return domain;
}

}  // namespace

Snapshot snapshot_of(std::string_view domstats, const std::map<std::string, std::string>& xml) {
  constexpr double kShutOff = 5;
  Snapshot snapshot;
  snapshot.up = true;
  snapshot.source = "host";
  std::istringstream lines{std::string{domstats}};
  bool of_host = false;
  for (std::string line; std::getline(lines, line);) {
    line.erase(0, line.find_first_not_of(' '));
    if (line.empty()) continue;
    const bool starts_domain = line.starts_with(kStart), starts_host = line == "Host:";
    if (starts_domain) snapshot.domains.push_back(start_domain(line, xml));
    if (starts_domain || starts_host) {
      of_host = starts_host;
      continue;
    }
    add_line(line, of_host ? snapshot.host : snapshot.domains.back().stats);
  }
  for (Domain& domain : snapshot.domains) {
    domain.active = domain.number("state.state") != kShutOff;
    domain.stats.share_keys();
  }
  return snapshot;
}

SourceKind libvirt_kind() { return libvirt_source({"test:///default"}); }

std::string expose(const std::vector<Meters>& tables, const Counters& counters, const DomainLabels& labels) {
  std::string text;
  const Sink sink = [&](const Piece& piece) { text += piece.text(); };
  Pieces pieces{sink};
  write_families(tables, counters, labels, pieces);
  pieces.finish();
  return text;
}

std::string expose(const std::string& name, const Snapshot& snapshot) {
  for (const NamedPollster& pollster : make_pollsters())
    if (pollster.name == name) return expose(pollster.meters, pollster.pollster->counters(snapshot));
  throw std::invalid_argument("there is no pollster " + name);
}

std::string samples_only(const std::string& text) {
  std::istringstream lines{text};
  std::string samples;
  for (std::string line; std::getline(lines, line);)
    if (!line.starts_with('#')) samples += line + "\n";
  return samples;
}

}  // namespace virt
