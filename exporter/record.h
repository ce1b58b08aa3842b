// SPDX-License-Identifier: Apache-2.0
// "key → number | text", as sources give it: libvirt's statistics, a row of a table.
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
  Stats();
  ~Stats();
  Stats(const Stats& other);
  Stats(Stats&& other) noexcept;
  Stats& operator=(Stats other) noexcept;

  // Keys keep the order in which they are added. A key that is added twice keeps its first value.
  void add(std::string_view key, double number);
  void add(std::string_view key, std::string_view text);
  // Adds all that `other`, which is another one, has.
  void append(const Stats& other);

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

  // For sources (see keys.h). A Stats of keys that are shared already; the values follow, in their order.
  explicit Stats(std::shared_ptr<const Keys> keys);
  void add_value(double number);
  void add_value(std::string_view text);
  // All keys are there: those of other Stats that are equal take their place.
  void share_keys();

 private:
  friend class Record;
  friend class Counters;
  union Value {
    double number;
    struct {
      std::uint32_t at, size;
    } text;  // in texts_
  };

  const Keys& keys() const;
  Keys& own_keys();

  // Its keys are its own and may grow, or shared and constant.
  std::unique_ptr<Keys> own_;
  std::shared_ptr<const Keys> shared_;
  std::vector<Value> values_;
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

 private:
  friend class Stats;
  friend class Counters;  // which remembers where keys are
  Record(const Stats& stats, std::uint32_t branch) : stats_(&stats), branch_(branch) {}
  std::uint32_t find(std::string_view key) const;

  const Stats* stats_;
  std::uint32_t branch_;  // of its keys (see keys.h)
};

}  // namespace virt

#pragma GCC visibility pop

#endif  // VIRT_EXPORTER_RECORD_H_
