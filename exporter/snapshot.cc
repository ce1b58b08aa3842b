// SPDX-License-Identifier: Apache-2.0
#include "exporter/snapshot.h"

#include <algorithm>

namespace virt {
namespace {

bool is_index(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Stats::Entry& Stats::add_key(std::string_view key) {
  const auto at = static_cast<std::uint32_t>(chars_.size());
  chars_ += key;
  return entries_.emplace_back(Entry{at, static_cast<std::uint32_t>(key.size()), 0, 0, 0, false});
}

void Stats::add(std::string_view key, double number) {
  Entry& entry = add_key(key);
  entry.number = number;
  entry.is_number = true;
}

void Stats::add(std::string_view key, std::string_view text) {
  Entry& entry = add_key(key);
  entry.text_at = static_cast<std::uint32_t>(chars_.size());
  entry.text_size = static_cast<std::uint32_t>(text.size());
  chars_ += text;
}

void Stats::append(const Stats& other) {
  const auto shift = static_cast<std::uint32_t>(chars_.size());
  chars_ += other.chars_;
  for (Entry entry : other.entries_) {
    entry.key_at += shift;
    entry.text_at += shift;
    entries_.push_back(entry);
  }
}

Record Stats::all() const { return {*this, 0, entries_.size(), {}}; }
std::optional<double> Stats::number(std::string_view key) const { return all().number(key); }
std::optional<std::string_view> Stats::text(std::string_view key) const { return all().text(key); }
Record Stats::record(std::string_view name) const { return all().record(name); }
std::vector<Record> Stats::group(std::string_view name) const { return all().group(name); }

bool Record::relative(const Entry& entry, std::string_view& key) const {
  key = stats_->key(entry);
  if (!key.starts_with(prefix_)) return false;
  key.remove_prefix(prefix_.size());
  return true;
}

const Record::Entry* Record::find(std::string_view key) const {
  for (std::size_t i = first_; i < last_; ++i) {
    const Entry& entry = stats_->entries_[i];
    std::string_view relative_key;
    if (entry.key_size == prefix_.size() + key.size() && relative(entry, relative_key) && relative_key == key)
      return &entry;
  }
  return nullptr;
}

std::optional<double> Record::number(std::string_view key) const {
  const Entry* entry = find(key);
  if (entry == nullptr || !entry->is_number) return std::nullopt;
  return entry->number;
}

std::optional<std::string_view> Record::text(std::string_view key) const {
  const Entry* entry = find(key);
  if (entry == nullptr || entry->is_number) return std::nullopt;
  return std::string_view{stats_->chars_.data() + entry->text_at, entry->text_size};
}

// The prefix of the new record is taken from one of its own keys, so that it lives as long as they do.
Record Record::record(std::string_view name) const {
  Record result{*stats_, last_, last_, {}};
  for (std::size_t i = first_; i < last_; ++i) {
    std::string_view key;
    if (!relative(stats_->entries_[i], key) || !key.starts_with(name) || key.substr(name.size(), 1) != ".") continue;
    if (result.first_ == last_) result.first_ = i;
    result.last_ = i + 1;
    result.prefix_ = stats_->key(stats_->entries_[i]).substr(0, prefix_.size() + name.size() + 1);
  }
  if (result.first_ == last_) result.last_ = result.first_;
  return result;
}

std::vector<Record> Record::group(std::string_view name) const {
  const Record below = record(name);
  std::vector<Record> records;
  for (std::size_t i = below.first_; i < below.last_; ++i) {
    std::string_view key;
    if (!below.relative(stats_->entries_[i], key)) continue;
    const std::string_view index = key.substr(0, key.find('.'));
    if (index.size() == key.size() || !is_index(index)) continue;
    auto known = std::find_if(records.rbegin(), records.rend(), [&](const Record& r) { return r.index() == index; });
    if (known == records.rend()) {
      const auto prefix = stats_->key(stats_->entries_[i]).substr(0, below.prefix_.size() + index.size() + 1);
      records.push_back(Record{*stats_, i, i + 1, prefix});
    } else {
      known->last_ = i + 1;
    }
  }
  return records;
}

std::string_view Record::index() const {
  std::string_view name = prefix_.substr(0, prefix_.empty() ? 0 : prefix_.size() - 1);
  return name.substr(name.rfind('.') + 1);
}

std::vector<Record::Match> Record::match(std::string_view pattern) const {
  const auto star = pattern.find('*');
  const std::string_view head = pattern.substr(0, star), tail = pattern.substr(star + 1);
  std::vector<Match> matches;
  for (std::size_t i = first_; i < last_; ++i) {
    const Entry& entry = stats_->entries_[i];
    std::string_view key;
    if (!entry.is_number || !relative(entry, key)) continue;
    if (key.size() > head.size() + tail.size() && key.starts_with(head) && key.ends_with(tail))
      matches.push_back({key.substr(head.size(), key.size() - head.size() - tail.size()), entry.number});
  }
  return matches;
}

const Disk* DomainFacts::disk(std::string_view target) const {
  const auto found = std::find_if(disks.begin(), disks.end(), [&](const Disk& disk) { return disk.target == target; });
  return found == disks.end() ? nullptr : &*found;
}

}  // namespace virt
