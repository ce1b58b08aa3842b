// SPDX-License-Identifier: Apache-2.0
#include "exporter/stats_builder.h"

#include <utility>

#include "exporter/keys.h"

namespace virt {

void StatsBuilder::add_key(std::string_view name, bool is_number) {
  keys_.push_back({static_cast<std::uint32_t>(names_.size()), static_cast<std::uint32_t>(name.size()), is_number});
  names_ += name;
}

void StatsBuilder::add(std::string_view key, double number) {
  add_key(key, true);
  stats_.push(number);
}

void StatsBuilder::add(std::string_view key, std::string_view text) {
  add_key(key, false);
  stats_.push(text);
}

void StatsBuilder::append(const Stats& other) {
  const Keys& keys = other.keys();
  for (Keys::Position i = 0; i < keys.size(); ++i) add_key(keys.name(i), keys.is_number(i));
  stats_.push_all(other);
}

Stats StatsBuilder::build() {
  if (!empty())
    stats_.keys_ = KeyPool::instance().share(static_cast<Keys::Position>(keys_.size()), [this](Keys::Position i) {
      const auto [at, size, is_number] = keys_[i];
      return Keys::Key{std::string_view{names_}.substr(at, size), is_number};
    });
  return std::exchange(*this, {}).stats_;
}

void extend(Stats& stats, const Stats& more) {
  if (more.empty()) return;
  stats.push_all(more);
  stats.keys_ = stats.keys_ ? KeyPool::instance().join(stats.keys_, more.keys_) : more.keys_;
}

}  // namespace virt
