// SPDX-License-Identifier: Apache-2.0
// The keys of statistics, and where each of them is. Most domains of a host have the very same ones, so these are kept
// once, and a domain's Stats has no more of its own than the values.
#ifndef VIRT_EXPORTER_KEYS_H_
#define VIRT_EXPORTER_KEYS_H_

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace virt {

// Keys in the order in which they were added, found by what stands before a dot, a branch, and by the rest of them.
// Positions, not pointers, are what it gives and keeps: it may be copied.
class Keys {
 public:
  using Position = std::uint32_t;
  static constexpr Position kNone = static_cast<Position>(-1);
  static constexpr Position kRoot = 0;  // the branch of all keys

  Keys();

  struct Key {
    std::string_view name;
    bool is_number;
    bool operator==(const Key&) const = default;
  };

  // Of two equal ones the first is found.
  void add(Key key);

  Position size() const { return static_cast<Position>(keys_.size()); }
  std::string_view name(Position key) const { return text(keys_[key].name); }
  bool is_number(Position key) const { return keys_[key].is_number; }
  Key operator[](Position key) const { return {name(key), is_number(key)}; }

  // The key that is called `rest` below `branch`, "rd.bytes" below "block.0".
  Position find(Position branch, std::string_view rest) const { return key_index_.find(*this, branch, rest); }
  // The branch "block.0" below the root, "0" below "block".
  Position find_branch(Position branch, std::string_view rest) const { return branch_index_.find(*this, branch, rest); }

  // What all keys of a branch begin with: "" or what ends in a dot.
  std::string_view prefix(Position branch) const { return text(branches_[branch].name); }
  // Its keys are in this range, and so may others be.
  std::pair<Position, Position> range(Position branch) const {
    return {branches_[branch].first, branches_[branch].last};
  }
  // The branches right below it that are numbers, in their order.
  const std::vector<Position>& numbered(Position branch) const { return branches_[branch].numbered; }

 private:
  struct Name {
    std::uint32_t at, size;
  };
  struct Entry {
    Name name;
    bool is_number;
  };
  struct Branch {
    Name name;
    Position first = kNone, last = 0;
    std::vector<Position> numbered;
  };

  // A hash table of keys, or of branches, each under every branch that it is below.
  class Index {
   public:
    using NameOf = std::string_view (Keys::*)(Position) const;
    explicit Index(NameOf name_of) : name_of_(name_of) {}
    void insert(const Keys& keys, Position branch, Position position);
    Position find(const Keys& keys, Position branch, std::string_view rest) const;

   private:
    struct Slot {
      Position branch = kNone, position = kNone;
    };
    static std::size_t hash(Position branch, std::string_view rest);
    std::string_view rest_of(const Keys& keys, const Slot& slot) const;
    void put(const Keys& keys, Slot slot);

    NameOf name_of_;
    std::size_t used_ = 0;
    std::vector<Slot> slots_;  // a power of two of them, half are empty at least
  };

  std::string_view text(Name name) const { return {chars_.data() + name.at, name.size}; }
  std::string_view branch_name(Position branch) const;
  Position grow_branch(const std::vector<Position>& path, std::string_view prefix);

  std::string chars_;
  std::vector<Entry> keys_;
  std::vector<Branch> branches_;
  Index key_index_{&Keys::name}, branch_index_{&Keys::branch_name};
};

using SharedKeys = std::shared_ptr<const Keys>;

// The keys that are shared by the whole process. Any thread.
class KeyPool {
 public:
  static KeyPool& instance();

  // So many keys, each of which `key_at` knows.
  template <typename KeyAt>
  SharedKeys share(Keys::Position size, KeyAt key_at) {
    const std::lock_guard lock{mutex_};
    return share_locked(size, key_at);
  }
  // Those of the first and then those of the second, both shared.
  SharedKeys join(const SharedKeys& first, const SharedKeys& second);

 private:
  struct Join {
    SharedKeys first, second, both;
  };

  template <typename KeyAt>
  SharedKeys share_locked(Keys::Position size, KeyAt key_at) {
    const auto are_these = [&](const auto& known) {
      if (known.second->size() != size) return false;
      for (Keys::Position i = 0; i < size; ++i)
        if ((*known.second)[i] != key_at(i)) return false;
      return true;
    };
    const std::size_t bucket = size + (size == 0 ? 0 : std::hash<std::string_view>{}(key_at(0).name));
    const auto [first, last] = known_.equal_range(bucket);
    if (const auto known = std::find_if(first, last, are_these); known != last) return known->second;
    const auto keys = std::make_shared<Keys>();
    for (Keys::Position i = 0; i < size; ++i) keys->add(key_at(i));
    return add(bucket, keys);
  }
  SharedKeys add(std::size_t bucket, const SharedKeys& keys);
  void forget_unused();

  std::mutex mutex_;
  // Guarded by mutex_.
  std::unordered_multimap<std::size_t, SharedKeys> known_;  // by their number and the first one
  std::map<std::pair<const Keys*, const Keys*>, Join> joins_;
  static constexpr std::size_t kFirstLimit = 64;
  std::size_t limit_ = kFirstLimit;  // of known ones, at which unused ones are forgotten
};

}  // namespace virt

#endif  // VIRT_EXPORTER_KEYS_H_
