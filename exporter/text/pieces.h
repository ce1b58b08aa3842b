// SPDX-License-Identifier: Apache-2.0
// Text that is written in place, and given away piece by piece.
#ifndef VIRT_EXPORTER_TEXT_PIECES_H_
#define VIRT_EXPORTER_TEXT_PIECES_H_

#include <algorithm>
#include <cstddef>
#include <functional>
#include <string_view>
#include <utility>
#include <vector>

namespace virt {

// Writes at a place where there is room, and gives the end of what it wrote.
inline char* write_text(std::string_view text, char* at) { return std::copy(text.begin(), text.end(), at); }

// A text that grows.
class Text {
 public:
  // Where so many characters may be written next, until the next call.
  char* room(std::size_t size) {
    if (chars_.size() < used_ + size) chars_.resize(std::max(used_ + size, 2 * chars_.size()));
    return chars_.data() + used_;
  }
  // They were, up to `end`.
  void wrote(const char* end) { used_ = static_cast<std::size_t>(end - chars_.data()); }
  void append(std::string_view text) { wrote(write_text(text, room(text.size()))); }

  // Goes back, or on, to where there was room; what is there stays.
  void resume_at(std::size_t size) { used_ = size; }
  char* data() { return chars_.data(); }
  std::size_t size() const { return used_; }
  bool empty() const { return used_ == 0; }
  std::string_view view() const { return {chars_.data(), used_}; }

 private:
  std::vector<char> chars_;
  std::size_t used_ = 0;
};

// Part of a text. So much of the memory right before it may be overwritten: what goes out before it, such as the
// headers of an answer, goes out with it.
struct Piece {
  static constexpr std::size_t kMargin = 256;

  char* begin;
  std::size_t size;

  std::string_view text() const { return {begin, size}; }
};

// Takes a text piece by piece.
using Sink = std::function<void(const Piece&)>;

// Gives a text to a sink in pieces of some 64 KiB, which stay in a cache, so that the whole is never in memory.
class Pieces {
 public:
  explicit Pieces(Sink sink) : sink_(std::move(sink)) {
    text_.room(Piece::kMargin + kSize + kMore);
    begin();
  }

  // As those of Text.
  char* room(std::size_t size) {
    if (text_.size() >= Piece::kMargin + kSize) finish();
    return text_.room(size);
  }
  void wrote(const char* end) { text_.wrote(end); }
  void append(std::string_view text) { wrote(write_text(text, room(text.size()))); }

  // Gives what is left. What the sink throws leaves this, and so each function that writes; the piece is not given
  // again.
  void finish() {
    const Piece piece{text_.data() + Piece::kMargin, text_.size() - Piece::kMargin};
    begin();
    if (piece.size == 0) return;
    has_sink_failed_ = true;
    sink_(piece);
    has_sink_failed_ = false;
  }

  // Whether the sink threw: then the text has a hole and is not to be continued.
  bool has_sink_failed() const { return has_sink_failed_; }

 private:
  static constexpr std::size_t kSize = 64 * 1024, kMore = 1024;

  void begin() { text_.resume_at(Piece::kMargin); }

  const Sink sink_;
  Text text_;
  bool has_sink_failed_ = false;
};

}  // namespace virt

#endif  // VIRT_EXPORTER_TEXT_PIECES_H_
