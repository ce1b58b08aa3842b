// SPDX-License-Identifier: Apache-2.0
#include "exporter/keys.h"

#include <algorithm>

namespace virt {
namespace {

bool is_number_text(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

// ---- The index ---------------------------------------------------------------------------------------------

std::size_t Keys::Index::hash(Position branch, std::string_view rest) {
  constexpr std::size_t kSpread = 0x9E3779B97F4A7C15;  // of branches, which are small numbers
  return std::hash<std::string_view>{}(rest) ^ (branch * kSpread);
}

std::string_view Keys::Index::rest_of(const Keys& keys, const Slot& slot) const {
  return (keys.*name_of_)(slot.position).substr(keys.branches_[slot.branch].name.size);
}

Keys::Position Keys::Index::find(const Keys& keys, Position branch, std::string_view rest) const {
  if (slots_.empty()) return kNone;
  const std::size_t mask = slots_.size() - 1;
  for (std::size_t i = hash(branch, rest) & mask;; i = (i + 1) & mask) {
    const Slot& slot = slots_[i];
    if (slot.position == kNone) return kNone;
    if (slot.branch == branch && rest_of(keys, slot) == rest) return slot.position;
  }
}

void Keys::Index::put(const Keys& keys, Slot slot) {
  const std::size_t mask = slots_.size() - 1;
  std::size_t i = hash(slot.branch, rest_of(keys, slot)) & mask;
  while (slots_[i].position != kNone) i = (i + 1) & mask;
  slots_[i] = slot;
}

void Keys::Index::insert(const Keys& keys, Position branch, Position position) {
  constexpr std::size_t kFirstSize = 16;
  if (2 * ++used_ > slots_.size()) {
    const std::vector<Slot> old = std::exchange(slots_, std::vector<Slot>(std::max(kFirstSize, 2 * slots_.size())));
    for (const Slot& slot : old)
      if (slot.position != kNone) put(keys, slot);
  }
  put(keys, {branch, position});
}

// ---- Keys --------------------------------------------------------------------------------------------------

Keys::Keys() { branches_.push_back({{0, 0}, 0, 0, {}}); }

std::string_view Keys::branch_name(Position branch) const {
  const std::string_view name = prefix(branch);
  return name.substr(0, name.empty() ? 0 : name.size() - 1);  // without its dot
}

void Keys::add(Key added) {
  const std::string_view key = added.name;
  const Position position = size();
  keys_.push_back(
      {{static_cast<std::uint32_t>(chars_.size()), static_cast<std::uint32_t>(key.size())}, added.is_number});
  chars_ += key;
  std::vector<Position> path{kRoot};  // all branches that it is below
  for (std::size_t dot = key.find('.'); dot != std::string_view::npos; dot = key.find('.', dot + 1))
    path.push_back(grow_branch(path, key.substr(0, dot + 1)));
  const bool is_new = find(kRoot, key) == kNone;
  for (const Position branch : path) {
    branches_[branch].first = std::min(branches_[branch].first, position);
    branches_[branch].last = position + 1;
    if (is_new) key_index_.insert(*this, branch, position);
  }
}

// The last key is the first of a new branch, or one more of a known one.
Keys::Position Keys::grow_branch(const std::vector<Position>& path, std::string_view prefix) {
  const Position known = find_branch(kRoot, prefix.substr(0, prefix.size() - 1));
  if (known != kNone) return known;
  const auto branch = static_cast<Position>(branches_.size());
  branches_.push_back({{keys_.back().name.at, static_cast<std::uint32_t>(prefix.size())}, kNone, 0, {}});
  for (const Position above : path) branch_index_.insert(*this, above, branch);
  const std::string_view word = branch_name(branch).substr(branches_[path.back()].name.size);
  if (is_number_text(word)) branches_[path.back()].numbered.push_back(branch);
  return branch;
}

// ---- Keys that are shared ----------------------------------------------------------------------------------

KeyPool& KeyPool::instance() {
  static KeyPool& pool = *new KeyPool;  // never destroyed: threads that hang in libvirt outlive main()
  return pool;
}

SharedKeys KeyPool::add(std::size_t bucket, const SharedKeys& keys) {
  if (known_.size() >= limit_) forget_unused();
  known_.emplace(bucket, keys);
  return keys;
}

SharedKeys KeyPool::join(const SharedKeys& first, const SharedKeys& second) {
  const std::lock_guard lock{mutex_};
  const std::pair pair{first.get(), second.get()};
  if (const auto known = joins_.find(pair); known != joins_.end()) return known->second.both;
  SharedKeys both = share_locked(first->size() + second->size(), [&](Keys::Position i) {
    return i < first->size() ? (*first)[i] : (*second)[i - first->size()];
  });
  joins_.emplace(pair, Join{first, second, both});
  return both;
}

// So there are never more than twice as many as are in use, or the first few.
void KeyPool::forget_unused() {
  joins_.clear();
  std::erase_if(known_, [](const auto& known) { return known.second.use_count() == 1; });
  limit_ = std::max(kFirstLimit, 2 * known_.size());
}

}  // namespace virt
