// SPDX-License-Identifier: Apache-2.0
#include "exporter/text/utf8.h"

#include <algorithm>

namespace virt {
namespace {

unsigned char byte_at(std::string_view bytes, std::size_t i) { return static_cast<unsigned char>(bytes[i]); }

// The length of the valid sequence that `bytes` begins with, or 0 (Unicode 15, table 3-7).
std::size_t sequence_length(std::string_view bytes) {
  const unsigned char first = byte_at(bytes, 0);
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return 0;
  const std::size_t length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (bytes.size() < length) return 0;
  const unsigned char low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned char high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (byte_at(bytes, 1) < low || byte_at(bytes, 1) > high) return 0;
  for (std::size_t i = 2; i < length; ++i)
    if ((byte_at(bytes, i) & 0xC0) != 0x80) return 0;
  return length;
}

}  // namespace

std::string to_valid_utf8(std::string_view bytes) {
  if (std::all_of(bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }))
    return std::string{bytes};
  std::string valid;
  while (!bytes.empty()) {
    const std::size_t length = sequence_length(bytes);
    valid += length == 0 ? std::string_view{"\xEF\xBF\xBD"} : bytes.substr(0, length);
    bytes.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return valid;
}

std::string_view cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text;
  constexpr std::size_t kLongest = 4;  // character
  std::size_t size = most;
  while (size > 0 && size + kLongest > most && (byte_at(text, size) & 0xC0) == 0x80) --size;
  return text.substr(0, size);
}

}  // namespace virt
