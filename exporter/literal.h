// SPDX-License-Identifier: Apache-2.0
// Texts that the compiler knows, and the names among them that Prometheus takes. One bad name would cost it the whole
// scrape, so a plug-in with one does not compile.
#ifndef VIRT_EXPORTER_LITERAL_H_
#define VIRT_EXPORTER_LITERAL_H_

#include <algorithm>
#include <string_view>

#if defined(__clang__) && __clang_major__ < 16  // crashes where a table has such members
#define VIRT_EXPORTER_CONSTEVAL constexpr
#else
#define VIRT_EXPORTER_CONSTEVAL consteval
#endif

namespace virt {

// A string literal, or a part of one. A text that is made at run time does not compile.
class Literal : public std::string_view {
 public:
  VIRT_EXPORTER_CONSTEVAL Literal(const char* text) : std::string_view(text) {}  // NOLINT(google-explicit-constructor)
  explicit VIRT_EXPORTER_CONSTEVAL Literal(std::string_view part) : std::string_view(part) {}
};

constexpr bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
constexpr bool is_word(char c) { return is_letter(c) || (c >= '0' && c <= '9'); }

// Letters, digits and underscores. Names that begin with two underscores are Prometheus' own.
constexpr bool is_label_name(std::string_view name) {
  return !name.empty() && is_letter(name[0]) && !name.starts_with("__") && std::ranges::all_of(name, is_word);
}

// Letters, digits, underscores, colons, and one '*' at most: not in front, as what it stands for may begin with a
// digit.
constexpr bool is_family_name(std::string_view name) {
  return !name.empty() && (is_letter(name[0]) || name[0] == ':') && std::ranges::count(name, '*') <= 1 &&
         std::ranges::all_of(name, [](char c) { return is_word(c) || c == ':' || c == '*'; });
}

// Not constexpr, so that the compiler refuses what would call them, and says their names.
inline void this_is_not_a_label_name() {}
inline void this_is_not_a_family_name() {}

class LabelName : public Literal {
 public:
  // NOLINTNEXTLINE(google-explicit-constructor)
  VIRT_EXPORTER_CONSTEVAL LabelName(const char* name) : LabelName(std::string_view{name}) {}
  explicit VIRT_EXPORTER_CONSTEVAL LabelName(std::string_view part) : Literal(part) {
    if (!is_label_name(part)) this_is_not_a_label_name();
  }
};

class FamilyName : public Literal {
 public:
  VIRT_EXPORTER_CONSTEVAL FamilyName(const char* name) : Literal(name) {  // NOLINT(google-explicit-constructor)
    if (!is_family_name(name)) this_is_not_a_family_name();
  }
};

}  // namespace virt

#endif  // VIRT_EXPORTER_LITERAL_H_
