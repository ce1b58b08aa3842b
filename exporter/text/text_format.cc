// SPDX-License-Identifier: Apache-2.0
#include "exporter/text/text_format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>
#include <string_view>

#include "exporter/text/utf8.h"

namespace virt {
namespace {

using namespace std::string_view_literals;

std::string escaped(std::string_view raw, std::string_view special) {
  std::string text;
  while (true) {
    const auto plain = raw.substr(0, raw.find_first_of(special));
    text += plain;
    if (plain.size() == raw.size()) return text;
    text += '\\';
    text += raw[plain.size()] == '\n' ? 'n' : raw[plain.size()];
    raw.remove_prefix(plain.size() + 1);
  }
}

constexpr std::string_view kSpecialInHelp = "\\\n", kSpecialInLabel = "\\\n\"";

// Whether it needs no change, as nearly all values.
bool is_plain(std::string_view value) {
  static constexpr auto kPlain = [] {
    std::array<bool, 256> plain{};
    for (int c = 0; c < 128; ++c)
      plain[static_cast<std::size_t>(c)] = kSpecialInLabel.find(static_cast<char>(c)) == std::string_view::npos;
    return plain;
  }();
  return std::all_of(value.begin(), value.end(), [](char c) { return kPlain[static_cast<unsigned char>(c)]; });
}

void append_plain(std::string_view name, std::string_view value, Text& text) {
  char* at = write_text(name, text.room(name.size() + value.size() + 3));
  *at++ = '=';
  *at++ = '"';
  at = write_text(value, at);
  *at++ = '"';
  text.wrote(at);
}

// Below it whole numbers are written as such. And decimals with up to 15 digits are all different doubles: so one that
// reads back as the number is the shortest text of it.
constexpr double kExact = 1e15;

// Nearly all fractions are seconds that libvirt gave in whole nanoseconds or milliseconds. These are found several
// times as fast as the shortest text of any double. Nothing if it is another one.
char* write_seconds(double number, char* at) {
  constexpr long long kSecond = 1'000'000'000;
  constexpr double kPerSecond = kSecond, kLeast = 1e-3;  // below it the exponent may be shorter
  if (!(number >= kLeast && number < kExact / kPerSecond)) return nullptr;
  const auto nanoseconds = static_cast<long long>(number * kPerSecond + 0.5);
  if (static_cast<double>(nanoseconds) / kPerSecond != number) return nullptr;
  char* const point = std::to_chars(at, at + kLongestNumber, nanoseconds / kSecond).ptr;
  // The digits of the fraction after a 1, which keeps its zeros and gives way to the point.
  char* end = std::to_chars(point, at + kLongestNumber, kSecond + nanoseconds % kSecond).ptr;
  *point = '.';
  while (end[-1] == '0') --end;
  return end;
}

}  // namespace

char* write_number(double number, char* at) {
  if (std::abs(number) < kExact) {
    const auto whole = static_cast<long long>(number);
    if (static_cast<double>(whole) == number) return std::to_chars(at, at + kLongestNumber, whole).ptr;
    if (char* const end = write_seconds(number, at)) return end;
  }
  if (std::isnan(number)) return write_text("NaN", at);
  if (std::isinf(number)) return write_text(number > 0 ? "+Inf" : "-Inf", at);
  return std::to_chars(at, at + kLongestNumber, number).ptr;
}

void append_head(std::string_view name, std::string_view help, std::string_view type, Text& text) {
  for (const std::string_view part : {"# HELP "sv, name, " "sv}) text.append(part);
  text.append(is_plain(help) ? help : std::string_view{escaped(to_valid_utf8(help), kSpecialInHelp)});
  for (const std::string_view part : {"\n# TYPE "sv, name, " "sv, type, "\n"sv}) text.append(part);
}

void append_label(std::string_view name, std::string_view value, Text& text) {
  if (!is_plain(value)) return append_plain(name, escaped(to_valid_utf8(value), kSpecialInLabel), text);
  append_plain(name, value, text);
}

}  // namespace virt
