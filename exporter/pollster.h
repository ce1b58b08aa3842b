// SPDX-License-Identifier: Apache-2.0
// The contract between the exporter and its pollsters. Beside it the author of a pollster needs the snapshot of the
// source, which is libvirt/snapshot.h for libvirt.
#ifndef VIRT_EXPORTER_POLLSTER_H_
#define VIRT_EXPORTER_POLLSTER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "exporter/abi.h"
#include "exporter/literal.h"
#include "exporter/record.h"
#include "exporter/settings.h"
#include "exporter/snapshot.h"

#pragma GCC visibility push(default)  // plug-ins find it in the program

namespace virt {

struct Domain;  // exporter/libvirt/snapshot.h

// How a value behaves over time. A histogram's counters are its buckets: cumulative counts, each with a
// label "le" (the bucket's upper bound in base units, a number), the last one "+Inf".
enum class Type { kGauge, kCumulative, kHistogram };

// From the source's unit to Prometheus' base unit: value × numerator ÷ denominator.
struct Unit {
  double numerator = 1, denominator = 1;
};
inline constexpr Unit kOne{}, kNanoseconds{1, 1e9}, kMilliseconds{1, 1e3}, kKibibytes{1024, 1},
    kMebibytes{1024.0 * 1024, 1}, kGibibytes{1024.0 * 1024 * 1024, 1};

// One thing that is measured, and the family it becomes.
//
// One '*' in the key stands for any text and is filled in for the '*' of the name, for libvirt's open
// groups, whose keys come from the hypervisor ("*.sum" → "…_kvm_*_total"). Such a text is made lower case
// with underscores; if it ends in "_ns", the name gets "_seconds" and the value is scaled.
struct Meter {
  Literal key;      // the source's key, relative to its record: "rd.bytes"; "" if the value is computed
  FamilyName name;  // the Prometheus family
  Type type;
  Unit unit;
  Literal help;  // ends in where the source has the value from
};

using Meters = std::span<const Meter>;  // a table, or a part of one

// What a counter belongs to: the host, a domain (whose uuid, user, project and metadata stand in it), or
// a device, told apart by labels. No label is there twice: it would cost the pollster its counters.
//
// Names are taken where there is a domain: "domain", which the exporter adds, always; and those that --domain_labels
// may choose ("uuid", "project_id" …) mean the same in every family. The exporter adds the chosen ones that the
// resource does not bring itself.
struct Label {
  LabelName name;
  std::string value;  // any bytes
};
struct Resource {
  struct LabelView {
    LabelName name;
    std::string_view value;
  };

  Resource() = default;
  // Copies the values.
  Resource(const Domain* of, std::initializer_list<LabelView> views) : domain(of) {
    labels.reserve(views.size());
    for (const auto& [name, value] : views) labels.push_back({name, std::string{value}});
  }

  const Domain* domain = nullptr;  // of the snapshot; none = the host, or a resource that brings all of its labels
  std::vector<Label> labels;
};

// One measurement.
struct Counter {
  const Meter* meter;
  const Resource* resource;    // owned by the Counters that this belongs to
  double volume;               // in the base unit
  std::string_view star = {};  // what the '*' of the meter stands for; points into the snapshot
};

// What a pollster says: its counters in their order, and the resources that they belong to. One thread at a time.
class Counters {
 public:
  Counters();
  ~Counters();
  Counters(Counters&& other) noexcept;
  Counters& operator=(Counters&& other) noexcept;

  // Adds a Counter for each row of `table` whose key `record` has, scaled to the base unit. The table must outlive the
  // Counters, as tables of constants do: where its keys are is remembered by its address.
  void sample(Meters table, const Record& record, Resource resource);
  // Adds one Counter of a computed value, which is in the base unit already. `star` stands for the '*' of the meter's
  // name, and must live as long as the snapshot.
  void sample(const Meter& meter, double volume, Resource resource, std::string_view star = {});

  const Counter& operator[](std::size_t i) const { return counters_[i]; }
  std::size_t size() const { return counters_.size(); }
  bool empty() const { return counters_.empty(); }
  auto begin() const { return counters_.begin(); }
  auto end() const { return counters_.end(); }

 private:
  class KnownPlaces;

  std::vector<Counter> counters_;
  std::deque<Resource> resources_;  // which stay where they are
  std::unique_ptr<KnownPlaces> known_places_;
};

// What a pollster needs of its source, so that nothing else is read: bits, for which each source has its own words.
using Needs = std::uint64_t;

// A plug-in of the agent. Made once, used by one thread at a time for each scrape, by several scrapes at
// once: const, no I/O, no locks, no state. Write a PollsterOf.
class PollsterBase {
 public:
  virtual ~PollsterBase() = default;
  // The name of the source whose snapshots it takes.
  virtual std::string_view source() const = 0;
  // Everything it can ever say, table by table; the tables outlive it. No other pollster may claim one of
  // these families. This and all below but counters() are asked once, at the start.
  virtual std::vector<Meters> meters() const = 0;
  virtual Needs needs() const = 0;
  // Whether it runs unless --pollsters says otherwise.
  virtual bool on_by_default() const { return true; }
  // Whether its domains get the labels that --domain_labels chooses; not if its families are another program's, whose
  // labels they must have and no others.
  virtual bool takes_domain_labels() const { return true; }
  // What is true now. What throws costs this pollster's counters of this scrape, and nothing else.
  virtual Counters counters(const SnapshotBase& snapshot) const = 0;
};

// A pollster of the source whose snapshots are `S`, such as libvirt's (exporter/libvirt/snapshot.h).
template <typename S>
class PollsterOf : public PollsterBase {
 public:
  std::string_view source() const final { return S::kSource; }
  // The program gives it no snapshots but those of its source.
  Counters counters(const SnapshotBase& snapshot) const final { return get_counters(static_cast<const S&>(snapshot)); }

  virtual Counters get_counters(const S& snapshot) const = 0;
};

// A bucket's bound as Prometheus' own libraries write it, for its label "le": "0.0001", "1e-05", "+Inf".
std::string bound_text(double bound);

}  // namespace virt

#pragma GCC visibility pop

// Makes the pollster known as "name_space.name". Once for each class, in its .cc file.
#define REGISTER_POLLSTER(name_space, name, Class)                                                               \
  namespace {                                                                                                    \
  ::virt_pollster_record virt_record_##name_space##_##name{                                                      \
      VIRT_EXPORTER_ABI, #name_space "." #name, &::virt::make_registered<::virt::PollsterBase, Class>, nullptr}; \
  const bool virt_registered_##name_space##_##name =                                                             \
      (::virt_register_pollster(&virt_record_##name_space##_##name), true);                                      \
  }                                                                                                              \
  static_assert(true, "swallows the semicolon")

#endif  // VIRT_EXPORTER_POLLSTER_H_
