// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_TEXT_NUMBER_H_
#define VIRT_EXPORTER_TEXT_NUMBER_H_

#include <charconv>
#include <optional>
#include <string_view>
#include <system_error>

namespace virt {

// The whole of `text` as a number, in any locale; nothing if it is anything else, or too large. `format` is a
// std::chars_format for a floating-point number, or nothing.
template <typename Number, typename... Format>
std::optional<Number> to_number(std::string_view text, Format... format) {
  Number number{};
  const char* const last = text.data() + text.size();
  const auto [end, error] = std::from_chars(text.data(), last, number, format...);
  if (error != std::errc{} || end != last) return std::nullopt;
  return number;
}

}  // namespace virt

#endif  // VIRT_EXPORTER_TEXT_NUMBER_H_
