// SPDX-License-Identifier: Apache-2.0
// Prometheus' text exposition format, version 0.0.4: how its parts are spelled. prometheus-cpp's TextSerializer costs
// ten times as much, keeps 16 digits, does not escape HELP and writes a _sum for histograms that have none.
#ifndef VIRT_EXPORTER_TEXT_TEXT_FORMAT_H_
#define VIRT_EXPORTER_TEXT_TEXT_FORMAT_H_

#include <cstddef>
#include <string_view>

#include "exporter/text/pieces.h"

namespace virt {

inline constexpr char kTextContentType[] = "text/plain; version=0.0.4; charset=utf-8";

// These append to `text`.
// The lines before a family's samples; `type` is "counter", "gauge" or "histogram".
void append_head(std::string_view name, std::string_view help, std::string_view type, Text& text);
// `name="value"`, escaped. Bytes that are not UTF-8 become U+FFFD: one of them would cost the whole scrape.
void append_label(std::string_view name, std::string_view value, Text& text);

// The shortest text that reads back as the same double.
inline constexpr std::size_t kLongestNumber = 24;  // "-2.2250738585072014e-308"
// Writes it where there is room, and gives the end of what it wrote.
char* write_number(double number, char* at);

// A line; `labels` are in their braces, or empty.
inline void write_sample(std::string_view name, std::string_view labels, double value, Pieces& pieces) {
  char* at = pieces.room(name.size() + labels.size() + kLongestNumber + 2);
  at = write_text(labels, write_text(name, at));
  *at++ = ' ';
  at = write_number(value, at);
  *at++ = '\n';
  pieces.wrote(at);
}

}  // namespace virt

#endif  // VIRT_EXPORTER_TEXT_TEXT_FORMAT_H_
