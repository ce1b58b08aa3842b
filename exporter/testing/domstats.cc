// SPDX-License-Identifier: Apache-2.0
#include "exporter/testing/domstats.h"

#include <memory>
#include <optional>
#include <sstream>
#include <stdexcept>
#include <vector>

#include "exporter/libvirt/domain_xml.h"
#include "exporter/stats_builder.h"
#include "exporter/text/number.h"

namespace virt {
namespace {

constexpr std::string_view kStart = "Domain: '";

// Keys that are text in libvirt, even where the text is a number.
bool is_text(std::string_view key) {
  return key.ends_with(".name") || key.ends_with(".path") || key.ends_with(".vcpus");
}

std::optional<double> number_of(std::string_view text) {
  if (text == "yes" || text == "no") return text == "yes" ? 1 : 0;
  return to_number<double>(text);
}

void add_line(const std::string& line, StatsBuilder& stats) {
  const auto equals = line.find('=');
  if (equals == std::string::npos) throw std::invalid_argument("not a line of domstats: " + line);
  const std::string key = line.substr(0, equals), value = line.substr(equals + 1);
  if (const auto number = number_of(value); number && !is_text(key))
    stats.add(key, *number);
  else
    stats.add(key, std::string_view{value});
}

std::shared_ptr<const DomainFacts> facts_of(const std::string& name, const std::string& xml) {
  std::vector<std::string> problems;
  auto facts = std::make_shared<const DomainFacts>(parse_domain_xml(xml, problems));
  if (!problems.empty()) throw std::invalid_argument("XML of " + name + ": " + problems[0]);
  return facts;
}

// The name may itself hold quotes and newlines, but not the end of the line that ends it.
Domain start_domain(const std::string& line, const std::map<std::string, std::string>& xml) {
  Domain domain;
  domain.name = line.substr(kStart.size(), line.rfind('\'') - kStart.size());
  domain.uuid = "00000000-0000-0000-0000-00000000000" + std::to_string(domain.name.size() % 10);
  if (const auto found = xml.find(domain.name); found != xml.end()) domain.facts = facts_of(domain.name, found->second);
  return domain;
}

}  // namespace

Snapshot snapshot_of(std::string_view domstats, const std::map<std::string, std::string>& xml) {
  constexpr double kShutOff = 5;
  Snapshot snapshot;
  snapshot.up = true;
  snapshot.source = "host";
  std::istringstream lines{std::string{domstats}};
  StatsBuilder host;
  std::vector<StatsBuilder> domains;
  bool is_host = false;
  for (std::string line; std::getline(lines, line);) {
    line.erase(0, line.find_first_not_of(' '));
    const bool starts_domain = line.starts_with(kStart), starts_host = line == "Host:";
    if (starts_domain) {
      snapshot.domains.push_back(start_domain(line, xml));
      domains.emplace_back();
    }
    if (starts_domain || starts_host) is_host = starts_host;
    if (line.empty() || starts_domain || starts_host) continue;
    if (!is_host && domains.empty()) throw std::invalid_argument("not below a domain: " + line);
    add_line(line, is_host ? host : domains.back());
  }
  snapshot.host = host.build();
  for (std::size_t i = 0; i < domains.size(); ++i) {
    Domain& domain = snapshot.domains[i];
    domain.stats = domains[i].build();
    domain.active = domain.number("state.state") != kShutOff;
  }
  return snapshot;
}

}  // namespace virt
