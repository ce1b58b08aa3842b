// SPDX-License-Identifier: Apache-2.0
// Prometheus' text exposition format, version 0.0.4: how its parts are spelled. prometheus-cpp's TextSerializer costs
// ten times as much, keeps 16 digits, does not escape HELP and writes a _sum for histograms that have none.
#ifndef VIRT_EXPORTER_TEXT_FORMAT_H_
#define VIRT_EXPORTER_TEXT_FORMAT_H_

#include <algorithm>
#include <cstring>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace virt {

inline constexpr char kTextContentType[] = "text/plain; version=0.0.4; charset=utf-8";

// These append to `text`.
// The lines before a family's samples; `type` is "counter", "gauge" or "histogram".
void append_head(std::string_view name, std::string_view help, std::string_view type, std::string& text);
// `name="value"`, escaped. Bytes that are not UTF-8 become U+FFFD: one of them would cost the whole scrape.
void append_label(std::string_view name, std::string_view value, std::string& text);

// These write at a place where there is room, and give the end of what they wrote.
inline char* write_text(std::string_view text, char* at) {
  std::memcpy(at, text.data(), text.size());
  return at + text.size();
}
// The shortest text that reads back as the same double.
inline constexpr std::size_t kLongestNumber = 24;  // "-2.2250738585072014e-308"
char* write_number(double number, char* at);

// Takes a text piece by piece.
using Sink = std::function<void(std::string_view)>;

// Gives a text to a sink in pieces of some 64 KiB, which stay in a cache, so that the whole is never in memory.
class Pieces {
 public:
  explicit Pieces(const Sink& sink) : sink_(sink) {}

  // Where so many characters of the text may be written next, until the next call.
  char* room(std::size_t size) {
    if (used_ >= kSize) finish();
    if (text_.size() < used_ + size) text_.resize(std::max(used_ + size, std::min(2 * text_.size(), kSize + kMore)));
    return text_.data() + used_;
  }
  // They were, up to `end`.
  void wrote(const char* end) { used_ = static_cast<std::size_t>(end - text_.data()); }
  void append(std::string_view text) { wrote(write_text(text, room(text.size()))); }
  // Gives what is left.
  void finish() {
    if (used_ > 0) sink_({text_.data(), std::exchange(used_, 0)});
  }

 private:
  static constexpr std::size_t kSize = 64 * 1024, kMore = 8 * 1024;

  const Sink& sink_;
  std::vector<char> text_;
  std::size_t used_ = 0;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_TEXT_FORMAT_H_
