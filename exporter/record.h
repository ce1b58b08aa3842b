// SPDX-License-Identifier: Apache-2.0
// "key → number | text", as sources give it: libvirt's statistics, a row of a table. Sources fill it with a
// StatsBuilder (stats_builder.h).
#ifndef VIRT_EXPORTER_RECORD_H_
#define VIRT_EXPORTER_RECORD_H_

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#pragma GCC visibility push(default)  // plug-ins find it in the program

namespace virt {

class Keys;
class Record;

// Typed "key → number | text". Of a domain it has the very keys of libvirt's virConnectGetAllDomainStats (what
// `virsh domstats --raw` prints); all of libvirt's number types become double, booleans 0 and 1.
class Stats {
 public:
  // The value of `key`; nothing where the source did not say it, or said it in the other type.
  std::optional<double> number(std::string_view key) const;
  std::optional<std::string_view> text(std::string_view key) const;

  // All keys as one record.
  Record all() const;
  // What stands below `name` ("balloon" → all "balloon.*"), with keys relative to it.
  Record record(std::string_view name) const;
  // The indexed records of `name` ("vcpu" → one Record for each n of "vcpu.<n>.*"), by the indices
  // that are present: vCPU numbers have holes.
  std::vector<Record> group(std::string_view name) const;

  bool empty() const { return values_.empty(); }

 private:
  friend class Record;
  friend class Counters;
  friend class StatsBuilder;
  friend class ValuesBuilder;
  friend void extend(Stats& stats, const Stats& more);
  union Value {
    double number;
    struct {
      std::uint32_t at, size;
    } text;  // in texts_
  };

  const Keys& keys() const;
  void push(double number);
  void push(std::string_view text);
  void push_all(const Stats& other);

  std::shared_ptr<const Keys> keys_;  // shared with all Stats that have the same ones; null if there are none
  std::vector<Value> values_;         // in their order
  std::string texts_;
};

// A view of those keys of a Stats that share a prefix; lives no longer than the snapshot.
class Record {
 public:
  std::optional<double> number(std::string_view key) const;
  std::optional<std::string_view> text(std::string_view key) const;
  Record record(std::string_view name) const;
  std::vector<Record> group(std::string_view name) const;

  bool empty() const;

  // The "<n>" of an indexed record, as the source spells it.
  std::string_view index() const;

  // A key of this record (relative to it) that has the form of `pattern`, in which one '*' stands for
  // any text. `star` is what it stands for; it points into the snapshot.
  struct Match {
    std::string_view star;
    double number;
    std::uint32_t position;  // see keys.h
  };
  std::vector<Match> match(std::string_view pattern) const;
  // Whether it has a key of such a form, a number or a text.
  bool has(std::string_view pattern) const;

 private:
  friend class Stats;
  friend class Counters;  // which remembers where keys are
  Record(const Stats& stats, std::uint32_t branch) : stats_(&stats), branch_(branch) {}
  std::uint32_t find(std::string_view key) const;
  template <typename Use>
  void each_match(std::string_view pattern, Use use) const;

  const Stats* stats_;
  std::uint32_t branch_;  // of its keys (see keys.h)
};

}  // namespace virt

#pragma GCC visibility pop

#endif  // VIRT_EXPORTER_RECORD_H_
