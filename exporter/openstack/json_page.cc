// SPDX-License-Identifier: Apache-2.0
#include "exporter/openstack/json_page.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <variant>

#include "exporter/keys.h"
#include "exporter/text/utf8.h"
#include "exporter/values_builder.h"

namespace virt {
namespace {

constexpr std::size_t kMaxText = 256, kMaxDepth = 32, kMaxValues = 1 << 16;

std::string_view first_part(std::string_view path) { return path.substr(0, path.find('.')); }
std::string_view rest_of(std::string_view path) {
  const auto dot = path.find('.');
  return dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
}

bool matches(std::string_view pattern, std::string_view path) {
  while (!pattern.empty() && !path.empty()) {
    if (const auto part = first_part(pattern); part != "*" && part != first_part(path)) return false;
    pattern = rest_of(pattern);
    path = rest_of(path);
  }
  return pattern.empty() && path.empty();
}

// What nlohmann-json calls as it reads. Each function returns whether to go on.
class Sax {
 public:
  using Json = nlohmann::json;

  Sax(const PageShape& shape, std::size_t max_items, JsonPage& page)
      : shape_(shape), links_(std::string{shape.items} + "_links"), max_items_(max_items), page_(page) {}

  const std::string& error() const { return error_; }

  bool null() {
    return scalar([] {});
  }
  bool boolean(bool value) {
    return scalar([&] {
      if (path_ == "truncated") page_.truncated = value;
      keep(value ? 1.0 : 0.0);
    });
  }
  bool number_integer(Json::number_integer_t value) {
    return scalar([&] { keep(static_cast<double>(value)); });
  }
  bool number_unsigned(Json::number_unsigned_t value) {
    return scalar([&] { keep(static_cast<double>(value)); });
  }
  bool number_float(Json::number_float_t value, const std::string&) {
    return scalar([&] { keep(value); });
  }
  bool string(const std::string& value) {
    return scalar([&] {
      if (item_at_ == kNoItem) note_link(value);
      keep(std::string{cut(value, kMaxText)});
    });
  }
  bool binary(const Json::binary_t&) { return fail("is not JSON"); }

  bool start_object(std::size_t) { return open(false); }
  bool key(const std::string& name) {
    path_.resize(levels_.back().path);
    if (!path_.empty()) path_ += '.';
    path_ += name;
    ++levels_.back().members;
    return true;
  }
  bool end_object() { return close(); }
  bool start_array(std::size_t) { return open(true); }
  bool end_array() { return close(); }

  bool parse_error(std::size_t at, const std::string&, const nlohmann::detail::exception&) {
    return fail("is not JSON from byte " + std::to_string(at) + " on");
  }

 private:
  struct Level {
    bool is_array;
    std::size_t path;     // how long the path to it is
    std::size_t members;  // so far
  };
  using Value = std::variant<double, std::string>;
  static constexpr std::size_t kNoItem = static_cast<std::size_t>(-1);

  bool fail(std::string what) {
    if (error_.empty()) error_ = std::move(what);
    return false;
  }

  // The path of a value in an array ends in its index.
  void enter_value() {
    if (levels_.empty() || !levels_.back().is_array) return;
    path_.resize(levels_.back().path);
    if (!path_.empty()) path_ += '.';
    path_ += std::to_string(levels_.back().members++);
  }

  template <typename Use>
  bool scalar(Use use) {
    if (levels_.empty()) return fail("is not an object");
    enter_value();
    use();
    return keys_.size() <= kMaxValues || fail("has an item with too many values");
  }

  bool open(bool is_array) {
    if (levels_.empty() && is_array) return fail("is not an object");
    if (levels_.size() >= kMaxDepth) return fail("is nested too deep");
    enter_value();
    levels_.push_back({is_array, path_.size(), 0});
    if (levels_.size() == 2 && path_ == shape_.items) has_list_ = is_array;
    if (item_at_ == kNoItem && begins_item(is_array)) {
      if (page_.items.size() >= max_items_) return fail("has too many items");
      item_at_ = levels_.size();
    }
    return true;
  }

