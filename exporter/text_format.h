// SPDX-License-Identifier: Apache-2.0
// Prometheus' text exposition format, version 0.0.4: how its parts are spelled. prometheus-cpp's TextSerializer costs
// ten times as much, keeps 16 digits, does not escape HELP and writes a _sum for histograms that have none.
#ifndef VIRT_EXPORTER_TEXT_FORMAT_H_
#define VIRT_EXPORTER_TEXT_FORMAT_H_

#include <functional>
#include <string>
#include <string_view>

namespace virt {

inline constexpr char kTextContentType[] = "text/plain; version=0.0.4; charset=utf-8";

// Each appends to `text`.
// The lines before a family's samples; `type` is "counter", "gauge" or "histogram".
void append_head(std::string_view name, std::string_view help, std::string_view type, std::string& text);
// `name="value"`, escaped. Bytes that are not UTF-8 become U+FFFD: one of them would cost the whole scrape.
void append_label(std::string_view name, std::string_view value, std::string& text);
// The shortest text that reads back as the same double.
void append_number(double number, std::string& text);

// Takes a text piece by piece.
using Sink = std::function<void(std::string_view)>;

// Gives a text to a sink in pieces of some 64 KiB, so that the whole is never in memory.
class Pieces {
 public:
  explicit Pieces(const Sink& sink) : sink_(sink) { text_.reserve(kSize + kSize / 8); }

  // What is written now; to be appended to.
  std::string& text() { return text_; }
  // Called now and then.
  void give_if_large() {
    if (text_.size() >= kSize) give();
  }
  // The last one.
  void finish() {
    if (!text_.empty()) give();
  }

 private:
  static constexpr std::size_t kSize = 64 * 1024;

  void give() {
    sink_(text_);
    text_.clear();
  }

  const Sink& sink_;
  std::string text_;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_TEXT_FORMAT_H_
