// SPDX-License-Identifier: Apache-2.0
#include "exporter/registry.h"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "exporter/guarded_source.h"
#include "exporter/registered.h"
#include "exporter/selection.h"
#include "exporter/self.h"
#include "exporter/text/families.h"
#include "exporter/text/words.h"

namespace virt {
namespace {

std::vector<std::string> names_of(const std::vector<NamedPollster>& pollsters, bool only_by_default) {
  std::vector<std::string> names;
  for (const NamedPollster& pollster : pollsters)
    if (pollster.by_default || !only_by_default) names.push_back(pollster.name);
  return names;
}

// Who owns each family. A '*' in a name claims all families of that form.
class Claims {
 public:
  void claim(std::string_view family, const std::string& owner) {
    for (const auto& [known, other] : owners_)
      if (other != owner && overlap(known, family))
        throw std::runtime_error(owner + " and " + other + " both claim " + std::string{family} +
                                 ": disable one of them with --pollsters");
    owners_.try_emplace(std::string{family}, owner);
  }

 private:
  // What stands around the stars decides, if both have one.
  static bool overlap(std::string_view one, std::string_view other) {
    const auto star = one.find('*'), other_star = other.find('*');
    if (star == other_star && star == std::string_view::npos) return one == other;
    if (other_star == std::string_view::npos) return glob_matches(one, other);
    if (star == std::string_view::npos) return glob_matches(other, one);
    const auto [front, other_front] = std::pair{one.substr(0, star), other.substr(0, other_star)};
    const auto [end, other_end] = std::pair{one.substr(star + 1), other.substr(other_star + 1)};
    return (front.starts_with(other_front) || other_front.starts_with(front)) &&
           (end.ends_with(other_end) || other_end.ends_with(end));
  }

  std::map<std::string, std::string> owners_;
};

// Throws std::runtime_error if two of them have one name.
template <typename Named>
void sort_by_name(std::vector<Named>& all, const std::string& what) {
  std::sort(all.begin(), all.end(), [](const Named& a, const Named& b) { return a.name < b.name; });
  const auto twice =
      std::adjacent_find(all.begin(), all.end(), [](const Named& a, const Named& b) { return a.name == b.name; });
  if (twice != all.end()) throw std::runtime_error("two " + what + " have the same name: " + std::string{twice->name});
}

// `Base` is what the record's create() gives.
template <typename Base, typename Record>
std::shared_ptr<Base> make(const Record& record, const PluginSettings& settings) {
  std::shared_ptr<Base> made{static_cast<std::remove_const_t<Base>*>(record.create(&settings.of(record.name)))};
  if (!made) throw std::runtime_error(std::string{record.name} + " cannot be created: its factory returned nothing");
  return made;
}

void check_sources(const std::vector<NamedPollster>& pollsters, const std::vector<SourceKind>& sources) {
  for (const NamedPollster& pollster : pollsters)
    if (std::none_of(sources.begin(), sources.end(),
                     [&](const auto& source) { return source.name == pollster.source; }))
      throw std::runtime_error(pollster.name + " asks for a source that does not exist: " + pollster.source);
}

void check_claims(const std::vector<NamedPollster>& pollsters, const std::vector<SourceKind>& sources) {
  Claims claims;
  for (const char* name : {"up", "scrape_*"}) claims.claim(name, "Prometheus");  // of the target
  const auto claim = [&](const std::vector<Meters>& tables, const std::string& owner) {
    for (const Meters& table : tables)
      for (const Meter& meter : table)
        for (const std::string& name : sample_names(meter.name, meter.type)) claims.claim(name, owner);
  };
  claim(self_meters(), "the exporter");
  for (const SourceKind& source : sources)
    if (source.about) claim(source.about->meters(), "the source " + std::string{source.name});
  for (const NamedPollster& pollster : pollsters) claim(pollster.meters, pollster.name);
}

}  // namespace

std::vector<NamedPollster> make_pollsters(const PluginSettings& settings) {
  std::vector<NamedPollster> pollsters;
  for (const virt_pollster_record* record = registered_pollsters(); record != nullptr; record = record->next)
    pollsters.emplace_back(record->name, make<const PollsterBase>(*record, settings));
  sort_by_name(pollsters, "pollsters");
  return pollsters;
}

std::vector<SourceKind> plugin_sources(const std::shared_ptr<const PluginSettings>& settings) {
  std::vector<SourceKind> sources;
  for (const virt_source_record* record = registered_sources(); record != nullptr; record = record->next)
    sources.push_back({record->name, nullptr, [record, settings] {
                         return std::make_unique<GuardedSource>(make<BlockingSource>(*record, *settings));
                       }});
  return sources;
}

void check_names(std::vector<SourceKind> sources) { sort_by_name(sources, "sources"); }

std::vector<NamedPollster> select_pollsters(const std::vector<NamedPollster>& all,
                                            const std::vector<std::string_view>& patterns, bool only_by_default) {
  const auto names = select_names(patterns, names_of(all, false), names_of(all, only_by_default));
  std::vector<NamedPollster> chosen;
  for (const NamedPollster& pollster : all)
    if (std::find(names.begin(), names.end(), pollster.name) != names.end()) chosen.push_back(pollster);
  return chosen;
}

std::vector<NamedPollster> choose_pollsters(const std::vector<NamedPollster>& all, std::string_view patterns,
                                            const std::vector<SourceKind>& sources) {
  auto chosen = select_pollsters(all, split(patterns, ','), true);
  check_sources(chosen, sources);
  check_claims(chosen, sources);
  return chosen;
}

}  // namespace virt