  bool begins_item(bool is_array) const {
    if (shape_.items.empty()) return levels_.size() == 1;
    return !is_array && levels_.size() == 3 && levels_[1].is_array && first_part(path_) == shape_.items;
  }

  bool close() {
    const Level level = levels_.back();
    path_.resize(level.path);
    keep_size(level.members);
    if (item_at_ == levels_.size()) end_item();
    if (levels_.size() == 3 && first_part(path_) == links_ && rel_ == "next") page_.next = href_;
    levels_.pop_back();
    if (levels_.empty() && !shape_.items.empty() && !has_list_)
      return fail("has no list \"" + std::string{shape_.items} + "\"");
    return true;
  }

  // Links stand outside of the items: Neutron's and Nova's in "servers_links", Keystone's in "links", Glance's at the
  // top.
  void note_link(const std::string& value) {
    if (path_ == "next" || path_ == "links.next") page_.next = value;
    if (first_part(path_) != links_) return;
    const auto key = rest_of(rest_of(path_));
    if (key == "rel") rel_ = value;
    if (key == "href") href_ = value;
  }

  // The path within the item.
  std::string_view item_key() const {
    const std::size_t item = shape_.items.empty() ? 0 : levels_[item_at_ - 1].path + 1;
    return std::string_view{path_}.substr(std::min(item, path_.size()));
  }

  bool is_wanted(std::string_view key) const {
    for (const std::string_view field : shape_.fields)
      if (matches(field, key)) return true;
    return false;
  }

  void keep(Value value) {
    if (item_at_ == kNoItem || !is_wanted(item_key())) return;
    keys_.emplace_back(item_key());
    values_.push_back(std::move(value));
  }

  void keep_size(std::size_t members) {
    if (item_at_ == kNoItem || item_key().empty()) return;
    const std::string size_key = std::string{item_key()} + ".#";
    for (const std::string_view field : shape_.fields)
      if (field == size_key) {
        keys_.push_back(size_key);
        values_.emplace_back(static_cast<double>(members));
      }
  }

  void end_item() {
    ValuesBuilder item{KeyPool::instance().share(static_cast<Keys::Position>(keys_.size()), [this](Keys::Position i) {
      return Keys::Key{keys_[i], std::holds_alternative<double>(values_[i])};
    })};
    for (const Value& value : values_) std::visit([&](const auto& known) { item.add(known); }, value);
    const Stats with_more_room = item.build();
    page_.items.push_back(with_more_room);  // a copy, as a cloud has tens of thousands of items
    keys_.clear();
    values_.clear();
    item_at_ = kNoItem;
  }

  const PageShape& shape_;
  const std::string links_;
  const std::size_t max_items_;
  JsonPage& page_;

  std::string error_;
  std::vector<Level> levels_;
  std::string path_;  // of the value at hand, from the top: "ports.3.status"
  bool has_list_ = false;
  std::size_t item_at_ = kNoItem;  // how many levels there are in the item at hand, itself included
  std::vector<std::string> keys_;  // of the item at hand
  std::vector<Value> values_;
  std::string rel_, href_;
};

std::string parse(const std::string& body, const PageShape& shape, std::size_t max_items, JsonPage& page) {
  Sax sax{shape, max_items, page};
  return nlohmann::json::sax_parse(body, &sax) ? "" : sax.error();
}

}  // namespace

std::string parse_page(const std::string& body, const PageShape& shape, std::size_t max_items, JsonPage& page) {
  page.next.clear();
  const std::size_t known = page.items.size();
  std::string error = parse(body, shape, max_items, page);
  if (error.empty()) return error;
  page.items.resize(known);
  if (const std::string valid = to_valid_utf8(body); valid != body) error = parse(valid, shape, max_items, page);
  if (!error.empty()) page.items.resize(known);
  return error;
}

}  // namespace virt
