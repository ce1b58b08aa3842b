// SPDX-License-Identifier: Apache-2.0
#ifndef VIRT_EXPORTER_LIBVIRT_XML_NUMBER_H_
#define VIRT_EXPORTER_LIBVIRT_XML_NUMBER_H_

#include <charconv>
#include <optional>
#include <string_view>

namespace virt {

// The whole of `text` as a number that is not negative; nothing if it is anything else.
inline std::optional<double> xml_number(std::string_view text) {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed);
  if (error != std::errc{} || end != text.data() + text.size() || !(value >= 0)) return std::nullopt;
  return value;
}

}  // namespace virt

#endif  // VIRT_EXPORTER_LIBVIRT_XML_NUMBER_H_
