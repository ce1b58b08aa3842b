// SPDX-License-Identifier: Apache-2.0
#include "exporter/libvirt/domain_reader.h"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "exporter/stats_builder.h"

namespace virt {
namespace {

struct Named {
  std::string_view name;
  Groups groups;
  double rest = 0;
};
// libvirt may run a tool for each interface, and locks the domain meanwhile, for which everything else has to wait.
constexpr double kRest = 3;

// What comes with the list while that is quick.
constexpr Named kApart[] = {
    {"interfaces", Group::kInterface, kRest}, {"perf", Group::kPerf},
    {"memory_bandwidth", Group::kMemory},     {"lists", Group::kLists},
    {"placement", Group::kPlacement},
};

constexpr Part::Duration kPatience{1};
constexpr double kLate = 4;                 // times as long as the last list took is late
constexpr Part::Duration kMostPatience{3};  // there must be time for another way
constexpr std::size_t kListCalls = 2;       // one with all, and one with the state alone
constexpr std::size_t kStateCalls = 3;      // all but one of them may hang, each at a domain that is locked

bool has_domain(const FoundState& found) { return found.domain.has_value(); }

}  // namespace

DomainReader::DomainReader(const Part::Context& context, const CallKinds& kinds, const std::string& uri,
                           std::chrono::duration<double> refresh, std::shared_ptr<Events> events)
    : clock_(context.runner),
      feed_(std::make_shared<EventFeed>()),
      handles_(std::make_shared<HandleConnections>(kStateCalls)),
      list_({.name = "domains", .kind = kinds.list, .max_calls = kListCalls}, context,
            [uri, refresh, feed = feed_, connecting = kinds.connect] {
              return std::make_shared<DomainConnection>(uri, refresh, feed, connecting);
            }),
      states_({.name = "states", .kind = kinds.control, .max_calls = kStateCalls}, context,
              [uri, this] { return std::make_shared<StateConnection>(uri, handles_); }) {
  feed_->events = std::move(events);
  ways_ = {&list_, &states_};
  for (const auto& [name, groups, rest] : kApart) {
    aparts_.push_back(std::make_unique<Apart>(
        groups, Part::Options{.name = name, .kind = kinds.list, .rest = rest}, context,
        [uri, refresh, feed = feed_] { return std::make_shared<NamedDomainsConnection>(uri, refresh, feed); }));
    apart_.push_back(&aparts_.back()->part);
  }
}

// To close connections may hang.
DomainReader::~DomainReader() { clock_->discard(std::move(handles_)); }

void DomainReader::ask(Groups groups) {
  groups_ = groups | Group::kState;
  asked_before_ = std::exchange(asked_, clock_->now());
  listed_.reset();
  collect_states();  // what came since the last read is old; what comes from now on is not, whichever read asked for it
  found_states_.clear();
  late_states_.clear();
  each_.clear();
  answering_.clear();
  reads_interfaces_ = is_list_late_ = false;
  for (const auto& apart : aparts_) apart->found.reset();
  way_ = stays_apart_ ? Way::kStateAlone : Way::kTogether;
  list_.ask({{stays_apart_ ? Groups{Group::kState} : groups_}});
  go_on();
}

void DomainReader::collect() {
  for (FoundDomains& found : list_.take()) {
    if (!found.is_list)
      for (Domain& domain : found.domains) each_[domain.uuid] = std::move(domain);
    if (!found.is_list || listed_) continue;
    has_bulk_statistics_ = found.has_bulk_statistics;
    if ((groups_ & ~found.groups) == 0) way_ = Way::kTogether;  // it may have been slow, but came
    const Part::Duration took = clock_->now() - asked_;
    list_.set_patience(std::clamp(kLate * took, kPatience, kMostPatience));
    listed_ = std::move(found.domains);
  }
  collect_states();
}

void DomainReader::collect_states() {
  for (auto& [asked, found] : states_.take_all()) {
    if (found.uuid.empty())  // connections that were in calls then have no handles of new domains
      has_handles_ = asked > handles_wanted_ && states_.calls_late() == 0;
    else
      (asked > asked_before_ ? found_states_ : late_states_).push_back(std::move(found));
  }
}

void DomainReader::go_on() {
  collect();
  read_interfaces();
  if (listed_ || list_.is_reading() || !list_.error().empty()) return;
  if (way_ == Way::kTogether) {
    way_ = Way::kStateAlone;
    is_list_late_ = true;
    list_.ask({{Group::kState}});
  }
  if (way_ == Way::kStateAlone && !list_.is_reading()) ask_one_by_one();
  if (knows_nothing() && list_.calls_out() == 0) list_.ask({{Group::kState}});
}

// But not those that do not run: one of them may be about to start, and hang in that.
void DomainReader::ask_one_by_one() {
  way_ = Way::kOneByOne;
  std::vector<StateConnection::Wanted> wanted;
  for (const Domain& domain : known_)
    if (domain.active) wanted.push_back({domain.uuid});
  if (!wanted.empty()) states_.ask(std::move(wanted));
}

// Where not even one domain answers, the list is waited for, also if an earlier read asked for it: libvirt may have
// been stopped, and go on.
bool DomainReader::knows_nothing() const {
  return way_ == Way::kOneByOne && !states_.is_reading() && list_.error().empty() &&
         std::none_of(found_states_.begin(), found_states_.end(), has_domain);
}

bool DomainReader::is_awaited() const {
  if (listed_) return list_.is_reading();  // its call is about to end
  return list_.is_reading() || states_.is_reading() || knows_nothing();
}

std::vector<Domain> DomainReader::take() {
  collect();
  if (!states_.error().empty()) has_handles_ = false;  // a connection was lost
  if (!listed_ && list_.no_thread()) throw std::system_error(*list_.no_thread());
  if (!listed_ && !list_.error().empty()) throw std::runtime_error(list_.error());
  if (!listed_) return take_known();
  remember(*listed_);
  return *std::exchange(listed_, std::vector<Domain>{});
}

void DomainReader::remember(const std::vector<Domain>& domains) {
  const auto is_same = [](const Domain& domain, const Domain& known) { return domain.uuid == known.uuid; };
  if (!std::equal(domains.begin(), domains.end(), known_.begin(), known_.end(), is_same)) {
    known_.assign(domains.size(), {});
    has_handles_ = false;
  }
  if (std::exchange(disconnects_, states_.disconnects()) != states_.disconnects()) has_handles_ = false;
  for (std::size_t i = 0; i < domains.size(); ++i) {
    known_[i].name = domains[i].name;
    known_[i].uuid = domains[i].uuid;
    known_[i].active = domains[i].active;
    known_[i].id = domains[i].id;
  }
  if (!has_handles_) ask_for_handles();
}

// In each read until they came, and of all connections.
void DomainReader::ask_for_handles() {
  handles_wanted_ = asked_before_;
  states_.ask({{}});
}

std::vector<Domain> DomainReader::take_known() {
  std::unordered_map<std::string_view, const FoundState*> found;
  if (std::none_of(found_states_.begin(), found_states_.end(), has_domain)) throw Late{};
  for (const auto* states : {&found_states_, &late_states_})
    for (const FoundState& state : *states) found.emplace(state.uuid, &state);
  std::vector<Domain> domains;
  for (const Domain& known : known_) {
    const auto state = found.find(known.uuid);
    if (state == found.end())
      extend(domains.emplace_back(known).stats, to_stats({{"monitor.responding", 0}}));
    else if (state->second->domain)  // else it vanished
      domains.push_back(*state->second->domain);
  }
  return domains;
}

// ---- What does not come with the list ----------------------------------------------------------------------

void DomainReader::read_each(const std::vector<Domain>& domains) {
  std::vector<WantedDomains> wanted;
  for (const Domain& domain : domains)
    if (!domain.number("monitor.responding")) wanted.push_back({groups_, domain});
  list_.ask(std::move(wanted));
}

std::vector<Domain> DomainReader::take_each(std::vector<Domain> domains) {
  collect();
  for (Domain& domain : domains)
    if (const auto found = each_.find(domain.uuid); found != each_.end()) domain = std::move(found->second);
  return domains;
}

void DomainReader::read_apart(const std::vector<Domain>& domains) {
  if (way_ == Way::kTogether || !has_bulk_statistics_) return;
  for (const Domain& domain : domains)
    if (domain.number("state.state")) answering_.push_back(domain.uuid);
  for (const auto& apart : aparts_)
    if (apart->groups != Group::kInterface) ask_apart(*apart);
  reads_interfaces_ = true;
  go_on();
}

void DomainReader::ask_apart(Apart& apart) {
  if ((groups_ & apart.groups) != 0) apart.part.ask({{answering_, apart.groups}});
}

// Last, as the others may have to wait for it; and not while the list is late, perhaps by them. One that was late and
// is back was not: libvirt had been stopped, and goes on.
void DomainReader::read_interfaces() {
  const auto is_reading = [](const auto& apart) { return apart->part.is_reading(); };
  if (!reads_interfaces_ || std::any_of(aparts_.begin(), aparts_.end(), is_reading)) return;
  reads_interfaces_ = false;
  if (is_list_late_ && list_.calls_late() > 0) return;
  for (const auto& apart : aparts_)
    if (apart->groups == Group::kInterface) ask_apart(*apart);
}

void DomainReader::add(std::vector<Domain>& domains) {
  std::unordered_map<std::string_view, Domain*> by_uuid;
  for (const auto& apart : aparts_) {
    for (auto& some : apart->part.take()) apart->found = std::move(some);
    if (!apart->found) continue;
    if (by_uuid.empty())
      for (Domain& domain : domains) by_uuid.emplace(domain.uuid, &domain);
    for (const Domain& one : *apart->found)
      if (const auto found = by_uuid.find(one.uuid); found != by_uuid.end()) extend(found->second->stats, one.stats);
  }
}

// ---- How it went -------------------------------------------------------------------------------------------

void DomainReader::end_read() {
  const auto failed = [](const auto& apart) {
    const auto report = apart->part.report();
    return report && !report->success;
  };
  stays_apart_ = list_.calls_out() > 0 || std::any_of(aparts_.begin(), aparts_.end(), failed);
}

Groups DomainReader::missing() const {
  Groups missing = 0;
  for (const auto& apart : aparts_)
    if (way_ != Way::kTogether && has_bulk_statistics_ && !apart->found) missing |= apart->groups;
  return missing;
}

std::vector<PartReport> DomainReader::reports() const {
  std::vector<PartReport> reports;
  const auto list = list_.report();
  if (!list) return reports;
  reports.push_back(*list);
  reports.back().calls_out += states_.calls_out();
  for (const auto& apart : aparts_) {
    if ((groups_ & apart->groups) == 0) continue;
    if (const auto report = apart->part.report())
      reports.push_back(*report);
    else
      reports.push_back(
          {apart->part.name(), list->success && way_ == Way::kTogether, list->duration, apart->part.calls_out()});
  }
  return reports;
}

}  // namespace virt
