// SPDX-License-Identifier: Apache-2.0
#include "exporter/record.h"

#include "exporter/keys.h"

namespace virt {

// ---- Statistics --------------------------------------------------------------------------------------------

const Keys& Stats::keys() const {
  static const Keys& no_keys = *new Keys;  // never destroyed, as threads may outlive main()
  return keys_ ? *keys_ : no_keys;
}

void Stats::push(double number) { values_.emplace_back().number = number; }

void Stats::push(std::string_view text) {
  constexpr std::size_t kUsual = 120;  // two disks' paths and names
  if (texts_.empty()) texts_.reserve(kUsual);
  values_.emplace_back().text = {static_cast<std::uint32_t>(texts_.size()), static_cast<std::uint32_t>(text.size())};
  texts_ += text;
}

void Stats::push_all(const Stats& other) {
  const Keys& pushed = other.keys();
  const auto shift = static_cast<std::uint32_t>(texts_.size());
  texts_ += other.texts_;
  for (Keys::Position i = 0; i < pushed.size(); ++i) {
    values_.push_back(other.values_[i]);
    if (!pushed.is_number(i)) values_.back().text.at += shift;
  }
}

Record Stats::all() const { return {*this, Keys::kRoot}; }
std::optional<double> Stats::number(std::string_view key) const { return all().number(key); }
std::optional<std::string_view> Stats::text(std::string_view key) const { return all().text(key); }
Record Stats::record(std::string_view name) const { return all().record(name); }
std::vector<Record> Stats::group(std::string_view name) const { return all().group(name); }

// ---- Records -----------------------------------------------------------------------------------------------

std::uint32_t Record::find(std::string_view key) const {
  return branch_ == Keys::kNone ? Keys::kNone : stats_->keys().find(branch_, key);
}

std::optional<double> Record::number(std::string_view key) const {
  const Keys::Position found = find(key);
  if (found == Keys::kNone || !stats_->keys().is_number(found)) return std::nullopt;
  return stats_->values_[found].number;
}

std::optional<std::string_view> Record::text(std::string_view key) const {
  const Keys::Position found = find(key);
  if (found == Keys::kNone || stats_->keys().is_number(found)) return std::nullopt;
  const auto [at, size] = stats_->values_[found].text;
  return std::string_view{stats_->texts_}.substr(at, size);
}

Record Record::record(std::string_view name) const {
  return {*stats_, branch_ == Keys::kNone ? Keys::kNone : stats_->keys().find_branch(branch_, name)};
}

std::vector<Record> Record::group(std::string_view name) const {
  const Record below = record(name);
  std::vector<Record> records;
  if (below.branch_ == Keys::kNone) return records;
  const auto& branches = stats_->keys().numbered(below.branch_);
  records.reserve(branches.size());
  for (const Keys::Position branch : branches) records.push_back({*stats_, branch});
  return records;
}

bool Record::empty() const { return branch_ == Keys::kNone || stats_->empty(); }

std::string_view Record::index() const {
  if (branch_ == Keys::kNone || branch_ == Keys::kRoot) return {};
  std::string_view name = stats_->keys().prefix(branch_);
  name.remove_suffix(1);
  return name.substr(name.rfind('.') + 1);
}

// Calls use(position, what the '*' stands for).
template <typename Use>
void Record::each_match(std::string_view pattern, Use use) const {
  if (branch_ == Keys::kNone) return;
  const auto star = pattern.find('*');
  const std::string_view head = pattern.substr(0, star), tail = pattern.substr(star + 1);
  const Keys& keys = stats_->keys();
  const std::string_view prefix = keys.prefix(branch_);
  const auto [first, last] = keys.range(branch_);
  for (Keys::Position i = first; i < last; ++i) {
    std::string_view key = keys.name(i);
    if (!key.starts_with(prefix)) continue;
    key.remove_prefix(prefix.size());
    if (key.size() > head.size() + tail.size() && key.starts_with(head) && key.ends_with(tail))
      use(i, key.substr(head.size(), key.size() - head.size() - tail.size()));
  }
}

std::vector<Record::Match> Record::match(std::string_view pattern) const {
  std::vector<Match> matches;
  each_match(pattern, [&](Keys::Position i, std::string_view star) {
    if (stats_->keys().is_number(i)) matches.push_back({star, stats_->values_[i].number, i});
  });
  return matches;
}

bool Record::has(std::string_view pattern) const {
  bool found = false;
  each_match(pattern, [&](Keys::Position, std::string_view) { found = true; });
  return found;
}

}  // namespace virt
