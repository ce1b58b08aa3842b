// SPDX-License-Identifier: Apache-2.0
#include "exporter/text_format.h"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "exporter/utf8.h"

namespace virt {
namespace {

template <typename Number>
void append_chars(Number number, std::string& text) {
  char buffer[32];
  text.append(buffer, std::to_chars(buffer, buffer + sizeof buffer, number).ptr);
}

bool is_special_in_help(char c) { return c == '\\' || c == '\n'; }
bool is_special_in_label(char c) { return c == '"' || is_special_in_help(c); }

void append_escaped(std::string_view raw, bool (*is_special)(char), std::string& text) {
  for (const char c : raw) {
    if (is_special(c)) text += '\\';
    text += c == '\n' ? 'n' : c;
  }
}

// As nearly all values are; several characters at a time.
bool is_plain(std::string_view value) {
  return std::count_if(value.begin(), value.end(),
                       [](char c) { return is_special_in_label(c) || static_cast<unsigned char>(c) >= 0x80; }) == 0;
}

}  // namespace

void append_number(double number, std::string& text) {
  if (std::isnan(number)) {
    text += "NaN";
  } else if (std::isinf(number)) {
    text += number > 0 ? "+Inf" : "-Inf";
  } else if (number == std::trunc(number) && std::abs(number) < 1e15) {
    append_chars(static_cast<long long>(number), text);
  } else {
    append_chars(number, text);
  }
}

void append_head(std::string_view name, std::string_view help, std::string_view type, std::string& text) {
  text.append("# HELP ").append(name).append(" ");
  append_escaped(help, is_special_in_help, text);
  text.append("\n# TYPE ").append(name).append(" ").append(type).append("\n");
}

void append_label(std::string_view name, std::string_view value, std::string& text) {
  text.append(name).append("=\"");
  if (is_plain(value))
    text += value;
  else
    append_escaped(to_valid_utf8(value), is_special_in_label, text);
  text += '"';
}

}  // namespace virt
