// SPDX-License-Identifier: Apache-2.0
#include "exporter/registry.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <stdexcept>
#include <utility>

#include "exporter/libvirt/snapshot.h"
#include "exporter/openstack/openstack_source.h"
#include "exporter/self.h"
#include "tests/support/fake_libvirt.h"

namespace virt {
namespace {

using testing::AnyOf;
using testing::Contains;
using testing::ElementsAre;
using testing::ElementsAreArray;
using testing::ExitedWithCode;
using testing::IsEmpty;
using testing::MatchesRegex;
using testing::Not;
using testing::StartsWith;
using testing::StrEq;
using testing::ThrowsMessage;

class ClaimingPollster : public Pollster {
 public:
  explicit ClaimingPollster(std::vector<Meter> rows) : rows_(std::move(rows)) {}
  std::vector<Meters> meters() const override { return {rows_}; }
  Needs needs() const override { return 0; }
  Counters get_counters(const Snapshot&) const override { return {}; }

 private:
  const std::vector<Meter> rows_;
};

NamedPollster claiming(const std::string& name, std::vector<FamilyName> families) {
  std::vector<Meter> rows;
  for (const FamilyName family : families) rows.push_back({"", family, Type::kGauge, kOne, "Help."});
  return {name, std::make_shared<ClaimingPollster>(std::move(rows))};
}

std::vector<std::string> names(const std::vector<NamedPollster>& pollsters) {
  std::vector<std::string> result;
  for (const NamedPollster& pollster : pollsters) result.push_back(pollster.name);
  return result;
}

void expect_conflict(const std::vector<NamedPollster>& pollsters, const std::string& claim) {
  EXPECT_THAT([&] { choose_pollsters(pollsters, "", {libvirt_kind()}); },
              ThrowsMessage<std::runtime_error>(claim + ": disable one of them with --pollsters"));
}

// Those that register themselves in collectors/.
TEST(Registry, pollsters_of_the_tree_are_all_there_in_order) {
  const std::regex registration{"REGISTER_POLLSTER\\((\\w+), (\\w+), "};
  std::set<std::string> registered;
  for (const auto& file : std::filesystem::directory_iterator{VIRT_EXPORTER_SOURCE "/collectors"}) {
    if (file.path().extension() != ".cc") continue;
    std::stringstream text;
    text << std::ifstream{file.path()}.rdbuf();
    const std::string source = text.str();
    for (std::sregex_iterator match{source.begin(), source.end(), registration}; match != std::sregex_iterator{};
         ++match)
      registered.insert((*match)[1].str() + "." + (*match)[2].str());
  }
  EXPECT_THAT(registered, Contains("compute.cpu"));
  EXPECT_THAT(names(make_pollsters()), ElementsAreArray(registered));
}

TEST(Registry, pollsters_are_chosen_by_default_where_they_say_so) {
  const auto chosen = names(choose_pollsters(make_pollsters(), "", {libvirt_kind()}));
  EXPECT_THAT(chosen, Contains("compute.cpu"));
  EXPECT_THAT(chosen, Not(Contains(AnyOf(StartsWith("central."), StartsWith("ceilometer."), StartsWith("compat.")))));
}

TEST(Registry, pollster_of_a_source_that_does_not_exist_is_refused) {
  EXPECT_THAT([] { choose_pollsters({claiming("a.x", {"a"})}, "", {}); },
              ThrowsMessage<std::runtime_error>("a.x asks for a source that does not exist: libvirt"));
}

TEST(Registry, pollsters_of_the_tree_do_not_claim_each_other_s_families) {
  EXPECT_NO_THROW(choose_pollsters(make_pollsters(), "*", {libvirt_kind(), openstack_source({}, {})}));
}

TEST(Registry, patterns_choose_and_the_pollsters_come_along) {
  const std::vector<NamedPollster> all = {claiming("a.x", {"a"}), claiming("a.y", {"b"}), claiming("b.x", {"c"})};
  const auto chosen = choose_pollsters(all, "*.x, !b.*", {libvirt_kind()});
  ASSERT_THAT(names(chosen), ElementsAre("a.x"));
  EXPECT_EQ(chosen[0].pollster, all[0].pollster);
}

TEST(Registry, pollster_that_is_off_by_default_must_be_named) {
  std::vector<NamedPollster> all = {claiming("a.x", {"a"}), claiming("b.x", {"b"})};
  all[1].by_default = false;
  EXPECT_THAT(names(choose_pollsters(all, "", {libvirt_kind()})), ElementsAre("a.x"));
  EXPECT_THAT(names(choose_pollsters(all, "b.x", {libvirt_kind()})), ElementsAre("b.x"));
}

TEST(Registry, unknown_name_is_an_error) {
  EXPECT_THROW(choose_pollsters(make_pollsters(), "compute.gpu", {libvirt_kind()}), std::invalid_argument);
}

TEST(Registry, family_of_two_pollsters_is_refused) {
  expect_conflict({claiming("a.x", {"one", "two"}), claiming("b.x", {"two"})}, "b.x and a.x both claim two");
}

TEST(Registry, family_of_the_exporter_itself_is_refused) {
  expect_conflict({claiming("a.x", {"libvirt_up"})}, "a.x and the source libvirt both claim libvirt_up");
}

TEST(Registry, star_claims_all_families_of_its_form) {
  expect_conflict({claiming("a.x", {"kvm_*_total"}), claiming("b.x", {"kvm_exits_total"})},
                  "b.x and a.x both claim kvm_exits_total");
  expect_conflict({claiming("a.x", {"kvm_exits_total"}), claiming("b.x", {"kvm_*_total"})},
                  "b.x and a.x both claim kvm_*_total");
  EXPECT_NO_THROW(
      choose_pollsters({claiming("a.x", {"kvm_*_total"}), claiming("b.x", {"kvm_exits"})}, "", {libvirt_kind()}));
}

TEST(Registry, stars_that_can_become_one_name_are_refused) {
  expect_conflict({claiming("a.x", {"kvm_*_total"}), claiming("b.x", {"kvm_exits_*"})},
                  "b.x and a.x both claim kvm_exits_*");
  expect_conflict({claiming("a.x", {"kvm_exits_*"}), claiming("b.x", {"kvm_*_total"})},
                  "b.x and a.x both claim kvm_*_total");
  EXPECT_NO_THROW(
      choose_pollsters({claiming("a.x", {"kvm_*_total"}), claiming("b.x", {"vcpu_*_total"})}, "", {libvirt_kind()}));
  EXPECT_NO_THROW(
      choose_pollsters({claiming("a.x", {"kvm_*_total"}), claiming("b.x", {"kvm_*_seconds"})}, "", {libvirt_kind()}));
}

TEST(Registry, samples_of_a_histogram_are_claimed_with_it) {
  for (const FamilyName family : {FamilyName{"wait_bucket"}, FamilyName{"wait_count"}, FamilyName{"wait_sum"}}) {
    const NamedPollster waits = {
        "a.x", std::make_shared<ClaimingPollster>(std::vector{Meter{"", "wait", Type::kHistogram, kOne, "Help."}})};
    const NamedPollster other = claiming("b.x", {family});
    const std::string both = "both claim " + std::string{family};
    expect_conflict({waits, other}, "b.x and a.x " + both);
    expect_conflict({other, waits}, "a.x and b.x " + both);
  }
}

TEST(Registry, family_that_prometheus_writes_of_the_target_is_refused) {
  expect_conflict({claiming("a.x", {"up"})}, "a.x and Prometheus both claim up");
  expect_conflict({claiming("a.x", {"scrape_duration_seconds"})},
                  "a.x and Prometheus both claim scrape_duration_seconds");
}

// What says something else each time it is asked cannot get past the checks.
TEST(Registry, pollster_is_asked_once_what_it_claims_and_reads) {
  class FicklePollster : public ClaimingPollster {
   public:
    using ClaimingPollster::ClaimingPollster;
    std::vector<Meters> meters() const override {
      return asked_++ == 0 ? ClaimingPollster::meters() : throw std::logic_error("asked again");
    }

   private:
    mutable int asked_ = 0;
  };
  const std::vector<NamedPollster> all = {
      {"a.x", std::make_shared<FicklePollster>(std::vector{Meter{"", "one", Type::kGauge, kOne, "Help."}})}};
  EXPECT_EQ(choose_pollsters(all, "", {libvirt_kind()})[0].meters[0][0].name, "one");
}

TEST(Registry, pollster_may_name_its_own_family_twice) {
  EXPECT_NO_THROW(choose_pollsters({claiming("a.x", {"kvm_*", "kvm_*_max", "kvm_*"})}, "", {libvirt_kind()}));
}

TEST(Registry, conflict_ends_where_one_of_the_two_is_disabled) {
  const std::vector<NamedPollster> all = {claiming("a.x", {"one"}), claiming("b.x", {"one"})};
  EXPECT_THAT(names(choose_pollsters(all, "!a.x", {libvirt_kind()})), ElementsAre("b.x"));
}

// What registers itself stays for the life of the process, so these have processes of their own.

void* make_empty(const void*) { return static_cast<PollsterBase*>(new ClaimingPollster{{}}); }

[[noreturn]] void register_and_list(const std::vector<const char*>& names, void* (*create)(const void*) = make_empty) {
  std::set<std::string> before;
  for (const NamedPollster& pollster : make_pollsters()) before.insert(pollster.name);
  for (const char* name : names) virt_register_pollster(new virt_pollster_record{VIRT_EXPORTER_ABI, name, create, {}});
  try {
    for (const NamedPollster& pollster : make_pollsters())
      if (before.count(pollster.name) == 0) std::cerr << pollster.name << (pollster.by_default ? " on\n" : " off\n");
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
  }
  std::_Exit(0);
}

TEST(RegistryDeathTest, newcomers_are_sorted_in_and_on) {
  EXPECT_EXIT(register_and_list({"z.z", "acme.uptime", "compat.x"}), ExitedWithCode(0),
              StrEq("acme.uptime on\ncompat.x on\nz.z on\n"));
}

TEST(RegistryDeathTest, newcomer_is_off_if_it_says_so) {
  struct OffPollster : ClaimingPollster {
    OffPollster() : ClaimingPollster({}) {}
    bool on_by_default() const override { return false; }
  };
  const auto make_off = [](const void*) -> void* { return static_cast<PollsterBase*>(new OffPollster); };
  EXPECT_EXIT(register_and_list({"acme.uptime"}, make_off), ExitedWithCode(0), StrEq("acme.uptime off\n"));
}

TEST(RegistryDeathTest, two_of_one_name_are_refused) {
  EXPECT_EXIT(register_and_list({"acme.uptime", "compute.disk"}), ExitedWithCode(0),
              StrEq("two pollsters have the same name: compute.disk\n"));
}

TEST(RegistryDeathTest, one_that_cannot_be_made_is_refused) {
  EXPECT_EXIT(register_and_list({"acme.none"}, [](const void*) -> void* { return nullptr; }), ExitedWithCode(0),
              StrEq("acme.none cannot be created: its factory returned nothing\n"));
}

// ---- All meters -------------------------------------------------------------------------------------------------

// Every row of the tree's pollsters and of the exporter, with its owner.
std::vector<std::pair<std::string, Meter>> all_meters() {
  std::vector<std::pair<std::string, Meter>> rows;
  for (const NamedPollster& pollster : make_pollsters())
    for (const Meters& table : pollster.meters)
      for (const Meter& meter : table) rows.emplace_back(pollster.name, meter);
  for (const auto& tables : {libvirt_kind().about->meters(), openstack_source({}, {}).about->meters(), self_meters()})
    for (const Meters& table : tables)
      for (const Meter& meter : table) rows.emplace_back("exporter", meter);
  return rows;
}

// Ceilometer's own names have neither unit nor _total.
std::vector<Meter> prometheus_meters() {
  std::vector<Meter> rows;
  for (const auto& [owner, meter] : all_meters())
    if (!owner.starts_with("ceilometer.")) rows.push_back(meter);
  return rows;
}

double scale(const Meter& meter) { return meter.unit.numerator / meter.unit.denominator; }

// What the name says of the unit.
std::string_view base_name(const Meter& meter) {
  std::string_view name = meter.name;
  if (name.ends_with("_total")) name.remove_suffix(6);
  if (name.ends_with("_per_second")) name.remove_suffix(11);
  return name;
}

// As the values that KVM has are current ones or peaks, by their keys.
TEST(Meters, rows_of_one_family_are_one_pollster_s_and_differ_in_their_key_alone) {
  std::map<std::string_view, std::pair<std::string, Meter>> families;
  for (const auto& [owner, meter] : all_meters()) {
    const auto [known, is_new] = families.try_emplace(meter.name, owner, meter);
    if (is_new) continue;
    EXPECT_EQ(known->second.first, owner) << meter.name;
    EXPECT_EQ(known->second.second.type, meter.type) << meter.name;
    EXPECT_EQ(known->second.second.help, meter.help) << meter.name;
    EXPECT_NE(known->second.second.key, meter.key) << meter.name;
  }
  EXPECT_GT(families.size(), 200u);
}

TEST(Meters, each_has_a_name_of_its_namespace) {
  for (const auto& [owner, meter] : all_meters()) {
    EXPECT_THAT(std::string{meter.name}, MatchesRegex("[a-z][a-z0-9_]*[*]?[a-z0-9_]*")) << owner;
    const bool of_libvirt = owner.starts_with("compute.") || owner.starts_with("compat.");
    EXPECT_TRUE(!of_libvirt || meter.name.starts_with("libvirt_")) << meter.name;
    EXPECT_EQ(meter.name.starts_with("ceilometer_"), owner.starts_with("ceilometer.")) << meter.name;
  }
}

TEST(Meters, help_is_a_sentence_that_names_its_source) {
  for (const auto& [owner, meter] : all_meters()) {
    EXPECT_GT(meter.help.size(), 10u) << meter.name;
    EXPECT_TRUE(meter.help.ends_with('.')) << meter.name;
    const std::string help{meter.help}, key{meter.key.substr(0, meter.key.find('*'))};
    const bool has_key = !key.empty() && help.find(key) != std::string::npos;
    const bool has_call = std::regex_search(help, std::regex{"\\bvir[A-Z]|XML|/proc/|[a-z]+\\.(<n>|[a-z*])"});
    const bool has_list =
        std::regex_search(help, std::regex{"\\((Keystone|Neutron|Nova|Glance|Cinder|Placement) [a-z]"});
    EXPECT_TRUE(owner == "exporter" || (owner.starts_with("central.") ? has_list : has_key || has_call))
        << meter.name << ": " << help;
  }
}

TEST(Meters, total_ends_the_names_of_counters_and_of_nothing_else) {
  const std::set<std::string_view> of_a_peer = {"openstack_neutron_network_ip_availabilities_total",
                                                "openstack_placement_resource_total"};
  for (const Meter& meter : prometheus_meters())
    EXPECT_EQ(meter.name.ends_with("_total") && of_a_peer.count(meter.name) == 0, meter.type == Type::kCumulative)
        << meter.name;
}

TEST(Meters, what_is_scaled_has_the_name_of_the_base_unit) {
  for (const Meter& meter : prometheus_meters()) {
    if (scale(meter) == 1) continue;
    const auto is = [&](Unit unit) { return scale(meter) == unit.numerator / unit.denominator; };
    const std::string_view unit = is(kNanoseconds) || is(kMilliseconds)                ? "_seconds"
                                  : is(kKibibytes) || is(kMebibytes) || is(kGibibytes) ? "_bytes"
                                  : is({1e6, 1})                                       ? "_hertz"
                                  : is({1, 100})                                       ? "_ratio"
                                                                                       : "unknown";
    EXPECT_TRUE(base_name(meter).ends_with(unit)) << meter.name << " is of unit " << unit;
  }
}

// libvirt's times are ns or ms, and its sizes of memory KiB. Those that it gives in the base unit are known by name.
TEST(Meters, seconds_and_kibibytes_of_libvirt_are_not_taken_for_the_base_unit_by_accident) {
  const std::regex in_seconds{
      "process_.*|virt_(exporter|libvirt|openstack|read|scrape|source)_.*|openstack_.*_start_seconds|.*_timestamp_"
      "seconds|.*_(stats|calc)_period_seconds|.*_"
      "limit_.*burst.*_"
      "seconds"};
  const std::regex in_bytes{
      "process_.*|.*_(block|backing|interface|pool|storage_pool|job|perf)_.*_bytes|libvirt_domain_cpu_cache_.*|"
      "libvirt_domain_memory_bandwidth_.*|openstack_glance_image_bytes"};
  for (const Meter& meter : prometheus_meters()) {
    const std::string name{base_name(meter)};
    if (scale(meter) != 1) continue;
    EXPECT_TRUE(!name.ends_with("_seconds") || std::regex_match(name, in_seconds)) << meter.name;
    EXPECT_TRUE(!name.ends_with("_bytes") || std::regex_match(name, in_bytes)) << meter.name;
  }
}

TEST(Meters, percent_and_colon_are_in_no_name_but_that_of_a_peer) {
  for (const auto& [owner, meter] : all_meters()) {
    EXPECT_EQ(meter.name.find(':'), std::string_view::npos) << meter.name;
    EXPECT_TRUE(owner.starts_with("compat.") || meter.name.find("percent") == std::string_view::npos) << meter.name;
  }
}

TEST(Meters, info_is_a_gauge) {
  for (const Meter& meter : prometheus_meters())
    EXPECT_TRUE(!meter.name.ends_with("_info") || meter.type == Type::kGauge) << meter.name;
}

}  // namespace
}  // namespace virt
