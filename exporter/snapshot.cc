// SPDX-License-Identifier: Apache-2.0
#include "exporter/snapshot.h"

#include <algorithm>

namespace virt {
namespace {

bool is_index(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view first_word(std::string_view key) { return key.substr(0, key.find('.')); }

bool begins_with_word(std::string_view key, std::string_view word) {
  return key.size() >= word.size() && (key.size() == word.size() || key[word.size()] == '.') && key.starts_with(word);
}

}  // namespace

Stats::Entry& Stats::add_key(std::string_view key) {
  const auto at = static_cast<std::uint32_t>(chars_.size());
  chars_ += key;
  Entry& entry = entries_.emplace_back();
  entry.key_at = at;
  entry.key_size = static_cast<std::uint16_t>(key.size());
  extend_sections(key);
  return entries_.back();
}

// By the last entry, which is called `key`.
void Stats::extend_sections(std::string_view key) {
  const std::size_t last = entries_.size() - 1;
  if (sections_.empty() || !begins_with_word(key, word(sections_.back())))
    sections_.push_back({last, last, first_word(key).size()});
  sections_.back().last = entries_.size();
}

// The entries among which those are whose keys begin as this one does.
Stats::Section Stats::section(std::string_view key) const {
  const std::string_view wanted = first_word(key);
  Section found{entries_.size(), entries_.size(), wanted.size()};
  for (const Section& section : sections_) {
    if (section.word_size != wanted.size() || word(section) != wanted) continue;
    found.first = std::min(found.first, section.first);
    found.last = section.last;
  }
  return found;
}

void Stats::add(std::string_view key, double number) {
  Entry& entry = add_key(key);
  entry.number = number;
  entry.is_number = true;
}

void Stats::add(std::string_view key, std::string_view text) {
  Entry& entry = add_key(key);
  entry.is_number = false;
  entry.text = {static_cast<std::uint32_t>(chars_.size()), static_cast<std::uint32_t>(text.size())};
  chars_ += text;
}

void Stats::reserve(std::size_t keys, std::size_t bytes) {
  constexpr std::size_t kUsualSections = 16;
  entries_.reserve(entries_.size() + keys);
  chars_.reserve(chars_.size() + bytes);
  sections_.reserve(kUsualSections);
}

void Stats::append(const Stats& other) {
  reserve(other.entries_.size(), other.chars_.size());
  const auto shift = static_cast<std::uint32_t>(chars_.size());
  const std::size_t before = entries_.size();
  chars_ += other.chars_;
  for (Entry entry : other.entries_) {
    entry.key_at += shift;
    if (!entry.is_number) entry.text.at += shift;
    entries_.push_back(entry);
  }
  for (const Section& section : other.sections_)
    sections_.push_back({section.first + before, section.last + before, section.word_size});
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

// Sizes differ mostly, and the ends of keys more than their beginnings.
bool Record::is_called(const Entry& entry, std::string_view key) const {
  if (entry.key_size != prefix_.size() + key.size()) return false;
  const std::string_view whole = stats_->key(entry);
  return whole.ends_with(key) && whole.starts_with(prefix_);
}

// The entries among which one called `key` is. All keys as one record know in which section it must be; a record
// that is not there has no prefix either, and no entries.
Stats::Section Record::among(std::string_view key) const {
  const bool is_all = prefix_.empty() && first_ < last_;
  return is_all ? stats_->section(key) : Stats::Section{first_, last_, 0};
}

std::size_t Record::find(std::string_view key, std::size_t near) const {
  const auto [first, last, word_size] = among(key);
  near = std::clamp(near, first, last);
  for (std::size_t i = near; i < last; ++i)
    if (is_called(stats_->entries_[i], key)) return i;
  for (std::size_t i = first; i < near; ++i)
    if (is_called(stats_->entries_[i], key)) return i;
  return kNone;
}

std::optional<double> Record::number(std::string_view key) const {
  std::size_t near = first_;
  return number(key, near);
}

std::optional<double> Record::number(std::string_view key, std::size_t& near) const {
  const std::size_t found = find(key, near);
  if (found == kNone) return std::nullopt;
  near = found + 1;
  const Entry& entry = stats_->entries_[found];
  return entry.is_number ? std::optional{entry.number} : std::nullopt;
}

std::optional<std::string_view> Record::text(std::string_view key) const {
  const std::size_t found = find(key, first_);
  if (found == kNone || stats_->entries_[found].is_number) return std::nullopt;
  const Entry& entry = stats_->entries_[found];
  return std::string_view{stats_->chars_.data() + entry.text.at, entry.text.size};
}

// The prefix of the new record is taken from one of its own keys, so that it lives as long as they do.
Record Record::record(std::string_view name) const {
  const auto [first, last, word_size] = among(name);
  for (std::size_t i = first; i < last; ++i) {
    std::string_view key;
    if (relative(stats_->entries_[i], key) && key.starts_with(name) && key.substr(name.size(), 1) == ".")
      return {*stats_, i, last, stats_->key(stats_->entries_[i]).substr(0, prefix_.size() + name.size() + 1)};
  }
  return {*stats_, last, last, {}};
}

std::vector<Record> Record::group(std::string_view name) const {
  const Record below = record(name);
  std::vector<Record> records;
  for (std::size_t i = below.first_; i < below.last_; ++i) {
    const std::string_view whole = stats_->key(stats_->entries_[i]);
    auto known =
        std::find_if(records.rbegin(), records.rend(), [&](const Record& r) { return whole.starts_with(r.prefix_); });
    if (known != records.rend()) {
      known->last_ = i + 1;
      continue;
    }
    std::string_view key;
    if (!below.relative(stats_->entries_[i], key)) continue;
    const std::string_view index = key.substr(0, key.find('.'));
    if (index.size() < key.size() && is_index(index))
      records.push_back(Record{*stats_, i, i + 1, whole.substr(0, below.prefix_.size() + index.size() + 1)});
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
